import NIOCore
import SimulationKernel

/// A network address and port translator, or a stateful firewall, which is one that leaves the addresses as they are.
///
/// Not modelled: echo (ping), fragments, port parity, port overloading (one outside port for several mappings), application gateways.
public final class NAT {
    /// What the translator does to addresses.
    enum Kind: Hashable {
        /// IPv4 to IPv4 with ports (NAPT, RFC 3022).
        case addressAndPort
        /// IPv6 under 64:ff9b::/96 to IPv4 with ports (RFC 6146).
        case ipv6ToIPv4
        /// Nothing: it only admits what a mapping exists for.
        case filterOnly
    }

    /// Where public addresses come from.
    struct AddressLease {
        let lease: () -> IPAddress
        let release: (IPAddress) -> Void
    }

    enum Outcome {
        case forward(IPPacket)
        case drop(DropReason)
        /// The segment is dropped, and this RST goes back to its sender.
        case reset(IPPacket)
    }

    /// "home/nat": for events and random streams.
    public let name: String
    /// How it behaves.
    public let profile: NATProfile
    /// The addresses it has on the outside.
    @exclusivity(unchecked) public private(set) var publicAddresses: [IPAddress] = []
    /// How many mappings exist now.
    public var mappingCount: Int { table.count }

    private let kind: Kind
    private let addressLease: AddressLease
    private unowned let network: Network
    @exclusivity(unchecked) private var table = NATTable()
    @exclusivity(unchecked) private var timers: [EventHandle?] = []
    private var pairs: [IPAddress: Int] = [:]
    @exclusivity(unchecked) private var preservesPorts: Bool
    private lazy var portStream = network.simulation.random("\(name)/ports")

    init(name: String, profile: NATProfile, kind: Kind, lease: AddressLease, network: Network) {
        self.name = name
        self.profile = profile
        self.kind = kind
        self.addressLease = lease
        self.network = network
        self.preservesPorts = profile.portAllocation == .preserving
        if kind != .filterOnly { publicAddresses = (0..<profile.publicAddressCount).map { _ in lease.lease() } }
    }

    /// Whether the address is one of the NAT's own.
    func owns(_ address: IPAddress) -> Bool { publicAddresses.contains(address) }

    /// Forgets every mapping, as a restarted router does.
    ///
    /// - Parameters:
    ///   - newAddress: whether the public addresses change too.
    ///   - newPorts: whether ports are random from now on. Otherwise a NAT that preserves ports makes the same mappings again.
    public func rebind(newAddress: Bool, newPorts: Bool = true) {
        let lost = table.count
        for case let timer? in timers { network.simulation.cancel(timer) }
        timers = []
        table.removeAll()
        pairs = [:]
        if newPorts { preservesPorts = false }
        if newAddress, kind != .filterOnly {
            let old = publicAddresses
            publicAddresses = old.map { _ in addressLease.lease() }
            old.forEach(addressLease.release)
        }
        network.report(name, .nat(.rebound(lostMappings: lost, addresses: publicAddresses)))
    }

    // MARK: From inside

    func outbound(_ packet: IPPacket) -> Outcome {
        let remote = translatedRemote(packet.destinationTransportAddress)
        switch packet.payload {
        case .udp: return outboundUDP(packet, remote)
        case .tcp(let segment): return outboundTCP(packet, segment, remote)
        case .icmp(let message): return outboundError(packet, message)
        }
    }

    private func outboundUDP(_ packet: IPPacket, _ remote: TransportAddress) -> Outcome {
        guard let slot = findOrMakeMapping(.udp, packet.sourceTransportAddress, remote) else { return .drop(.portsExhausted) }
        touch(slot, remote)
        return .forward(rewrittenOutbound(packet, slot, remote))
    }

    private func outboundTCP(_ packet: IPPacket, _ segment: TCPSegment, _ remote: TransportAddress) -> Outcome {
        let inside = packet.sourceTransportAddress
        let isKnown = self.slot(.tcp, inside, remote).flatMap { table[$0]?.session(with: remote) } != nil
        if !isKnown, !segment.flags.contains(.syn) {
            switch profile.outOfState {
            case .drop: return .drop(.outOfState)
            case .reset: return segment.flags.contains(.rst) ? .drop(.outOfState) : .reset(IPPacket(refusing: segment, of: packet))
            case .adopt: break
            }
        }
        guard let slot = findOrMakeMapping(.tcp, inside, remote) else { return .drop(.portsExhausted) }
        let flags = isKnown || segment.flags.contains(.syn) ? segment.flags : segment.flags.union([.syn, .ack])
        note(slot, flags, remote, fromInside: true)
        return .forward(rewrittenOutbound(packet, slot, remote))
    }

