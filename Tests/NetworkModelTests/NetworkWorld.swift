import NIOCore
import SimulationKernel

@testable import NetworkModel

/// A small world for one test: a simulation, a network, and everything that happened in it.
final class NetworkWorld {
    let simulation: Simulation
    let network: Network
    private(set) var events: [NetworkEvent] = []

    init(seed: UInt64 = 1) {
        simulation = Simulation(seed: seed)
        network = Network(simulation: simulation)
        network.observe = { [unowned self] in events.append($0) }
    }

    deinit {
        // Closing what is open makes events, and this object is going.
        network.observe = nil
        simulation.shutdown()
    }

    func run(for time: TimeAmount) { simulation.run(until: simulation.now + time) }

    func at(_ time: TimeAmount, _ body: @escaping () -> Void) { simulation.schedule(at: .zero + time, body) }

    /// The reasons of all drops so far.
    var drops: [DropReason] {
        events.compactMap { if case .packetDropped(_, let reason) = $0.kind { reason } else { nil } }
    }

    var natEvents: [NATEvent] {
        events.compactMap { if case .nat(let event) = $0.kind { event } else { nil } }
    }

    /// Two hosts "left" and "right"; the left one's access link has the given conditions both ways, all else is ideal.
    func pair(_ conditions: LinkConditions) -> (left: Endpoint, right: Endpoint) {
        let profile = AccessProfile(kind: .ethernet, access: LinkProfile(conditions), ipv4: .publicAddresses)
        let left = network.addClient("left", on: [("eth0", profile)])
        let right = network.addServer("right", on: network.addAccessNetwork("right", .ideal))
        return (Endpoint(left), Endpoint(right))
    }
}

extension NIODeadline {
    static let zero = NIODeadline.uptimeNanoseconds(0)
    var sinceStart: TimeAmount { self - .zero }
}

/// A host with one UDP socket, and what arrived at it.
final class Endpoint {
    let host: Host
    let socket: UDPSocket
    private(set) var received: [(time: TimeAmount, datagram: UDPSocket.Received)] = []
    private(set) var failures: [UDPSocket.Failure] = []

    init(_ host: Host, _ address: IPAddress? = nil, port: UInt16 = 4_000) {
        self.host = host
        do { socket = try host.bindUDP(address, port: port) } catch { preconditionFailure("\(error)") }
        // Weak: a test's last use of an endpoint may be before its world runs.
        socket.onReceive = { [weak self] in self?.received.append((host.simulation.now.sinceStart, $0)) }
        socket.onFailure = { [weak self] in self?.failures.append($0) }
    }

    /// The host's IPv4 address with the socket's port.
    var address: TransportAddress { TransportAddress(host.sourceAddress(for: .v4(1))!, socket.local.port) }

    @discardableResult
    func send(_ text: String, to remote: TransportAddress) -> SendResult { socket.send(ByteBuffer(string: text), to: remote) }

    /// Sends numbered datagrams of `bytes` bytes on the wire: all at once, or one per interval.
    func send(count: Int, bytes: Int = 100, every interval: TimeAmount = .zero, to remote: TransportAddress) {
        for number in 0..<count {
            var payload = ByteBuffer(integer: UInt32(number))
            payload.writeRepeatingByte(0, count: bytes - 28 - 4)
            if interval == .zero {
                socket.send(payload, to: remote)
            } else {
                let time = host.simulation.now + .nanoseconds(interval.nanoseconds * Int64(number))
                host.simulation.schedule(at: time) { [socket] in socket.send(payload, to: remote) }
            }
        }
    }

    var texts: [String] { received.map { String(buffer: $0.datagram.payload) } }
    var numbers: [UInt32] { received.compactMap { $0.datagram.payload.getInteger(at: $0.datagram.payload.readerIndex) } }
}

func ip(_ text: String) -> IPAddress { IPAddress(text)! }
