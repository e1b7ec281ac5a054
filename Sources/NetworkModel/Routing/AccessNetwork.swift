import NIOCore
import SimulationKernel

/// A network that hosts attach to: a home, a mobile operator, an office, a datacentre. One router with what it translates and filters.
public final class AccessNetwork {
    /// For events and random streams.
    public let name: String
    /// How it serves its subscribers.
    public let profile: AccessProfile
    /// Between its router and what is above it.
    public private(set) lazy var uplink = makeUplink()
    /// The IPv4 NAT, if it has one.
    @exclusivity(unchecked) public private(set) var nat: NAT?
    /// The NAT64, if it has one.
    @exclusivity(unchecked) public private(set) var nat64: NAT?
    /// The stateful IPv6 firewall, if it has one.
    @exclusivity(unchecked) public private(set) var firewall: NAT?
    /// A portal that stands between the subscribers and the network while it is set. See `beginCaptivePortal`.
    @exclusivity(unchecked) var portal: CaptivePortal?
    /// What the network's policy refuses; see `block`.
    @exclusivity(unchecked) var blocks: [PolicyBlock] = []

    let number: Int
    unowned let network: Network
    private unowned let upstream: any Upstream
    @exclusivity(unchecked) private var ports = RoutingTable<any PacketEntrance>()
    private var poolV4: AddressPool?
    private var poolV6: AddressPool?
    /// The router's own addresses, from which its errors come.
    private let routerV4: IPAddress
    private let routerV6: IPAddress
    /// The two ends of its uplink.
    private(set) lazy var fromCore = DownlinkEnd(self)
    private lazy var toUpstream = UplinkEnd(self, upstream)

    init(name: String, number: Int, profile: AccessProfile, network: Network, upstream: any Upstream) {
        self.name = name
        self.number = number
        self.profile = profile
        self.network = network
        self.upstream = upstream
        let prefixV6 = AddressPlan.globalV6(networkNumber: number)
        routerV6 = prefixV6.address(at: 1)
        routerV4 = profile.privatePrefix.address(at: 1)
        makeServiceV4()
        makeServiceV6(prefixV6)
    }

    private func makeUplink() -> Link {
        let title = "\(name)/uplink"
        let made = Link(
            name: title,
            up: Pipe(name: "\(title) up", network: network, conditions: profile.uplink.up, to: toUpstream, endsAtHost: false),
            down: Pipe(name: "\(title) down", network: network, conditions: profile.uplink.down, to: self, endsAtHost: false))
        made.up.entrance = self
        made.down.entrance = upstream.errorOrigin
        return made
    }

    private func makeServiceV4() {
        switch profile.ipv4 {
        case .none: break
        case .publicAddresses: break
        case .translated(let natProfile):
            poolV4 = AddressPool(profile.privatePrefix, reserved: 1)
            nat = NAT(name: "\(name)/nat", profile: natProfile, kind: .addressAndPort, lease: makeLease(), network: network)
        }
        if let natProfile = profile.nat64 {
            nat64 = NAT(name: "\(name)/nat64", profile: natProfile, kind: .ipv6ToIPv4, lease: makeLease(), network: network)
        }
    }

    private func makeServiceV6(_ prefix: IPPrefix) {
        switch profile.ipv6 {
        case .none: return
        case .routed: break
        case .firewalled(let natProfile):
            firewall = NAT(name: "\(name)/firewall", profile: natProfile, kind: .filterOnly, lease: makeLease(), network: network)
        }
        poolV6 = AddressPool(prefix, reserved: 1)
        upstream.route(prefix, to: self)
    }

    private func makeLease() -> NAT.AddressLease {
        NAT.AddressLease(
            lease: { [unowned self] in upstream.leaseV4(to: self) }, release: { [unowned self] in upstream.releaseV4($0) })
    }

    // MARK: Subscribers

