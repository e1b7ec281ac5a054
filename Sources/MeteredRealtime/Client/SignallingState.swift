/// The states of a signalling client (SIG-15). Each change is reported once, by ``SignallingEvent/stateChanged(from:to:)``.
public enum SignallingState: String, Hashable, Sendable, CaseIterable {
    /// Never connected.
    case idle
    /// The first connection of a session is under way: credential, dial, upgrade, welcome. It is not retried (SIG-14).
    case connecting
    /// Welcomed by the server.
    case connected
    /// A connection was lost and another is being made. The state stays so between attempts and while redialling.
    case reconnecting
    /// Ended by `close()`, by a failed first connect, by a terminal close code or by a spent budget. `connect()` starts anew.
    case closed
}
