import NIOCore

/// On what a NAT's mapping or filter depends, in the words of RFC 4787 sections 4.1 and 5.
public enum NATDependence: String, Hashable, Sendable, CaseIterable {
    /// On the inside address and port only.
    case endpointIndependent
    /// Also on the remote address.
    case addressDependent
    /// Also on the remote address and port.
    case addressAndPortDependent
}

/// The behaviour of one NAT (RFC 4787 for UDP, RFC 5382 for TCP).
public struct NATProfile: Hashable, Sendable {
    /// How outside ports are chosen (RFC 4787 section 4.2).
    public enum PortAllocation: String, Hashable, Sendable, CaseIterable {
        /// The inside port if it is free, else a random one.
        case preserving
        /// Random in 1024...65535.
        case random
    }

    /// What becomes of a TCP segment that belongs to no connection the NAT has seen start (RFC 5382 leaves it open; RFC 7857 section 3).
    public enum OutOfState: String, Hashable, Sendable, CaseIterable {
        /// Dropped without a word, as most home routers and carriers do: after a rebinding the connection hangs.
        case drop
        /// Answered with RST, from inside only: after a rebinding the connection fails at once.
        case reset
        /// Taken as the start of a connection, as Linux does with `nf_conntrack_tcp_loose`: with a preserved port and address it survives.
        case adopt
    }

    /// Whether one inside endpoint has one outside port, or one per remote.
    public var mapping: NATDependence
    /// Which remotes may send to a mapping. TCP segments pass only if they belong to a connection, or are a SYN that the filter admits.
    public var filtering: NATDependence
    /// How outside ports are chosen.
    public var portAllocation: PortAllocation
    /// Whether packets from inside to an outside mapping of the same NAT come back in (RFC 4787 section 6).
    public var isHairpinning: Bool
    /// When an idle UDP mapping ends. RFC 4787 REQ-5 asks for at least 2 minutes; practice is from 20 s.
    public var udpIdleTimeout: TimeAmount
    /// When an idle TCP connection that is open ends. RFC 5382 REQ-5 asks for at least 2 h 4 min.
    public var tcpEstablishedTimeout: TimeAmount
    /// When an idle TCP connection that is opening or closing ends. RFC 5382 REQ-5 asks for at least 4 minutes.
    public var tcpTransitoryTimeout: TimeAmount
    /// Whether packets from outside keep a mapping alive too (RFC 4787 REQ-6 leaves it open; Linux does).
    public var isRefreshedByInbound: Bool
    /// What becomes of TCP segments out of state.
    public var outOfState: OutOfState
    /// How many public addresses the NAT has. An inside address always gets the same one ("paired", RFC 4787 REQ-2).
    public var publicAddressCount: Int

    /// A NAT's behaviour. Without arguments: the common home router, endpoint-independent mapping with address-and-port-dependent filtering.
    public init(
        mapping: NATDependence = .endpointIndependent, filtering: NATDependence = .addressAndPortDependent,
        portAllocation: PortAllocation = .preserving, isHairpinning: Bool = false, udpIdleTimeout: TimeAmount = .seconds(120),
        tcpEstablishedTimeout: TimeAmount = .minutes(124), tcpTransitoryTimeout: TimeAmount = .minutes(4),
        isRefreshedByInbound: Bool = true,
        outOfState: OutOfState = .drop, publicAddressCount: Int = 1
    ) {
        precondition(publicAddressCount >= 1, "a NAT has a public address")
        self.mapping = mapping
        self.filtering = filtering
        self.portAllocation = portAllocation
        self.isHairpinning = isHairpinning
        self.udpIdleTimeout = udpIdleTimeout
        self.tcpEstablishedTimeout = tcpEstablishedTimeout
        self.tcpTransitoryTimeout = tcpTransitoryTimeout
        self.isRefreshedByInbound = isRefreshedByInbound
        self.outOfState = outOfState
        self.publicAddressCount = publicAddressCount
    }
}
