public import NIOCore

/// The timers and sizes of an SCTP association (RFC 9260 section 16).
public struct SCTPProfile: Hashable, Sendable {
    /// RTO.Initial.
    public var initialRTO: TimeAmount
    /// RTO.Min.
    public var minimumRTO: TimeAmount
    /// RTO.Max.
    public var maximumRTO: TimeAmount
    /// The longest interval of the back-off of one outage; nil if `maximumRTO` bounds it.
    public var maximumBackoff: TimeAmount?
    /// T1-init and T1-cookie.
    public var handshakeTimeout: TimeAmount
    /// Max.Init.Retransmits; nil is unlimited.
    public var handshakeRetransmissions: Int?
    /// Association.Max.Retrans; nil is unlimited.
    public var retransmissions: Int?
    /// HB.interval; nil if there are none.
    public var heartbeatInterval: TimeAmount?
    /// SACK delay.
    public var acknowledgementDelay: TimeAmount
    /// The longest SCTP packet, bytes.
    public var maximumPacketBytes: Int
    /// The initial congestion window, in packets.
    public var initialWindowPackets: Int
    /// The longest message, bytes.
    public var maximumMessageBytes: Int
}
