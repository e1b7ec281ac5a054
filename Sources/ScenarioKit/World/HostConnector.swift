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
    ///   - openTimeout: the SDK's own limit (SIG-09). A dial ends by itself soon after it, so that one that is no longer wanted does not go on.
    init(host: Host, tlsVersion: TLSVersion, openTimeout: TimeAmount) {
        self.host = Confined(host)
        options = ConnectOptions(timeout: openTimeout + .seconds(1), tlsVersion: tlsVersion)
    }

    var eventLoop: any EventLoop { host.value.eventLoop }

    func connect(host name: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
        host.value.tcp.connect(host: name, port: port, tls: tls, options: options)
    }
}
