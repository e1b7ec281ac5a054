import NIOCore

/// What a captive portal does until the user has signed in.
public struct CaptivePortalProfile: Hashable, Sendable {
    /// DNS queries of its subscribers.
    public enum Names: String, Hashable, Sendable, CaseIterable {
        /// Pass: names have their real addresses.
        case real
        /// Are answered with the portal's own address.
        case spoofed
    }

    /// TCP connections to port 443.
    public enum Secure: String, Hashable, Sendable, CaseIterable {
        /// Are dropped without a word: connecting times out.
        case hangs
        /// Are refused with RST.
        case reset
        /// End at the portal, whose certificate is for another name: TLS fails.
        case wrongCertificate
    }

    /// DNS queries.
    public var names: Names
    /// TCP to port 443.
    public var secure: Secure

    /// A portal's behaviour. TCP to port 80 always ends at the portal; all else is dropped.
    public init(names: Names = .real, secure: Secure = .hangs) {
        self.names = names
        self.secure = secure
    }
}

/// Redirects and drops what subscribers of an access network send.
final class CaptivePortal {
    private struct Flow: Hashable {
        let client: TransportAddress
        let transportProtocol: IPProtocol
        let port: UInt16
    }

    /// More flows than any test has; a portal that is not answered does not grow without bound.
    private static let maximumFlows = 16_384

    private let mark: FaultMark
    private let profile: CaptivePortalProfile
    private let portalAddress: IPAddress
    private unowned let network: Network
    private var originals: [Flow: IPAddress] = [:]

    init(_ mark: FaultMark, _ profile: CaptivePortalProfile, portalAddress: IPAddress, network: Network) {
        self.mark = mark
        self.profile = profile
        self.portalAddress = portalAddress
        self.network = network
    }

    /// Whether a packet from a subscriber goes its usual way; otherwise the portal has dealt with it.
    func admits(_ packet: IPPacket, at router: AccessNetwork) -> Bool {
        if packet.source == portalAddress { return !returnsToClient(packet, router) }
        if packet.destination == portalAddress { return true }
        switch packet.payload {
        case .udp(let datagram) where datagram.destinationPort == DNSServer.port:
            switch profile.names {
            case .real: return true
            case .spoofed: redirect(packet, startsFlow: true, router)
            }
        case .tcp(let segment) where segment.destinationPort == 80:
            redirect(packet, startsFlow: segment.flags.contains(.syn), router)
        case .tcp(let segment) where segment.destinationPort == 443:
            switch profile.secure {
            case .hangs: drop(packet, router)
            case .reset: reset(packet, segment, router)
            case .wrongCertificate: redirect(packet, startsFlow: segment.flags.contains(.syn), router)
            }
        case .udp, .tcp, .icmp: drop(packet, router)
        }
        return false
    }

    private func redirect(_ packet: IPPacket, startsFlow: Bool, _ router: AccessNetwork) {
        let flow = Flow(
            client: packet.sourceTransportAddress, transportProtocol: packet.transportProtocol,
            port: packet.destinationTransportAddress.port)
        if startsFlow, originals.count < Self.maximumFlows { originals[flow] = packet.destination }
        guard originals[flow] == packet.destination, packet.destination.family == portalAddress.family else { return drop(packet, router) }
        var packet = packet
        packet.destination = portalAddress
        router.forwardUpPastPortal(packet)
    }

    private func returnsToClient(_ packet: IPPacket, _ router: AccessNetwork) -> Bool {
        let flow = Flow(
            client: packet.destinationTransportAddress, transportProtocol: packet.transportProtocol,
            port: packet.sourceTransportAddress.port)
        guard let original = originals[flow] else { return false }
        var packet = packet
        packet.source = original
        router.forwardUpPastPortal(packet)
        return true
    }

    private func reset(_ packet: IPPacket, _ segment: TCPSegment, _ router: AccessNetwork) {
        drop(packet, router)
        guard !segment.flags.contains(.rst) else { return }
        router.forwardUpPastPortal(IPPacket(refusing: segment, of: packet))
    }

    private func drop(_ packet: IPPacket, _ router: AccessNetwork) {
        network.drop(packet, at: router.name, .captivePortal(fault: mark.name))
    }
}