    private func outboundError(_ packet: IPPacket, _ message: ICMPMessage) -> Outcome {
        let remote = translatedRemote(message.quoted.source)
        guard let slot = slot(message.quoted.transportProtocol, message.quoted.destination, remote), let mapping = table[slot] else {
            return .drop(.noMapping)
        }
        var message = message
        message.quoted.source = remote
        message.quoted.destination = mapping.outside
        var packet = packet
        packet.payload = .icmp(message)
        packet.source = mapping.outside.address
        packet.destination = remote.address
        return .forward(packet)
    }

    private func rewrittenOutbound(_ packet: IPPacket, _ slot: Int, _ remote: TransportAddress) -> IPPacket {
        guard let outside = table[slot]?.outside else { preconditionFailure("a mapping ended while in use") }
        var packet = packet
        packet.source = outside.address
        packet.destination = remote.address
        packet.setSourcePort(outside.port)
        return packet
    }

    // MARK: From outside

    func inbound(_ packet: IPPacket) -> Outcome {
        switch packet.payload {
        case .udp: return inboundUDP(packet)
        case .tcp(let segment): return inboundTCP(packet, segment)
        case .icmp(let message): return inboundError(packet, message)
        }
    }

    private func inboundUDP(_ packet: IPPacket) -> Outcome {
        guard let slot = table.slot(.udp, outside: packet.destinationTransportAddress), let mapping = table[slot] else {
            return .drop(.noMapping)
        }
        let remote = packet.sourceTransportAddress
        let isAdmitted = mapping.admits(
            remote, now: network.simulation.now, filtering: profile.filtering, idleTimeout: profile.udpIdleTimeout)
        guard isAdmitted else { return .drop(.filtered) }
        if profile.isRefreshedByInbound { touch(slot, remote) }
        return .forward(rewrittenInbound(packet, mapping))
    }

    private func inboundTCP(_ packet: IPPacket, _ segment: TCPSegment) -> Outcome {
        guard let slot = table.slot(.tcp, outside: packet.destinationTransportAddress), let mapping = table[slot] else {
            return .drop(.noMapping)
        }
        let remote = packet.sourceTransportAddress
        if mapping.session(with: remote) == nil {
            guard segment.flags.contains(.syn) else { return .drop(.outOfState) }
            let isAdmitted = mapping.admits(
                remote, now: network.simulation.now, filtering: profile.filtering, idleTimeout: profile.tcpTransitoryTimeout)
            guard isAdmitted else { return .drop(.filtered) }
        }
        note(slot, segment.flags, remote, fromInside: false)
        return .forward(rewrittenInbound(packet, mapping))
    }

    private func inboundError(_ packet: IPPacket, _ message: ICMPMessage) -> Outcome {
        guard let slot = table.slot(message.quoted.transportProtocol, outside: message.quoted.source), let mapping = table[slot],
            mapping.session(with: message.quoted.destination) != nil
        else { return .drop(.noMapping) }
        var message = message
        message.quoted.source = mapping.key.inside
        message.quoted.destination.address = insideView(of: message.quoted.destination.address)
        var packet = packet
        packet.payload = .icmp(message)
        packet.source = insideView(of: packet.source)
        packet.destination = mapping.key.inside.address
        return .forward(packet)
    }

    private func rewrittenInbound(_ packet: IPPacket, _ mapping: NATMapping) -> IPPacket {
        var packet = packet
        packet.source = insideView(of: packet.source)
        packet.destination = mapping.key.inside.address
        packet.setDestinationPort(mapping.key.inside.port)
        return packet
    }

    // MARK: Addresses and ports

    /// The remote as the outside knows it.
    private func translatedRemote(_ remote: TransportAddress) -> TransportAddress {
        switch kind {
        case .addressAndPort, .filterOnly: return remote
        case .ipv6ToIPv4:
            guard let address = AddressPlan.embeddedV4(remote.address) else { preconditionFailure("\(remote) was routed to a NAT64") }
            return TransportAddress(address, remote.port)
        }
    }

    /// A remote address as the inside knows it.
    private func insideView(of address: IPAddress) -> IPAddress {
        switch kind {
        case .addressAndPort, .filterOnly: return address
        case .ipv6ToIPv4: return AddressPlan.synthesised(address) ?? address
        }
    }

