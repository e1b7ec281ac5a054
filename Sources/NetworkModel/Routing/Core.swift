/// What a router is connected to on the side of the core.
protocol Upstream: AnyObject {
    /// Takes a packet from an access network below.
    func accept(_ packet: IPPacket, fromBelow child: AccessNetwork)
    /// Gives the access network an IPv4 address to translate to, and routes it there.
    func leaseV4(to child: AccessNetwork) -> IPAddress
    /// Takes back an address given by `leaseV4`.
    func releaseV4(_ address: IPAddress)
    /// Routes a prefix to the access network.
    func route(_ prefix: IPPrefix, to child: AccessNetwork)
    /// Packets too big for the network's downlink are reported by this node.
    var errorOrigin: any ICMPOrigin { get }
}

/// The middle of the internet: it takes a packet from one access network to the one that has its destination.
///
/// It is fast and never lossy by itself; the delay of a wide-area path is in the access networks' uplinks, or set for a pair of them.
public final class Core {
    /// For events.
    public let name = "core"
    private unowned let network: Network
    @exclusivity(unchecked) private var routes = RoutingTable<AccessNetwork>()
    @exclusivity(unchecked) private var paths: [PathKey: Link] = [:]

    private struct PathKey: Hashable {
        let from: Int
        let to: Int
    }

    init(network: Network) {
        self.network = network
    }

    /// Gives the way between two access networks its own conditions; `up` is from the first to the second. Returns the link, for faults.
    @discardableResult
    public func setPath(from: AccessNetwork, to: AccessNetwork, _ profile: LinkProfile) -> Link {
        if let link = paths[PathKey(from: from.number, to: to.number)] {
            link.up.conditions = profile.up
            link.down.conditions = profile.down
            return link
        }
        let name = "\(from.name)-\(to.name)"
        let link = Link(
            name: name,
            up: Pipe(name: "\(name) up", network: network, conditions: profile.up, to: to.fromCore, endsAtHost: false),
            down: Pipe(name: "\(name) down", network: network, conditions: profile.down, to: from.fromCore, endsAtHost: false))
        link.up.entrance = self
        link.down.entrance = self
        paths[PathKey(from: from.number, to: to.number)] = link
        paths[PathKey(from: to.number, to: from.number)] = Link(name: name, up: link.down, down: link.up)
        return link
    }

    private func forward(_ packet: IPPacket, from: AccessNetwork?) {
        guard let to = routes.lookUp(packet.destination) else { return network.drop(packet, at: name, .noRoute) }
        guard packet.hopLimit > 1 else {
            network.drop(packet, at: name, .hopLimitExceeded)
            return sendError(.hopLimitExceeded, about: packet)
        }
        var packet = packet
        packet.hopLimit -= 1
        if !paths.isEmpty, let from, let path = paths[PathKey(from: from.number, to: to.number)] {
            path.up.send(packet)
        } else {
            to.uplink.down.send(packet)
        }
    }
}

extension Core: Upstream {
    func accept(_ packet: IPPacket, fromBelow child: AccessNetwork) { forward(packet, from: child) }

    func leaseV4(to child: AccessNetwork) -> IPAddress {
        let address = network.leasePublicV4()
        routes[address] = child
        return address
    }

    func releaseV4(_ address: IPAddress) {
        routes[address] = nil
        network.releasePublicV4(address)
    }

    func route(_ prefix: IPPrefix, to child: AccessNetwork) { routes[prefix] = child }

    var errorOrigin: any ICMPOrigin { self }
}

extension Core: ICMPOrigin {
    /// Errors of the core come from 198.51.100.1 or 2001:db8:ffff::1, routers of nobody's network.
    func sendError(_ kind: ICMPMessage.Kind, about packet: IPPacket) {
        guard let error = IPPacket(error: kind, about: packet, fromV4: .v4(0xC633_6401), fromV6: .v6(high: 0x2001_0DB8_FFFF_0000, low: 1))
        else { return }
        forward(error, from: nil)
    }
}

extension IPPacket {
    /// An ICMP error from a router to the sender of a packet; nil about an ICMP error (RFC 1122 section 3.2.2: never an error about an error).
    init?(error kind: ICMPMessage.Kind, about packet: IPPacket, fromV4: IPAddress, fromV6: IPAddress) {
        if case .icmp = packet.payload { return nil }
        self.init(
            source: packet.source.family == .v4 ? fromV4 : fromV6, destination: packet.source,
            payload: .icmp(ICMPMessage(kind, quoting: packet)))
    }
}
