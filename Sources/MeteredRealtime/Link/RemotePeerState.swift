/// The state of the connection to a remote peer (ICE-06).
public enum RemotePeerState: String, Hashable, Sendable, CaseIterable {
    /// Nothing was negotiated, or there is nothing to negotiate.
    case idle
    /// The first connection is on its way.
    case connecting
    /// Media and data can flow.
    case connected
    /// The connection was lost, or signalling was; the SDK works on it.
    case reconnecting
    /// The remote peer ended the connection or left. A connection that it ended comes back with its next offer, or at the next reconcile.
    case closed
}
