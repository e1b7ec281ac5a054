public import NIOCore

/// The source of byte streams: everything the SDK knows about the network.
///
/// `MeteredRealtimeNIO` implements it with real sockets; a simulation implements it with simulated ones.
public protocol Connector: Sendable {
    /// The loop on which everything of a client runs: channels, timers and the client's own state.
    var eventLoop: any EventLoop { get }

    /// Resolves `host`, opens a TCP connection and, if `tls` is set, completes the TLS handshake with `host` as the server name.
    ///
    /// The future completes once bytes can flow. The channel must belong to ``eventLoop``, have `autoRead` on and carry no handlers that expect
    /// anything but bytes. The caller owns the time limit: a channel that arrives after the caller gave up is closed by the caller.
    /// - Parameters:
    ///   - host: A host name or an address literal, without brackets.
    ///   - port: The TCP port, 1...65535.
    ///   - tls: Whether TLS is wanted (a `wss:` URL).
    func connect(host: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel>

    /// The same, for a connector that can stop half way.
    ///
    /// `abandoned` succeeds when nobody wants the connection any more, and fails once it does not matter: lookup, handshake and retransmissions should
    /// then end at once instead of going on in the background. The default ignores it.
    func connect(host: String, port: Int, tls: Bool, abandoned: EventLoopFuture<Void>) -> EventLoopFuture<any Channel>
}

extension Connector {
    /// Connects without a way to stop half way.
    public func connect(host: String, port: Int, tls: Bool, abandoned: EventLoopFuture<Void>) -> EventLoopFuture<any Channel> {
        connect(host: host, port: port, tls: tls)
    }
}
