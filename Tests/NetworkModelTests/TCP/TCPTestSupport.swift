import NIOCore
import SimulationKernel

@testable import NetworkModel

/// Two hosts and a connection from left to right that records what its owners were told.
final class TCPPair {
    let hosts: BackToBackHosts
    let client = SocketRecorder()
    let server = SocketRecorder()
    private(set) var listener: TCPListener!

    init(
        seed: UInt64 = 1, oneWayDelay: TimeAmount = .milliseconds(10), profile: TCPProfile = .linux,
        options: TCPSocketOptions = TCPSocketOptions(), backlog: Int = 16, isListening: Bool = true
    ) throws {
        hosts = BackToBackHosts(seed: seed, oneWayDelay: oneWayDelay, profile: profile)
        guard isListening else { return }
        listener = try hosts.right.tcp.listen(port: 443, backlog: backlog) { [server] in server.adopt($0) }
        try connect(options: options)
    }

    func connect(options: TCPSocketOptions = TCPSocketOptions()) throws {
        client.adopt(try hosts.left.tcp.connect(to: TransportAddress(hosts.right.address, 443), options: options))
    }

    /// A pair whose handshake is done, at time 1 s.
    static func established(
        oneWayDelay: TimeAmount = .milliseconds(10), profile: TCPProfile = .linux, options: TCPSocketOptions = TCPSocketOptions()
    ) throws -> TCPPair {
        let pair = try TCPPair(oneWayDelay: oneWayDelay, profile: profile, options: options)
        pair.hosts.run(until: .seconds(1))
        return pair
    }

    var now: TimeAmount { hosts.simulation.now - .uptimeNanoseconds(0) }
    func run(for time: TimeAmount) { hosts.run(until: now + time) }
    func at(_ time: TimeAmount, _ body: @escaping () -> Void) { hosts.simulation.schedule(at: .uptimeNanoseconds(0) + time, body) }

    /// Drops everything in both directions from now on.
    func cut() { hosts.filter = { _, _ in .drop } }
    func heal() { hosts.filter = { _, _ in .pass } }
}

final class SocketRecorder: TCPSocketOwner {
    private(set) var socket: TCPSocket!
    private(set) var isConnected = false
    private(set) var bytes: [UInt8] = []
    private(set) var isAtEnd = false
    private(set) var writableCount = 0
    private(set) var error: TCPError?
    private(set) var failedAt: TimeAmount?
    var onWritable: () -> Void = {}

    func adopt(_ socket: TCPSocket) {
        self.socket = socket
        socket.owner = self
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func send(_ text: String) {
        var buffer = ByteBuffer(string: text)
        socket.write(&buffer)
    }

    func socketConnected() { isConnected = true }
    func socketReceived(_ buffer: ByteBuffer) { bytes += Array(buffer.readableBytesView) }
    func socketReachedEndOfFile() { isAtEnd = true }
    func socketBecameWritable() {
        writableCount += 1
        onWritable()
    }
    func socketFailed(_ error: TCPError) {
        self.error = error
        failedAt = Simulation.current.map { $0.now - .uptimeNanoseconds(0) }
    }
}
