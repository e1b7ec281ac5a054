import MeteredRealtime
import NIOCore
import NetworkModel

/// The SDK's byte seam over a simulated host: DNS, RFC 8305, TCP and TLS of the network model.
struct HostConnector: Connector {
    private let host: Confined<Host>

    init(host: Host) { self.host = Confined(host) }

    var eventLoop: any EventLoop { host.value.eventLoop }

    func connect(host name: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
        host.value.connect(host: name, port: port, tls: tls)
    }
}
