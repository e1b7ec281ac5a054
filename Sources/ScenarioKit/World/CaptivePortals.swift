import NIOCore
import NetworkModel

/// The portal hosts that stand in access networks while their users have not signed in.
final class CaptivePortals {
    private let network: Network
    private var hosts: [String: Host] = [:]
    private var resolvers: [DNSServer] = []
    private var listeners: [TCPListener] = []

    init(network: Network) { self.network = network }

    /// Puts a portal before an access network until the fault ends.
    func begin(_ kind: Scenario.CaptivePortalKind, on accessNetwork: AccessNetwork, name: String) -> Fault {
        let portal = host(in: accessNetwork)
        let profile: CaptivePortalProfile
        switch kind {
        case .hang: profile = CaptivePortalProfile(secure: .hangs)
        case .reset: profile = CaptivePortalProfile(secure: .reset)
        case .wrongCertificate: profile = CaptivePortalProfile(secure: .wrongCertificate)
        case .spoofedDNS: profile = CaptivePortalProfile(names: .spoofed, secure: .wrongCertificate)
        }
        return accessNetwork.captivePortal(profile, portal: portal, name: name)
    }

    /// The portal's own machine, made when it is first needed: web pages on port 80, a certificate of its own on 443, a resolver that knows one address.
    private func host(in accessNetwork: AccessNetwork) -> Host {
        if let host = hosts[accessNetwork.name] { return host }
        let host = network.addHost("\(accessNetwork.name)-portal")
        let interface = host.addInterface("eth0", on: accessNetwork)
        hosts[accessNetwork.name] = host
        do {
            let certificate = TLSServerOptions(certificate: .names(["portal.example"]))
            for (port, tls) in [(80, nil), (443, certificate)] {
                listeners.append(try host.tcp.listen(port: port, tls: tls) { $0.eventLoop.makeSucceededVoidFuture() })
            }
            if let address = interface.addresses.first { resolvers.append(try DNSServer(on: host, mode: .always(address))) }
        } catch {
            preconditionFailure("a port of a new host is taken: \(error)")
        }
        return host
    }
}
