import NIOCore

/// What TURN clients do differently: the figures of one are part of its profile.
public struct TURNClientTiming: Hashable, Sendable {
    /// When an allocation is refreshed.
    public enum RefreshRule: Hashable, Sendable {
        /// This long before its lifetime ends.
        case before(TimeAmount)
        /// After so many parts of so many of its lifetime.
        case after(parts: Int, of: Int)
    }

    /// When a channel is bound to a peer.
    public enum ChannelRule: String, Hashable, Sendable, CaseIterable {
        /// With the first datagram that is not STUN; until it is bound, data goes as Send indications.
        case afterFirstPayload
        /// With the first datagram of any kind, beside its permission; until it is bound, data goes as Send indications.
        case afterFirstDatagram
        /// In place of a permission, which it includes; data waits for it.
        case insteadOfPermission
        /// Not at all.
        case never
    }

    /// How requests are repeated over UDP; over TCP and TLS they have its total time.
    public var requests: RetransmissionSchedule
    /// The lifetime that is asked for; nil: none, so that the server's default of 600 s holds.
    public var requestedLifetime: TimeAmount?
    /// When the allocation is refreshed.
    public var refresh: RefreshRule
    /// How long after it was given a permission is asked for again. It lasts 300 s (RFC 8656 section 9).
    public var permissionRefresh: TimeAmount
    /// Whether that is done also for a peer with a channel.
    public var refreshesPermissionsOfChannels: Bool
    /// Whether data waits for the peer's permission; otherwise it goes at once, and the server may drop it.
    public var waitsForPermission: Bool
    /// When channels are bound.
    public var channels: ChannelRule
    /// How long after it was bound a channel is bound again. It lasts 600 s (RFC 8656 section 12).
    public var channelRefresh: TimeAmount
    /// How many other local ports are tried after 437 (Allocation Mismatch).
    public var mismatchRetries: Int

    /// Timing of these figures.
    public init(
        requests: RetransmissionSchedule, requestedLifetime: TimeAmount? = nil, refresh: RefreshRule, permissionRefresh: TimeAmount,
        refreshesPermissionsOfChannels: Bool, waitsForPermission: Bool, channels: ChannelRule, channelRefresh: TimeAmount, mismatchRetries: Int
    ) {
        self.requests = requests
        self.requestedLifetime = requestedLifetime
        self.refresh = refresh
        self.permissionRefresh = permissionRefresh
        self.refreshesPermissionsOfChannels = refreshesPermissionsOfChannels
        self.waitsForPermission = waitsForPermission
        self.channels = channels
        self.channelRefresh = channelRefresh
        self.mismatchRetries = mismatchRetries
    }

    /// When an allocation of this lifetime is refreshed; never sooner than a second, whatever lifetime a server gives.
    func refreshDelay(lifetime: TimeAmount) -> TimeAmount {
        let lifetime = min(max(lifetime, .zero), .hours(24))
        switch refresh {
        case .before(let margin): return max(lifetime - margin, .nanoseconds(lifetime.nanoseconds / 2), .seconds(1))
        case .after(let parts, let whole): return max(.nanoseconds(lifetime.nanoseconds / Int64(whole) * Int64(parts)), .seconds(1))
        }
    }
}
