import NIOCore
import SimulationKernel

/// Two hosts with nothing between them but a delay and a switch: the smallest world in which TCP can be measured by itself.
final class BackToBackHosts {
    let simulation: Simulation
    let left: EndHost
    let right: EndHost
    /// What becomes of a packet; by default it passes.
    var filter: (IPPacket, _ fromLeft: Bool) -> Verdict = { _, _ in .pass }

    enum Verdict {
        case pass
        case drop
        case refuse(SendResult)
        /// A router on the way answers with an ICMP error.
        case answer(ICMPMessage.Kind)
    }

    init(seed: UInt64, oneWayDelay: TimeAmount, profile: TCPProfile = .linux) {
        simulation = Simulation(seed: seed)
        left = EndHost(name: "left", address: .v4(0x0A00_0001), simulation: simulation)
        right = EndHost(name: "right", address: .v4(0x0A00_0002), simulation: simulation)
        left.tcp = TCPStack(on: left, profile: profile)
        right.tcp = TCPStack(on: right, profile: profile)
        for (host, peer, isLeft) in [(left, right, true), (right, left, false)] {
            host.carry = { [unowned self, unowned host, unowned peer] packet in
                switch filter(packet, isLeft) {
                case .pass:
                    simulation.schedule(in: oneWayDelay) { peer.receive(packet) }
                    return .sent
                case .drop:
                    return .sent
                case .refuse(let result):
                    return result
                case .answer(let kind):
                    let answer = IPPacket(
                        source: packet.destination, destination: packet.source, payload: .icmp(.init(kind, quoting: packet)))
                    simulation.schedule(in: oneWayDelay) { host.receive(answer) }
                    return .sent
                }
            }
        }
    }

    /// The hosts must outlive what runs on them: end with this.
    func finish() { simulation.shutdown() }

    func run(until time: TimeAmount) { simulation.run(until: .uptimeNanoseconds(0) + time) }
}

/// A host with one address and nothing but TCP.
final class EndHost: IPStack {
    let name: String
    let address: IPAddress
    let simulation: Simulation
    let eventLoop: SimulatedEventLoop
    let systemLoop: SimulatedEventLoop
    var tcp: TCPStack!
    var answersUnknown = true
    var carry: (IPPacket) -> SendResult = { _ in .noRoute }
    var onAddressRemoved: [(IPAddress) -> Void] = []
    var onLifecycle: [(HostLifecycleEvent) -> Void] = []
    var maximumTransmissionUnit = 1_500
    var events: [TCPEvent.Kind] = []
    private var receiver: (IPPacket) -> Void = { _ in }

    init(name: String, address: IPAddress, simulation: Simulation) {
        self.name = name
        self.address = address
        self.simulation = simulation
        eventLoop = simulation.makeEventLoop(name: name)
        systemLoop = simulation.makeEventLoop(name: "\(name) kernel")
    }

    func send(_ packet: IPPacket) -> SendResult {
        packet.wireBytes > maximumTransmissionUnit ? .messageTooLong(maximumTransmissionUnit: maximumTransmissionUnit) : carry(packet)
    }
    func receive(_ packet: IPPacket) { receiver(packet) }
    func sourceAddress(for destination: IPAddress) -> IPAddress? { destination.family == address.family ? address : nil }
    func hasRoute(_ family: IPFamily) -> Bool { family == address.family }
    func maximumTransmissionUnit(from source: IPAddress) -> Int { maximumTransmissionUnit }
    func setReceiver(for transportProtocol: IPProtocol, _ receive: @escaping (IPPacket) -> Void) { receiver = receive }

    func resolve(_ name: String, family: IPFamily, completion: @escaping (Result<[IPAddress], DNSError>) -> Void) {
        let result: Result<[IPAddress], DNSError>
        if let literal = IPAddress(name) {
            result = .success(literal.family == family ? [literal] : [])
        } else {
            result = .failure(.nameNotFound(name))
        }
        eventLoop.schedule(at: eventLoop.now) { completion(result) }
    }

    func report(_ kind: NetworkEvent.Kind) {
        if case .tcp(let event) = kind { events.append(event.kind) }
    }
}
