public import Logging
public import MeteredRealtime
public import NIOPosix

extension SignallingClient {
    /// Makes a client on real sockets, on one of the process's shared event loops.
    /// - Parameters:
    ///   - url: The service's origin.
    ///   - credential: A publishable key or a token provider.
    ///   - options: The SPEC's values by default.
    ///   - tls: The certificates to trust; the operating system's by default.
    ///   - group: The event loops to take one from.
    ///   - logger: Gets what a developer wants to read.
    ///   - diagnostics: Gets everything, synchronously and in order, on the event loop.
    /// - Throws: ``SignallingError`` for a bad URL, option or credential; what NIOSSL says for bad certificates.
    public convenience init(
        url: String = SignallingClient.defaultURL,
        credential: Credential,
        options: SignallingOptions = SignallingOptions(),
        tls: NIOConnector.TLS = NIOConnector.TLS(),
        group: MultiThreadedEventLoopGroup = .singleton,
        logger: Logger = Logger(label: "metered-realtime"),
        diagnostics: (@Sendable (SignallingDiagnostic) -> Void)? = nil
    ) throws {
        try self.init(
            url: url, credential: credential, options: options, connector: NIOConnector(eventLoop: group.next(), tls: tls),
            logger: logger, diagnostics: diagnostics)
    }
}
