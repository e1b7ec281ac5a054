/// The two versions of the Internet Protocol.
public enum IPFamily: String, Hashable, Sendable, CaseIterable {
    /// IPv4 (RFC 791).
    case v4
    /// IPv6 (RFC 8200).
    case v6
}

/// An IPv4 or IPv6 address without a zone, as a plain value in host byte order.
///
/// The order is IPv4 before IPv6, then numeric; it has no meaning on the network and exists so that sorted output is the same in every run.
public enum IPAddress: Hashable, Sendable {
    /// An IPv4 address: `.v4(0x7F00_0001)` is 127.0.0.1.
    case v4(UInt32)
    /// An IPv6 address: the first and the last 64 bits.
    case v6(high: UInt64, low: UInt64)
}

extension IPAddress {
    /// One word for an IPv4 address: routers hash addresses for every packet.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .v4(let bits): hasher.combine(UInt64(bits))
        case .v6(let high, let low):
            hasher.combine(high)
            hasher.combine(low)
        }
    }

    /// The protocol version of the address.
    public var family: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// The number of bits of the address: 32 or 128.
    public var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// 0.0.0.0 or `::`.
    public var isUnspecified: Bool {
        switch self {
        case .v4(let bits): bits == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }

    /// 127.0.0.0/8 or `::1` (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
    public var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 section 2.5.6).
    public var isLinkLocal: Bool {
        switch self {
        case .v4(let bits): bits >> 16 == 0xA9FE
        case .v6(let high, _): high >> 54 == 0xFE80 >> 6
        }
    }

    /// 10/8, 172.16/12, 192.168/16 (RFC 1918), the shared space 100.64/10 of carrier-grade NAT (RFC 6598), or fc00::/7 (RFC 4193).
    public var isPrivate: Bool {
        switch self {
        case .v4(let bits):
            bits >> 24 == 10 || bits >> 20 == 0xAC1 || bits >> 16 == 0xC0A8 || bits >> 22 == 0x6440 >> 6
        case .v6(let high, _): high >> 57 == 0xFC >> 1
        }
    }

    /// 0.0.0.0, the "any" address of IPv4.
    public static let anyV4 = IPAddress.v4(0)

    /// `::`, the "any" address of IPv6.
    public static let anyV6 = IPAddress.v6(high: 0, low: 0)

    /// The address of the given family that means "any".
    public static func any(_ family: IPFamily) -> IPAddress {
        switch family {
        case .v4: anyV4
        case .v6: anyV6
        }
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then numeric.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let a), .v4(let b)): a < b
        case (.v4, .v6): true
        case (.v6, .v4): false
        case (.v6(let aHigh, let aLow), .v6(let bHigh, let bLow)): (aHigh, aLow) < (bHigh, bLow)
        }
    }
}
