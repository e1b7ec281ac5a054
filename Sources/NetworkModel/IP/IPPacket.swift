/// The transport protocols of the model.
public enum IPProtocol: String, Hashable, Sendable, CaseIterable {
    /// TCP, protocol number 6.
    case tcp
    /// UDP, protocol number 17.
    case udp
    /// ICMP (1) or ICMPv6 (58), by the family of the packet.
    case icmp
}

/// One IP packet on its way. Headers are values, not bytes; `wireBytes` says how many bytes the packet would be on a wire.
public struct IPPacket: Sendable {
    /// What the packet carries.
    public enum Payload: Sendable {
        /// A UDP datagram.
        case udp(UDPDatagram)
        /// A TCP segment.
        case tcp(TCPSegment)
        /// An ICMP or ICMPv6 error.
        case icmp(ICMPMessage)
    }

    /// The hop limit (time to live) a host starts with, the default of Linux and Darwin.
    public static let initialHopLimit: UInt8 = 64

    /// The address of the sender as seen here: a NAT rewrites it.
    public var source: IPAddress
    /// Where the packet goes.
    public var destination: IPAddress
    /// How many more routers may forward the packet.
    public var hopLimit: UInt8
    /// IPv4's DF bit. IPv6 packets are never fragmented by routers, whatever this says.
    public var dontFragment: Bool
    /// What the packet carries.
    public var payload: Payload
    /// The host that put the packet on its network; not on the wire. It lets a partition hold through address translation.
    var origin: HostIdentifier = .none

    /// Makes a packet as a host would send it.
    public init(
        source: IPAddress, destination: IPAddress, hopLimit: UInt8 = initialHopLimit, dontFragment: Bool = true, payload: Payload
    ) {
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
        self.dontFragment = dontFragment
        self.payload = payload
    }

    /// The transport protocol carried.
    public var transportProtocol: IPProtocol {
        switch payload {
        case .udp: .udp
        case .tcp: .tcp
        case .icmp: .icmp
        }
    }

    /// The size on the wire: IP header (20 bytes, or 40 for IPv6), transport header and payload; without link-layer framing.
    public var wireBytes: Int {
        let header = Self.headerBytes(source.family)
        switch payload {
        case .udp(let datagram): return header + datagram.wireBytes
        case .tcp(let segment): return header + segment.wireBytes
        case .icmp(let message): return header + message.wireBytes(family: source.family)
        }
    }

    /// The size of an IP header without options: RFC 791 section 3.1, RFC 8200 section 3.
    public static func headerBytes(_ family: IPFamily) -> Int {
        switch family {
        case .v4: 20
        case .v6: 40
        }
    }

    /// The sender's transport address; the port is 0 for ICMP.
    public var sourceTransportAddress: TransportAddress {
        switch payload {
        case .udp(let datagram): TransportAddress(source, datagram.sourcePort)
        case .tcp(let segment): TransportAddress(source, segment.sourcePort)
        case .icmp: TransportAddress(source, 0)
        }
    }

    /// The receiver's transport address; the port is 0 for ICMP.
    public var destinationTransportAddress: TransportAddress {
        switch payload {
        case .udp(let datagram): TransportAddress(destination, datagram.destinationPort)
        case .tcp(let segment): TransportAddress(destination, segment.destinationPort)
        case .icmp: TransportAddress(destination, 0)
        }
    }
}

/// The number of a host within its network, in order of creation.
struct HostIdentifier: Hashable, Sendable {
    var number: Int32

    /// A packet that no host sent: an ICMP error of a router.
    static let none = HostIdentifier(number: -1)
}
