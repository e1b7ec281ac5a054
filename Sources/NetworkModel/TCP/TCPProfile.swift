import NIOCore

/// The timing of one operating system's TCP, as data.
///
/// Sources: RFC 9293, RFC 6298 (retransmission timeout), RFC 8985 (loss probe), RFC 6928 (initial window), Linux `net/ipv4/tcp_{input,output,timer}.c`,
/// `include/net/tcp.h` and `Documentation/networking/ip-sysctl.rst`, XNU `bsd/netinet/tcp_timer.{h,c}`.
public final class TCPProfile: Hashable, Sendable {
    /// When an established connection is given up because its data stays unacknowledged.
    public enum GivingUp: Hashable, Sendable {
        /// Linux `retransmits_timed_out`: at the first timeout that comes later after the first retransmission than `retries` doublings of
        /// `base` (capped at the maximum timeout) would take. 15 retries of 200 ms: 924.6 s.
        case elapsed(retries: Int, base: TimeAmount)
        /// BSD: at the timeout after this many retransmissions of one segment (`TCP_MAXRXTSHIFT`).
        case retransmissions(Int)
    }

    /// What a connection does when its own address is taken away.
    public enum AddressRemoval: Hashable, Sendable {
        /// Linux: nothing, it retransmits into ENETUNREACH and goes on if the address comes back.
        case keepsRetrying
        /// Darwin: the system ends the sockets of an interface that is gone; the application sees ECONNABORTED at once.
        case aborts
    }

    /// What an ICMP "unreachable" does to a connection that is being opened. For an established one it is always a soft error (RFC 9293 section 3.9.2.2).
    public enum UnreachableDuringConnect: Hashable, Sendable {
        /// Linux `tcp_v4_err`: connect fails at once.
        case fails
        /// BSD `tcp_notify`: ignored until the SYN was sent again more than this often.
        case failsAfterRetransmissions(Int)
    }

    /// How a receiver delays acknowledgements.
    public enum DelayedAcknowledgement: Hashable, Sendable {
        /// Linux: at once for the first segments of a connection ("quick" acknowledgements, up to 16), then delayed by 40 ms (`TCP_ATO_MIN`)
        /// while the application answers, and at once again after a delay has expired for nothing. An application that reads a second small
        /// segment also sends the acknowledgement off.
        case linux
        /// XNU `t_unacksegs` (RFC 5681 section 4.2 asks for no more than every second full one): every second segment, or after this delay.
        case everySecondSegment(delay: TimeAmount)
    }

    /// The name of the profile, for reports.
    public let name: String
    /// How exactly timers fire.
    public let timers: TimerResolution
    /// Waits after each SYN: a SYN is sent at 0 and after each wait but the last; after the last, connect fails with ETIMEDOUT.
    public let synWaits: [TimeAmount]
    /// The same for the SYN-ACK of a connection that is being accepted.
    public let synAcknowledgementWaits: [TimeAmount]
    /// Timeout before the first measurement of the round trip (RFC 6298 rule 2.1: 1 s).
    public let initialTimeout: TimeAmount
    /// Lower bound of the variance part of the timeout: timeout = SRTT + max(4 RTTVAR, this). Linux: `TCP_RTO_MIN` 200 ms.
    public let varianceFloor: TimeAmount
    /// Lower bound of SRTT + 4 RTTVAR. XNU: `TCPTV_REXMTMIN` 30 ms.
    public let minimumTimeout: TimeAmount
    /// Added to every timeout after backoff. XNU: `TCPTV_REXMTSLOP` 200 ms.
    public let slop: TimeAmount
    /// How often the timeout is doubled at most. XNU `tcp_backoff`: 6; Linux: until ``maximumTimeout``.
    public let maximumDoublings: Int
    /// Upper bound of the backed-off timeout. Linux `TCP_RTO_MAX` 120 s, XNU `TCPTV_REXMTMAX` 64 s.
    public let maximumTimeout: TimeAmount
    /// When an established connection is given up.
    public let givingUp: GivingUp
    /// The same after the application has closed it. Linux `tcp_orphan_retries`: 8.
    public let givingUpOrphaned: GivingUp
    /// Whether a tail loss probe precedes the first timeout (RFC 8985 section 7).
    public let hasTailLossProbe: Bool
    /// How acknowledgements are delayed.
    public let delayedAcknowledgement: DelayedAcknowledgement
    /// Bytes that the kernel accepts from the application without an acknowledgement.
    public let sendBufferBytes: Int
    /// The largest receive window in bytes.
    public let receiveBufferBytes: Int
    /// Segments that may be sent before the first acknowledgement (RFC 6928: 10).
    public let initialCongestionWindow: Int
    /// How long TIME-WAIT lasts. Real systems: 30 to 60 s. Here short, since all it does in a simulation is to keep a port.
    public let timeWait: TimeAmount
    /// How long a closed connection waits for the other end's FIN (Linux `tcp_fin_timeout` 60 s).
    public let finWait2: TimeAmount
    /// What the loss of the own address does.
    public let addressRemoval: AddressRemoval
    /// What ICMP errors do to a connection that is being opened.
    public let unreachableDuringConnect: UnreachableDuringConnect

    /// Makes a profile; start from ``linux(retries:)`` or ``darwin`` unless another system is modelled.
    public init(
        name: String, timers: TimerResolution, synWaits: [TimeAmount], synAcknowledgementWaits: [TimeAmount],
        initialTimeout: TimeAmount = .seconds(1), varianceFloor: TimeAmount, minimumTimeout: TimeAmount, slop: TimeAmount,
        maximumDoublings: Int, maximumTimeout: TimeAmount, givingUp: GivingUp, givingUpOrphaned: GivingUp, hasTailLossProbe: Bool,
        delayedAcknowledgement: DelayedAcknowledgement, sendBufferBytes: Int, receiveBufferBytes: Int, initialCongestionWindow: Int = 10,
        timeWait: TimeAmount = .seconds(1), finWait2: TimeAmount = .seconds(60), addressRemoval: AddressRemoval,
        unreachableDuringConnect: UnreachableDuringConnect
    ) {
        self.name = name
        self.timers = timers
        self.synWaits = synWaits
        self.synAcknowledgementWaits = synAcknowledgementWaits
        self.initialTimeout = initialTimeout
        self.varianceFloor = varianceFloor
        self.minimumTimeout = minimumTimeout
        self.slop = slop
        self.maximumDoublings = maximumDoublings
        self.maximumTimeout = maximumTimeout
        self.givingUp = givingUp
        self.givingUpOrphaned = givingUpOrphaned
        self.hasTailLossProbe = hasTailLossProbe
        self.delayedAcknowledgement = delayedAcknowledgement
        self.sendBufferBytes = sendBufferBytes
        self.receiveBufferBytes = receiveBufferBytes
        self.initialCongestionWindow = initialCongestionWindow
        self.timeWait = timeWait
        self.finWait2 = finWait2
        self.addressRemoval = addressRemoval
        self.unreachableDuringConnect = unreachableDuringConnect
    }

    /// A profile is equal to itself only.
    public static func == (left: TCPProfile, right: TCPProfile) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    /// The timeout after `doublings` expiries in a row, of a timeout that was `base` at first.
    func backedOff(_ base: TimeAmount, doublings: Int) -> TimeAmount {
        // 2^20 times the smallest tick is over the maximum of every profile.
        let shift = min(doublings, maximumDoublings, 20)
        return .nanoseconds(min(base.nanoseconds << shift + slop.nanoseconds, maximumTimeout.nanoseconds))
    }
}
