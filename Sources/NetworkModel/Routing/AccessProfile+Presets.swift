import NIOCore

extension AccessProfile {
    /// A network of these figures: the link is the subscriber's own, nothing is shared behind it.
    public init(_ preset: NetworkPreset, ipv6: IPv6Service = .none) {
        self.init(
            kind: preset.kind, access: LinkProfile(up: LinkConditions(preset.up), down: LinkConditions(preset.down)),
            ipv4: preset.nat.map(IPv4Service.translated) ?? .publicAddresses, ipv6: ipv6,
            privatePrefix: preset.kind == .cellular ? AddressPlan.carrier : Self.homePrefix)
    }

    /// ``NetworkPreset/fibre`` with both IP versions.
    public static let fibre = AccessProfile(.fibre, ipv6: .firewalled(.homeRouter))
    /// ``NetworkPreset/ethernet`` with both IP versions, a public address.
    public static let ethernet = AccessProfile(.ethernet, ipv6: .routed)
    /// ``NetworkPreset/homeWiFi`` with both IP versions.
    public static let homeWiFi = AccessProfile(.homeWiFi, ipv6: .firewalled(.homeRouter))
    /// ``NetworkPreset/lte``, IPv4 behind a carrier's NAT.
    public static let lte = AccessProfile(.lte)
    /// ``NetworkPreset/lte`` without IPv4: NAT64 and DNS64, as several large operators run it.
    public static let lteIPv6Only = AccessProfile(
        kind: .cellular, access: lte.access, ipv4: .none, ipv6: .firewalled(.carrierGrade), nat64: .carrierGrade)
    /// Where servers are that nothing is said of, resolvers among them: public addresses, no limit, half a millisecond to the core.
    public static let datacentre = AccessProfile(
        kind: .ethernet, access: .ideal, uplink: LinkProfile(LinkConditions(delay: .microseconds(500))), ipv4: .publicAddresses,
        ipv6: .routed)
    /// No delay, no limit, public addresses: for tests of what is above the network.
    public static let ideal = AccessProfile(kind: .ethernet, access: .ideal, ipv4: .publicAddresses, ipv6: .routed)
}

extension LinkConditions {
    /// The figures of a preset.
    init(_ direction: NetworkPreset.Direction) {
        self.init(
            rate: direction.rate, queueBytes: direction.queueBytes, delay: direction.delay, furtherDelay: direction.jitter,
            loss: LossModel(share: direction.loss, meanBurstLength: direction.meanBurstLength))
    }

    /// Conditions by the delay of the fastest packets, and how much longer the slowest take: the model's own jitter is to both sides of its delay.
    public init(rate: DataRate?, queueBytes: Int, delay: TimeAmount, furtherDelay: TimeAmount, loss: LossModel) {
        let half = TimeAmount.nanoseconds(furtherDelay.nanoseconds / 2)
        self.init(rate: rate, queueBytes: queueBytes, delay: delay + half, jitter: half, loss: loss)
    }
}

extension NATProfile {
    /// A home router: endpoint-independent mapping, address-and-port-dependent filtering, ports preserved, UDP idle for 120 s, TCP for 124 min.
    public static let homeRouter = NATProfile()

    /// A full-cone NAT (RFC 3489's word): anybody may send to a mapping.
    public static let fullCone = NATProfile(filtering: .endpointIndependent, isHairpinning: true)

    /// A symmetric NAT (RFC 3489's word): a mapping per remote, with random ports. Direct paths between two of them are impossible.
    public static let symmetric = NATProfile(
        mapping: .addressAndPortDependent, filtering: .addressAndPortDependent, portAllocation: .random)

    /// A carrier's NAT: random ports out of several addresses, UDP idle for 65 s, TCP for 30 min. Timeouts are of the order published for
    /// mobile networks (Richter et al. 2016); not verified.
    public static let carrierGrade = NATProfile(
        portAllocation: .random, isHairpinning: true, udpIdleTimeout: .seconds(65), tcpEstablishedTimeout: .minutes(30),
        publicAddressCount: 4)
}
