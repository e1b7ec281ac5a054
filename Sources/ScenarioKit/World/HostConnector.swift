import DeterministicRuntime
import MeteredRealtime
import NIOCore
import NetworkModel

/// The SDK's byte seam over a simulated host: DNS, RFC 8305, TCP and TLS of the network model.
struct HostConnector: Connector {
    private let host: Confined<Host>
    private let options: ConnectOptions

    /// - Parameters:
    ///   - host: where the client runs.
    ///   - tlsVersion: what client and service agree on.
    init(host: Host, tlsVersion: TLSVersion) {
        self.host = Confined(host)
        // The SDK has its own limit (SIG-09), which a limit here would hide.
        options = ConnectOptions(timeout: nil, tlsVersion: tlsVersion)
    }

    var eventLoop: any EventLoop { host.value.eventLoop }

    func connect(host name: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
        host.value.tcp.connect(host: name, port: port, tls: tls, options: options)
    }

    func connect(host name: String, port: Int, tls: Bool, abandoned: EventLoopFuture<Void>) -> EventLoopFuture<any Channel> {
        host.value.tcp.connect(host: name, port: port, tls: tls, options: options, abandoned: abandoned)
    }
}
