/// Where a ``MeteredPeer`` is (SPEC section 4).
public enum MeteredPeerState: String, Hashable, Sendable, CaseIterable {
    /// Not in a channel: new, or a `join` failed (BEY-02).
    case idle
    /// `join` is under way.
    case joining
    /// In the channel; the roster is right.
    case joined
    /// The connection was lost and comes back by itself. The roster is kept until the channel's snapshot (ROS-01).
    case reconnecting
    /// `close` is under way.
    case leaving
    /// Over. Make a new peer to join again.
    case closed
}
