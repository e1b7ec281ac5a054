import NIOCore
import SimulationKernel

/// The laboratory's load: both ends of one connection send a small message every 200 ms.
final class MessageExchange: EventTarget {
    /// Of the laboratory: 13 to 20 bytes a WebSocket frame.
    static let messageBytes = 18
    /// Of the laboratory: each side sleeps 200 ms and then works for a moment, so that the two drift against each other.
    static let period: ClosedRange<TimeAmount> = .microseconds(200_300) ... .microseconds(201_900)
    /// Of the laboratory: the round trip is under 0.2 ms.
    static let oneWayDelay = TimeAmount.microseconds(40)

    let hosts: BackToBackHosts
    private(set) var client: Participant! = nil
    private(set) var server: Participant?
    private let random: RandomStream
    private var isSending = true

    /// One end: when it last heard of the other, and how it ended.
    final class Participant: TCPSocketOwner {
        let socket: TCPSocket
        private let simulation: Simulation
        private(set) var arrivals: [NIODeadline] = []
        private(set) var failure: (error: TCPError, time: NIODeadline)?

        init(_ socket: TCPSocket, simulation: Simulation) {
            self.socket = socket
            self.simulation = simulation
            socket.owner = self
        }

        func send() {
            var bytes = ByteBuffer(repeating: 0, count: MessageExchange.messageBytes)
            socket.write(&bytes)
        }

        func firstArrival(after time: NIODeadline) -> NIODeadline? { arrivals.first { $0 > time } }

        func socketConnected() {}
        func socketReceived(_ bytes: ByteBuffer) { arrivals.append(simulation.now) }
        func socketReachedEndOfFile() {}
        func socketBecameWritable() {}
        func socketFailed(_ error: TCPError) { failure = (error, simulation.now) }
    }

    /// - Parameter serverLag: how long after the client the server sends its messages.
    init(seed: UInt64, profile: TCPProfile = .linux, options: TCPSocketOptions = TCPSocketOptions(), serverLag: TimeAmount) throws(TCPError)
    {
        hosts = BackToBackHosts(seed: seed, oneWayDelay: Self.oneWayDelay, profile: profile)
        let simulation = hosts.simulation
        random = simulation.random("messages")
        _ = try hosts.right.tcp.listen(port: 9_000) { [unowned self] in server = Participant($0, simulation: simulation) }
        let socket = try hosts.left.tcp.connect(to: TransportAddress(hosts.right.address, 9_000), options: options)
        client = Participant(socket, simulation: simulation)
        let start = simulation.now + .milliseconds(10)
        simulation.schedule(at: start, target: self, argument: 0)
        simulation.schedule(at: start + serverLag, target: self, argument: 1)
    }

    func fire(_ argument: UInt64) {
        guard isSending else { return }
        let sender = argument == 0 ? client : server
        sender?.send()
        hosts.simulation.schedule(at: hosts.simulation.now + random.uniform(Self.period), target: self, argument: argument)
    }

    /// Drops everything from `start` for `length`.
    func blackout(from start: NIODeadline, for length: TimeAmount) {
        let simulation = hosts.simulation
        hosts.filter = { _, _ in simulation.now >= start && simulation.now < start + length ? .drop : .pass }
    }

    func finish() {
        isSending = false
        hosts.finish()
    }
}
