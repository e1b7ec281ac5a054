import NIOCore
import SimulationKernel

extension TCPStack {
    /// Connects to a name or an IP literal: DNS, TCP and, if wanted, TLS. The future completes on the host's application loop when bytes can
    /// flow, with a channel that is active and has no handlers yet; add them in a callback on that loop, before anything is read.
    ///
    /// Fails with ``ConnectError``. If the caller has lost interest, it closes the channel that arrives late.
    ///
    /// - Parameters:
    ///   - host: a name, or an IPv4 or IPv6 literal.
    ///   - port: 1 to 65,535.
    ///   - abandoned: succeeds on the host's application loop when nobody wants the connection any more: everything of it ends at once.
    public func connect(
        host: String, port: Int, tls: Bool, options: ConnectOptions = ConnectOptions(), abandoned: EventLoopFuture<Void>? = nil
    ) -> EventLoopFuture<any Channel> {
        guard let port = UInt16(exactly: port), port > 0 else {
            return ip.eventLoop.makeFailedFuture(ConnectError.tcp(.addressNotAvailable, TransportAddress(.anyV4, 0)))
        }
        let dial = Dial(stack: self, host: host, port: port, usesTLS: tls, options: options)
        abandoned?.assumeIsolated().whenSuccess { dial.abandon() }
        return dial.start()
    }

    /// Listens on a port of all addresses and makes a channel of each connection, after its TLS handshake if there is TLS.
    ///
    /// As with SwiftNIO's `ServerBootstrap`, `initializer` adds the handlers; the channel becomes active when its future succeeds, and is closed
    /// when that fails. Throws ``TCPError/addressInUse``.
    public func listen(
        port: Int, tls: TLSServerOptions?, backlog: Int = 4_096, options: TCPSocketOptions = TCPSocketOptions(),
        initializer: @escaping (any Channel) -> EventLoopFuture<Void>
    ) throws(TCPError) -> TCPListener {
        guard let port = UInt16(exactly: port), port > 0 else { throw .addressNotAvailable }
        let loop = ip.eventLoop
        return try listen(port: port, backlog: backlog, options: options) { socket in
            let session = tls.map { TLSSession(role: .server($0.certificate), version: $0.version) }
            SocketTransport(socket: socket, loop: loop, session: session).start { result in
                switch result {
                case .success(let transport): Self.adopt(transport, initializer: initializer)
                case .failure: break  // the client's fault, and it knows
                }
            }
        }
    }

    private static func adopt(_ transport: SocketTransport, initializer: (any Channel) -> EventLoopFuture<Void>) {
        guard let channel = try? transport.makeChannel() else { preconditionFailure("an address of a connection is not an address") }
        channel.register()
        let box = NIOLoopBound(transport, eventLoop: channel.loop)
        initializer(channel).whenComplete { result in
            switch result {
            case .success: box.value.activate()
            case .failure: channel.close(promise: nil)
            }
        }
    }
}
