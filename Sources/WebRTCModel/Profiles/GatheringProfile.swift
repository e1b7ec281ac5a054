public import NIOCore

/// Where and when candidates are looked for.
public struct GatheringProfile: Hashable, Sendable {
    /// Requests to STUN servers.
    public var stunSchedule: RetransmissionSchedule
    /// From the start of gathering to the requests of TURN servers.
    public var relayDelay: TimeAmount
    /// From the start of gathering to TCP host candidates; nil if there are none.
    public var hostTCPDelay: TimeAmount?
    /// Gathering is complete after this long at the latest; nil if only the schedules end it.
    public var timeout: TimeAmount?
    /// Candidates may be told to the peer as they are found; otherwise gathering completes first.
    public var trickles: Bool
    /// Between two requests that keep a server-reflexive candidate's mapping alive; nil if nobody does.
    public var keepaliveInterval: TimeAmount?
    /// How often interfaces are looked at, where the system does not tell.
    public var interfacePollInterval: TimeAmount?
    /// From the system's event to the application's new candidates.
    public var interfaceEventDelay: TimeAmount
    /// Gathering again on networks without a pair, while gathering continually; nil if never.
    public var regatherInterval: TimeAmount?
    /// How many IPv6 interfaces are used.
    public var maximumIPv6Networks: Int
    /// Whether a TURN client over UDP uses the socket of the host candidate; otherwise it has one of its own.
    public var sharesSocketWithTURN: Bool
    /// Whether TURN servers over UDP are also asked as STUN servers.
    public var asksTURNServersForSTUN: Bool
    /// Whether a TURN server's answer over UDP, which names our address as the server sees it, gives a server-reflexive candidate. Only where the TURN client
    /// has the socket of the host candidate.
    public var learnsReflexiveFromAllocate: Bool
    /// After a restart, how long a socket or allocation of an earlier generation is kept once it has no pair any more; nil: as long as its generation.
    public var idlePortLifetime: TimeAmount?
    /// Mappings on mobile networks are kept alive for this long after gathering only; nil: as on others.
    public var mobileKeepaliveLifetime: TimeAmount?
}