    /// Gives addresses to what is behind `entrance` and routes them there.
    func attach(_ entrance: any PacketEntrance, requesting requested: [IPAddress] = []) -> [IPAddress] {
        var addresses: [IPAddress] = []
        switch profile.ipv4 {
        case .none: break
        case .publicAddresses: addresses.append(requested.first { $0.family == .v4 } ?? upstream.leaseV4(to: self))
        case .translated: addresses.append(leasePrivateV4(requested))
        }
        if poolV6 != nil { addresses.append(leaseV6(requested)) }
        for address in addresses {
            precondition(ports[address] == nil, "\(address) is taken in '\(name)'")
            ports[address] = entrance
            if requested.contains(address), case .publicAddresses = profile.ipv4, address.family == .v4 {
                upstream.route(IPPrefix(address, length: 32), to: self)
            }
        }
        return addresses
    }

    private func leasePrivateV4(_ requested: [IPAddress]) -> IPAddress {
        if let wanted = requested.first(where: { $0.family == .v4 }), poolV4!.take(wanted) { return wanted }
        guard let address = poolV4!.lease() else { preconditionFailure("all of \(profile.privatePrefix) is taken in '\(name)'") }
        return address
    }

    private func leaseV6(_ requested: [IPAddress]) -> IPAddress {
        if let wanted = requested.first(where: { $0.family == .v6 }), poolV6!.take(wanted) { return wanted }
        guard let address = poolV6!.lease() else { preconditionFailure("a /64 is never full") }
        return address
    }

    /// Takes addresses back.
    func detach(_ addresses: [IPAddress]) {
        for address in addresses {
            ports[address] = nil
            switch (address.family, profile.ipv4) {
            case (.v6, _): poolV6?.release(address)
            case (.v4, .translated): poolV4?.release(address)
            case (.v4, .publicAddresses): upstream.releaseV4(address)
            case (.v4, .none): preconditionFailure("an IPv4 address came back to '\(name)', which has none")
            }
        }
    }

    /// The resolvers that subscribers are told to ask.
    var resolvers: [IPAddress] { profile.nat64 == nil ? network.resolvers : network.dns64Resolvers }

    // MARK: Forwarding

    /// From a subscriber (or an access network below) towards the core.
    func forwardUp(_ packet: IPPacket) {
        guard let packet = forwardable(packet), isAllowed(packet, .outgoing) else { return }
        if let portal, !portal.admits(packet, at: self) { return }
        forwardUpPastPortal(packet)
    }

    func forwardUpPastPortal(_ packet: IPPacket) {
        if let entrance = ports.lookUp(packet.destination) { return entrance.send(packet) }
        switch packet.destination.family {
        case .v4:
            if let nat { return translateUp(packet, nat) }
        case .v6:
            if let nat64, AddressPlan.nat64.contains(packet.destination) { return translateUp(packet, nat64) }
            if let firewall { return translateUp(packet, firewall) }
        }
        uplink.up.send(packet)
    }

    private func translateUp(_ packet: IPPacket, _ nat: NAT) {
        switch nat.outbound(packet) {
        case .forward(let translated):
            if nat.owns(translated.destination) {
                guard nat.profile.isHairpinning else { return network.drop(packet, at: nat.name, .hairpinningOff) }
                forwardDown(translated)
            } else {
                uplink.up.send(translated)
            }
        case .drop(let reason): network.drop(packet, at: nat.name, reason)
        case .reset(let answer):
            network.drop(packet, at: nat.name, .outOfState)
            sendDown(answer)
        }
    }

    /// From above towards a subscriber.
    func forwardDown(_ packet: IPPacket) {
        guard let packet = forwardable(packet), isAllowed(packet, .incoming) else { return }
        if let nat, nat.owns(packet.destination) { return translateDown(packet, nat) }
        if let nat64, nat64.owns(packet.destination) { return translateDown(packet, nat64) }
        if let firewall, packet.destination.family == .v6 { return translateDown(packet, firewall) }
        sendDown(packet)
    }

