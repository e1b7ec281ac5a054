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

    /// When a channel is bound to a peer.
    public enum ChannelRule: String, Hashable, Sendable, CaseIterable {
        /// With the first datagram that is not STUN; until it is bound, data goes as Send indications.
        case afterFirstPayload
        /// With the first datagram of any kind, beside the permission; until it is bound, data goes as Send indications.
        case afterFirstDatagram
        /// In place of a permission, which it includes (RFC 8656 section 12.2); data waits for it.
        case insteadOfPermission
        /// Not at all.
        case never
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
    /// When channels are bound.
    public var channels: ChannelRule
    /// Whether the permission of a peer with a channel is refreshed by itself too.
    public var refreshesPermissionsOfChannels: Bool
    /// Whether data waits for the peer's permission; otherwise it goes at once, and the server may drop it.
    public var waitsForPermission: Bool
    /// New sockets tried after 437 Allocation Mismatch.
    public var mismatchRetries: Int
    /// A silent server over TCP or TLS is given up after this long (RFC 8489 section 6.2.2: Ti).
    public var streamTimeout: TimeAmount
    /// The permission is asked for as soon as there is a pair with the peer, not with the first check (`TurnPort::CreateConnection`).
    public var permitsBeforeFirstDatagram = false
}
