/// How an access network serves its subscribers: link conditions and addresses. Networks by name are in `NetworkPreset.swift`.
public struct AccessProfile: Hashable, Sendable {
    /// The IPv4 service.
    public enum IPv4Service: Hashable, Sendable {
        /// No IPv4 at all.
        case none
        /// Every interface has a public address; nothing is filtered.
        case publicAddresses
        /// Private addresses behind a NAT: a home router, or the carrier's (CGN).
        case translated(NATProfile)
    }

    /// The IPv6 service.
    public enum IPv6Service: Hashable, Sendable {
        /// No IPv6 at all.
        case none
        /// Global addresses, nothing filtered.
        case routed
        /// Global addresses behind a stateful firewall that admits answers only (RFC 6092). Ports and addresses of the profile are not used.
        case firewalled(NATProfile)
    }

    /// The kind of the interfaces that attach to it.
    public var kind: InterfaceKind
    /// The link between one interface and the network's router: radio, or the cable to the switch.
    public var access: LinkProfile
    /// The link that all subscribers share between the router and the core.
    public var uplink: LinkProfile
    /// The IPv4 service.
    public var ipv4: IPv4Service
    /// The IPv6 service.
    public var ipv6: IPv6Service
    /// A translator from IPv6 to IPv4 under 64:ff9b::/96 (RFC 6146, RFC 6052), with a resolver that synthesises addresses (RFC 6147).
    public var nat64: NATProfile?
    /// Where private IPv4 addresses come from.
    public var privatePrefix: IPPrefix

    /// 192.168.1.0/24.
    public static let homePrefix = IPPrefix(.v4(0xC0A8_0100), length: 24)

    /// A profile. Private addresses are 192.168.1.0/24 unless said otherwise.
    public init(
        kind: InterfaceKind, access: LinkProfile, uplink: LinkProfile = .ideal, ipv4: IPv4Service, ipv6: IPv6Service = .none,
        nat64: NATProfile? = nil, privatePrefix: IPPrefix = Self.homePrefix
    ) {
        self.kind = kind
        self.access = access
        self.uplink = uplink
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.nat64 = nat64
        self.privatePrefix = privatePrefix
    }
}

/// Address ranges of the simulated Internet: those reserved for documentation and benchmarks, so that no trace shows a real address.
enum AddressPlan {
    /// Servers: TEST-NET-3 (RFC 5737).
    static let servers = IPPrefix(.v4(0xCB00_7100), length: 24)
    /// Further public addresses, of NATs and directly connected hosts: the benchmarking range (RFC 2544).
    static let publicV4 = IPPrefix(.v4(0xC612_0000), length: 15)
    /// The shared address space between a carrier's NAT and its subscribers (RFC 6598).
    static let carrier = IPPrefix(.v4(0x6440_0000), length: 10)
    /// 64:ff9b::/96, the well-known prefix of NAT64 (RFC 6052 section 2.1).
    static let nat64 = IPPrefix(.v6(high: 0x0064_FF9B_0000_0000, low: 0), length: 96)

    /// The /64 of an access network: 2001:db8:0:n::/64 (RFC 3849), by its number.
    static func globalV6(networkNumber: Int) -> IPPrefix {
        .init(.v6(high: 0x2001_0DB8_0000_0000 | UInt64(networkNumber + 1), low: 0), length: 64)
    }

    /// The IPv4 address inside of a NAT64 address.
    static func embeddedV4(_ address: IPAddress) -> IPAddress? {
        guard nat64.contains(address), case .v6(_, let low) = address else { return nil }
        return .v4(UInt32(truncatingIfNeeded: low))
    }

    /// The NAT64 address that stands for an IPv4 address.
    static func synthesised(_ address: IPAddress) -> IPAddress? {
        guard case .v4(let bits) = address, case .v6(let high, _) = nat64.address else { return nil }
        return .v6(high: high, low: UInt64(bits))
    }
}
