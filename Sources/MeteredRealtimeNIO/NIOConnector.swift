public import MeteredRealtime
public import NIOCore
import NIOPosix
public import NIOSSL

/// Real sockets: NIO's resolver and its Happy Eyeballs (RFC 8305), TCP, and TLS with verification of the certificate chain and of the host name.
public struct NIOConnector: Connector {
    /// How TLS is done.
    public struct TLS: Sendable {
        /// The certificates to trust: the operating system's by default.
        public var trustRoots: NIOSSLTrustRoots

        /// Further certificates to trust, beside ``trustRoots``.
        public var additionalTrustRoots: [NIOSSLCertificate]

        /// - Parameters:
        ///   - trustRoots: The certificates to trust.
        ///   - additionalTrustRoots: Further ones, for example a company's own.
        public init(trustRoots: NIOSSLTrustRoots = .default, additionalTrustRoots: [NIOSSLCertificate] = []) {
            self.trustRoots = trustRoots
            self.additionalTrustRoots = additionalTrustRoots
        }
    }

    /// The loop on which the client lives.
    public let eventLoop: any EventLoop

    private let context: NIOSSLContext
    private let connectTimeout: TimeAmount

    /// - Parameters:
    ///   - eventLoop: A loop of NIOPosix.
    ///   - tls: The certificates to trust.
    ///   - connectTimeout: A limit for TCP alone. The client's own limit (SIG-09) covers name resolution, TCP, TLS and the upgrade together.
    /// - Throws: What NIOSSL says if the certificates cannot be loaded.
    public init(eventLoop: any EventLoop, tls: TLS = TLS(), connectTimeout: TimeAmount = .seconds(10)) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.trustRoots = tls.trustRoots
        configuration.additionalTrustRoots = [.certificates(tls.additionalTrustRoots)]
        configuration.applicationProtocols = ["http/1.1"]
        // A dead path never answers the close; the socket must not outlive the client by long.
        configuration.shutdownTimeout = .seconds(1)
        context = try NIOSSLContext(configuration: configuration)
        self.eventLoop = eventLoop
        self.connectTimeout = connectTimeout
    }

    /// Resolves, connects and, if asked, completes the TLS handshake.
    public func connect(host: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
        connect(host: host, port: port, tls: tls, abandoned: eventLoop.makeFailedFuture(CancellationError()))
    }

    /// Resolves, connects and, if asked, completes the TLS handshake; stops as soon as `abandoned` succeeds.
    public func connect(host: String, port: Int, tls: Bool, abandoned: EventLoopFuture<Void>) -> EventLoopFuture<any Channel> {
        let connection = ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                abandoned.whenSuccess { channel.close(promise: nil) }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .connect(host: host, port: port)
        guard tls else { return connection }
        let context = context
        // Happy Eyeballs may dial several addresses at once: TLS begins on the one that won.
        return connection.flatMap { channel in
            let completed = channel.eventLoop.makePromise(of: Void.self)
            do {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(try NIOSSLClientHandler(context: context, serverHostname: Self.serverName(host)))
                try pipeline.addHandler(HandshakeHandler(completed))
            } catch { completed.fail(error) }
            completed.futureResult.whenFailure { _ in channel.close(promise: nil) }
            return completed.futureResult.map { channel }
        }
    }

    /// Server Name Indication takes no address literals (RFC 6066 section 3).
    private static func serverName(_ host: String) -> String? {
        (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }
}
