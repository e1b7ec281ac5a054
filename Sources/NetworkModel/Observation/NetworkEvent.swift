import NIOCore

/// Something that a model of the network did, for traces and tests. Delivered in order through `Network.observe`.
public struct NetworkEvent: Hashable, Sendable {
    /// When, in the simulation's own time.
    public var time: NIODeadline
    /// The name of the host, link, NAT or resolver that it happened at.
    public var subject: String
    /// What happened.
    public var kind: Kind

    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A packet was dropped.
        case packetDropped(PacketSummary, DropReason)
        /// A packet was delivered a second time, or overtook others on purpose.
        case packetDisturbed(PacketSummary, PacketDisturbance)
        /// An interface went up (with its addresses) or down.
        case interface(name: String, isUp: Bool, addresses: [IPAddress])
        /// The operating system told the host's observers about its connectivity.
        case path(NetworkPath)
        /// A host slept, woke, crashed ...
        case lifecycle(HostLifecycleEvent)
        /// The host's wall clock jumped by this many nanoseconds.
        case wallClockJumped(nanoseconds: Int64)
        /// A fault began or ended.
        case fault(name: String, what: String, hasBegun: Bool)
        /// A NAT or stateful firewall changed its state.
        case nat(NATEvent)
        /// A lookup advanced.
        case dns(DNSEvent)
        /// A TCP connection or listener of the host advanced.
        case tcp(TCPEvent)
    }

    /// Makes an event.
    public init(time: NIODeadline, subject: String, kind: Kind) {
        self.time = time
        self.subject = subject
        self.kind = kind
    }
}

/// What identifies a packet in an event.
public struct PacketSummary: Hashable, Sendable {
    /// The transport protocol.
    public var transportProtocol: IPProtocol
    /// The sender, as the packet said at that place.
    public var source: TransportAddress
    /// The receiver, as the packet said at that place.
    public var destination: TransportAddress
    /// The size on the wire.
    public var bytes: Int

    /// Summarises a packet.
    public init(_ packet: IPPacket) {
        transportProtocol = packet.transportProtocol
        source = packet.sourceTransportAddress
        destination = packet.destinationTransportAddress
        bytes = packet.wireBytes
    }
}

/// Why a packet was dropped. The name in `fault` is that of the injected fault that caused it.
public enum DropReason: Hashable, Sendable {
    /// The drop-tail queue of a link was full.
    case queueFull
    /// Random loss of a link, independent or in a burst; `fault` if a fault raised it.
    case loss(fault: String?)
    /// A blackout or one-way blackout.
    case blackout(fault: String)
    /// Two hosts are cut off from each other.
    case partition(fault: String)
    /// A captive portal lets only its own pages through.
    case captivePortal(fault: String)
    /// The policy of an access network refuses it.
    case blocked(fault: String)
    /// The packet is longer than the MTU and may not be fragmented.
    case tooBig(maximumTransmissionUnit: Int)
    /// The hop limit reached zero.
    case hopLimitExceeded
    /// Nobody has the destination address.
    case noRoute
    /// The interface at the end of the link is down or has another address.
    case interfaceDown
    /// The receiving machine sleeps.
    case hostAsleep
    /// The receiving machine has crashed or is switched off.
    case hostDown
    /// A NAT or firewall has no mapping for the packet.
    case noMapping
    /// A NAT or firewall has a mapping, and its filter does not admit this sender.
    case filtered
    /// A TCP segment does not belong to a connection that the NAT has seen start.
    case outOfState
    /// A NAT has no port or address left.
    case portsExhausted
    /// A NAT does not send packets back to its own side.
    case hairpinningOff
    /// Nobody at the host takes the protocol or has the port open.
    case noReceiver
    /// The application does not read, and its socket's buffer is full.
    case receiveBufferFull
    /// The receiving host's own filter refuses the packet.
    case firewall
}

/// What a link did to a packet other than dropping it.
public enum PacketDisturbance: String, Hashable, Sendable {
    /// Delivered twice.
    case duplicated
    /// Held back so that later packets overtake it.
    case reordered
}