    private func slot(_ transportProtocol: IPProtocol, _ inside: TransportAddress, _ remote: TransportAddress) -> Int? {
        table.slot(for: NATMapping.Key(transportProtocol, inside: inside, remote: remote, dependence: profile.mapping))
    }

    private func findOrMakeMapping(_ transportProtocol: IPProtocol, _ inside: TransportAddress, _ remote: TransportAddress) -> Int? {
        let key = NATMapping.Key(transportProtocol, inside: inside, remote: remote, dependence: profile.mapping)
        if let slot = table.slot(for: key) { return slot }
        guard let outside = chooseOutside(transportProtocol, inside) else { return nil }
        let slot = table.insert(NATMapping(key: key, outside: outside, now: network.simulation.now))
        while timers.count <= slot { timers.append(nil) }
        network.report(name, .nat(.created(transportProtocol, inside: inside, outside: outside)))
        return slot
    }

    private func chooseOutside(_ transportProtocol: IPProtocol, _ inside: TransportAddress) -> TransportAddress? {
        if kind == .filterOnly { return inside }
        let address = pairedAddress(inside.address)
        func isFree(_ port: UInt16) -> Bool { table.slot(transportProtocol, outside: TransportAddress(address, port)) == nil }
        if preservesPorts, isFree(inside.port) { return TransportAddress(address, inside.port) }
        let range: ClosedRange<Int64> = 1_024...65_535
        let start = portStream.uniform(range)
        for offset in 0..<Int64(range.count) {
            let port = UInt16(range.lowerBound + (start - range.lowerBound + offset) % Int64(range.count))
            if isFree(port) { return TransportAddress(address, port) }
        }
        return nil
    }

    private func pairedAddress(_ inside: IPAddress) -> IPAddress {
        if publicAddresses.count == 1 { return publicAddresses[0] }
        if let index = pairs[inside] { return publicAddresses[index] }
        let index = pairs.count % publicAddresses.count
        pairs[inside] = index
        return publicAddresses[index]
    }

    // MARK: Expiry

    private func touch(_ slot: Int, _ remote: TransportAddress) {
        let now = network.simulation.now
        table.update(slot) {
            $0.touch(remote, now: now)
            $0.prolong(until: now + profile.udpIdleTimeout)
        }
        armIfIdle(slot)
    }

    private func note(_ slot: Int, _ flags: TCPSegment.Flags, _ remote: TransportAddress, fromInside: Bool) {
        let before = table[slot]?.expiry
        table.update(slot) { $0.note(flags, with: remote, fromInside: fromInside, now: network.simulation.now, profile: profile) }
        if let before, let after = table[slot]?.expiry, after < before, let timer = timers[slot] {
            network.simulation.cancel(timer)
            timers[slot] = nil
        }
        armIfIdle(slot)
    }

    /// One event per mapping, set for its earliest possible end and moved when it fires too early: traffic costs no event.
    private func armIfIdle(_ slot: Int) {
        guard timers[slot] == nil, let mapping = table[slot] else { return }
        timers[slot] = network.simulation.schedule(at: mapping.expiry, target: self, argument: UInt64(slot))
    }
}

extension NAT: EventTarget {
    /// For the simulation.
    public func fire(_ argument: UInt64) {
        let slot = Int(argument)
        timers[slot] = nil
        guard let mapping = table[slot] else { preconditionFailure("a timer outlived its mapping") }
        guard mapping.expiry <= network.simulation.now else { return armIfIdle(slot) }
        table.remove(slot)
        network.report(
            name, .nat(.expired(mapping.key.transportProtocol, inside: mapping.key.inside, outside: mapping.outside)))
    }
}

extension IPPacket {
    mutating func setSourcePort(_ port: UInt16) {
        switch payload {
        case .udp(var datagram):
            datagram.sourcePort = port
            payload = .udp(datagram)
        case .tcp(var segment):
            segment.sourcePort = port
            payload = .tcp(segment)
        case .icmp: preconditionFailure("ICMP has no ports")
        }
    }

    mutating func setDestinationPort(_ port: UInt16) {
        switch payload {
        case .udp(var datagram):
            datagram.destinationPort = port
            payload = .udp(datagram)
        case .tcp(var segment):
            segment.destinationPort = port
            payload = .tcp(segment)
        case .icmp: preconditionFailure("ICMP has no ports")
        }
    }
}
