import NIOCore

extension Host {
    /// Connects to a name or an IP literal; see ``TCPStack/connect(host:port:tls:options:)``.
    public func connect(host: String, port: Int, tls: Bool, options: ConnectOptions = ConnectOptions()) -> EventLoopFuture<any Channel> {
        tcp.connect(host: host, port: port, tls: tls, options: options)
    }

    /// Listens on a port of all addresses; see ``TCPStack/listen(port:tls:backlog:options:initializer:)``. With TLS, the certificate is one that nobody doubts.
    public func listen(
        port: Int, tls: Bool, initializer: @escaping (any Channel) -> EventLoopFuture<Void>
    ) throws(TCPError) -> TCPListener {
        try tcp.listen(port: port, tls: tls ? TLSServerOptions() : nil, initializer: initializer)
    }
}
