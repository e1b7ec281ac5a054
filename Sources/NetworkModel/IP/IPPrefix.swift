/// A range of addresses that share their first `length` bits, "192.168.1.0/24".
public struct IPPrefix: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the range; bits after `length` are zero.
    public let address: IPAddress
    /// The number of leading bits that all members share: 0...32 or 0...128.
    public let length: Int

    /// The prefix of the given length that contains `address`; bits after `length` are cleared.
    public init(_ address: IPAddress, length: Int) {
        precondition((0...address.bitWidth).contains(length), "a prefix of \(address.family) has 0...\(address.bitWidth) bits")
        self.address = address.masked(toPrefixLength: length)
        self.length = length
    }

    /// Parses "2001:db8::/32"; nil if the address or the length is not valid, or if bits after the length are set.
    public init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/"), let address = IPAddress(String(text[..<slash])),
            let length = Int(text[text.index(after: slash)...]), (0...address.bitWidth).contains(length),
            address.masked(toPrefixLength: length) == address
        else { return nil }
        self.address = address
        self.length = length
    }

    /// Whether the address lies in the range.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && other.masked(toPrefixLength: length) == address
    }

    /// "192.168.1.0/24".
    public var description: String { "\(address)/\(length)" }

    /// The address `offset` places after the first one of the range. The offset must fit into the bits after `length`.
    public func address(at offset: UInt64) -> IPAddress {
        switch address {
        case .v4(let bits):
            precondition(offset >> UInt64(32 - length) == 0, "\(offset) is outside of \(self)")
            return .v4(bits | UInt32(offset))
        case .v6(let high, let low):
            precondition(length <= 64 || offset >> UInt64(128 - length) == 0, "\(offset) is outside of \(self)")
            return .v6(high: high, low: low | offset)
        }
    }
}

extension IPAddress {
    /// The address with all bits after the first `length` cleared.
    func masked(toPrefixLength length: Int) -> IPAddress {
        switch self {
        case .v4(let bits): .v4(length == 0 ? 0 : bits & (UInt32.max << UInt32(32 - length)))
        case .v6(let high, let low): .v6(high: high & Self.mask(length), low: low & Self.mask(length - 64))
        }
    }

    private static func mask(_ length: Int) -> UInt64 {
        length <= 0 ? 0 : length >= 64 ? .max : .max << UInt64(64 - length)
    }
}