    private func translateDown(_ packet: IPPacket, _ nat: NAT) {
        switch nat.inbound(packet) {
        case .forward(let translated): sendDown(translated)
        case .drop(let reason): network.drop(packet, at: nat.name, reason)
        case .reset: preconditionFailure("a NAT resets connections from inside only")
        }
    }

    private func sendDown(_ packet: IPPacket) {
        guard let entrance = ports.lookUp(packet.destination) else { return network.drop(packet, at: name, .noRoute) }
        entrance.send(packet)
    }

    private func isAllowed(_ packet: IPPacket, _ direction: Firewall.Direction) -> Bool {
        guard let block = blocks.first(where: { !$0.filter.permits(packet, direction) }) else { return true }
        network.drop(packet, at: name, .blocked(fault: block.mark.name))
        if block.answers { sendError(.destinationUnreachable(.administrativelyProhibited), about: packet) }
        return false
    }

    private func forwardable(_ packet: IPPacket) -> IPPacket? {
        guard packet.hopLimit > 1 else {
            network.drop(packet, at: name, .hopLimitExceeded)
            sendError(.hopLimitExceeded, about: packet)
            return nil
        }
        var packet = packet
        packet.hopLimit -= 1
        return packet
    }
}

extension AccessNetwork: PacketSink {
    func accept(_ packet: IPPacket, from pipe: Pipe?) {
        if pipe === uplink.down { forwardDown(packet) } else { forwardUp(packet) }
    }
}

extension AccessNetwork: ICMPOrigin {
    func sendError(_ kind: ICMPMessage.Kind, about packet: IPPacket) {
        guard let error = IPPacket(error: kind, about: packet, fromV4: routerV4, fromV6: routerV6) else { return }
        if ports.lookUp(error.destination) != nil {
            sendDown(error)
        } else if nat?.owns(error.destination) == true || nat64?.owns(error.destination) == true {
            forwardDown(error)
        } else {
            uplink.up.send(translatedError(error))
        }
    }

    /// An error about a packet that had its addresses translated on the way in must leave with those that its sender knows.
    private func translatedError(_ error: IPPacket) -> IPPacket {
        let translator = AddressPlan.nat64.contains(error.destination) ? nat64 : error.destination.family == .v4 ? nat : nil
        guard let translator, case .forward(let translated) = translator.outbound(error) else { return error }
        return translated
    }
}

extension AccessNetwork: Upstream {
    func accept(_ packet: IPPacket, fromBelow child: AccessNetwork) { forwardUp(packet) }

    /// To a NAT below: one of this network's own addresses.
    func leaseV4(to child: AccessNetwork) -> IPAddress {
        switch profile.ipv4 {
        case .none: preconditionFailure("'\(name)' has no IPv4 for '\(child.name)' below it")
        case .publicAddresses:
            let address = upstream.leaseV4(to: self)
            ports[address] = child.uplink.down
            return address
        case .translated:
            let address = leasePrivateV4([])
            ports[address] = child.uplink.down
            return address
        }
    }

    func releaseV4(_ address: IPAddress) { detach([address]) }

    func route(_ prefix: IPPrefix, to child: AccessNetwork) {
        ports[prefix] = child.uplink.down
        upstream.route(prefix, to: self)
    }

    var errorOrigin: any ICMPOrigin { self }
}

/// Where packets come out of an access network's uplink on the upper side.
final class UplinkEnd: PacketSink {
    private unowned let child: AccessNetwork
    private unowned let upstream: any Upstream

    init(_ child: AccessNetwork, _ upstream: any Upstream) {
        self.child = child
        self.upstream = upstream
    }

    func accept(_ packet: IPPacket, from pipe: Pipe?) { upstream.accept(packet, fromBelow: child) }
}

/// Where packets of a wide-area path with its own conditions come out: before the downlink of the access network.
final class DownlinkEnd: PacketSink {
    private unowned let child: AccessNetwork

    init(_ child: AccessNetwork) {
        self.child = child
    }

    func accept(_ packet: IPPacket, from pipe: Pipe?) { child.uplink.down.send(packet) }
}
