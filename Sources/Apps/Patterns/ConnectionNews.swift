import MeteredRealtime

/// What the guide's patterns need to know, of a signalling client and of a peer alike.
public enum ConnectionNews: Hashable, Sendable {
    /// The connection was lost and comes back by itself.
    case reconnecting
    /// It is there: a client is connected, a peer has joined.
    case connected
    /// There is none, and none is being restored.
    case quiet
    /// It ended for good, by this code.
    case ended(CloseCode)
    /// The token provider has failed several times in a row (SIG-08).
    case tokenProviderFailed
}

extension ConnectionNews {
    /// Nil for an event that no pattern needs.
    public init?(_ event: SignallingEvent) {
        switch event {
        case .stateChanged(_, .reconnecting): self = .reconnecting
        case .stateChanged(_, .connected): self = .connected
        case .stateChanged(_, .idle), .stateChanged(_, .connecting), .stateChanged(_, .closed): self = .quiet
        case .disconnected(let code, _, willReconnect: false): self = .ended(code)
        case .tokenProviderFailed: self = .tokenProviderFailed
        case .disconnected, .connected, .presence, .message, .direct, .serverError, .goingAway, .subscriptionReplayFailed, .upgradeRejected:
            return nil
        }
    }

    /// Nil for an event that no pattern needs.
    public init?(_ event: PeerEvent) {
        switch event {
        case .stateChanged(_, .reconnecting): self = .reconnecting
        case .stateChanged(_, .joined): self = .connected
        case .stateChanged(_, .idle), .stateChanged(_, .joining), .stateChanged(_, .leaving), .stateChanged(_, .closed): self = .quiet
        case .error(.disconnected(let code, _)): self = .ended(code)
        case .error(.tokenProviderFailed): self = .tokenProviderFailed
        case .error, .joined, .left, .peerJoined, .peerLeft, .data: return nil
        }
    }
}
