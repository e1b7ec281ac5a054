/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) error about a packet that could not be delivered. Echo is not modelled.
public struct ICMPMessage: Hashable, Sendable {
    /// Why a destination cannot be reached.
    public enum Unreachable: String, Hashable, Sendable, CaseIterable {
        /// No route to the network (code 0; ICMPv6 code 0).
        case network
        /// The router of the last hop cannot find the host (code 1; ICMPv6 code 3).
        case host
        /// Nobody listens on the port (code 3; ICMPv6 code 4).
        case port
        /// A filter refuses the traffic (code 13; ICMPv6 code 1).
        case administrativelyProhibited
    }

    /// The kinds of error.
    public enum Kind: Hashable, Sendable {
        /// Destination unreachable.
        case destinationUnreachable(Unreachable)
        /// "Fragmentation needed" (RFC 1191) or ICMPv6 "packet too big" (RFC 4443 section 3.2), with the MTU of the narrow link in bytes.
        case packetTooBig(maximumTransmissionUnit: Int)
        /// The hop limit reached zero.
        case hopLimitExceeded
    }

    /// What of the undelivered packet comes back: its IP header and the first 8 bytes after it (RFC 792).
    public struct QuotedPacket: Hashable, Sendable {
        /// Which transport protocol the packet carried.
        public var transportProtocol: IPProtocol
        /// Its sender: the receiver of the error.
        public var source: TransportAddress
        /// Where it was to go.
        public var destination: TransportAddress
        /// The sequence number of a TCP segment, by which a receiver tells a genuine error from a forged one (RFC 5927 section 4.1).
        public var sequenceNumber: UInt32?

        /// Makes a quotation from its parts.
        public init(
            transportProtocol: IPProtocol, source: TransportAddress, destination: TransportAddress, sequenceNumber: UInt32? = nil
        ) {
            self.transportProtocol = transportProtocol
            self.source = source
            self.destination = destination
            self.sequenceNumber = sequenceNumber
        }

        /// Quotes a packet.
        public init(_ packet: IPPacket) {
            self.init(
                transportProtocol: packet.transportProtocol, source: packet.sourceTransportAddress,
                destination: packet.destinationTransportAddress)
            if case .tcp(let segment) = packet.payload { sequenceNumber = segment.sequenceNumber }
        }
    }

    /// What went wrong.
    public var kind: Kind
    /// The packet it is about.
    public var quoted: QuotedPacket

    /// Makes an error about a packet.
    public init(_ kind: Kind, quoting packet: IPPacket) {
        self.kind = kind
        self.quoted = QuotedPacket(packet)
    }

    /// 8 bytes of ICMP header, and the quoted IP header with 8 bytes after it.
    public func wireBytes(family: IPFamily) -> Int { 8 + IPPacket.headerBytes(family) + 8 }
}
