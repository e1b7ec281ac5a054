/// An address and a port: one end of a TCP connection or of a UDP exchange (the "transport address" of RFC 8445).
public struct TransportAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The IP address.
    public var address: IPAddress
    /// The port, 0 meaning "any" where that is allowed.
    public var port: UInt16

    /// Joins an address and a port.
    public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// One word for IPv4, see ``IPAddress/hash(into:)``.
    public func hash(into hasher: inout Hasher) {
        switch address {
        case .v4(let bits): hasher.combine(UInt64(bits) << 16 | UInt64(port))
        case .v6:
            hasher.combine(address)
            hasher.combine(port)
        }
    }

    /// "192.0.2.1:443" or "[2001:db8::1]:443".
    public var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }

    /// By address, then by port.
    public static func < (left: TransportAddress, right: TransportAddress) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }
}
