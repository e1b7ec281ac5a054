public import NIOCore

/// What a TURN client does.
public struct TURNProfile: Hashable, Sendable {
    /// When an allocation is refreshed, by its lifetime.
    public enum RefreshRule: Hashable, Sendable {
        /// So long before its end; at half of the lifetime if that is under twice the margin; one minute before the hour at the latest.
        case before(end: TimeAmount)
        /// After this part of the lifetime.
        case after(numerator: Int64, denominator: Int64)

        /// How long after the last success, for a lifetime.
        public func delay(lifetime: TimeAmount) -> TimeAmount {
            switch self {
            case .before(let margin):
                if lifetime < margin + margin { return .nanoseconds(lifetime.nanoseconds / 2) }
                return min(lifetime, .hours(1)) - margin
            case .after(let numerator, let denominator):
                return .nanoseconds(lifetime.nanoseconds / denominator * numerator)
            }
        }
    }

    /// Requests over UDP.
    public var schedule: RetransmissionSchedule
    /// What Allocate and Refresh ask for; nil leaves it to the server.
    public var requestedLifetime: TimeAmount?
    /// When the allocation is refreshed.
    public var refresh: RefreshRule
    /// Between two requests for the same permission (it lasts 300 s: RFC 8656 section 9).
    public var permissionRefresh: TimeAmount
    /// Between two bindings of the same channel (it lasts 600 s: RFC 8656 section 12).
    public var channelRefresh: TimeAmount
    /// Whether a channel is bound with the first application data to a peer; otherwise at once with the permission.
    public var bindsChannelOnFirstData: Bool
    /// New sockets tried after 437 Allocation Mismatch.
    public var mismatchRetries: Int
    /// A silent server over TCP or TLS is given up after this long (RFC 8489 section 6.2.2: Ti).
    public var streamTimeout: TimeAmount
}
