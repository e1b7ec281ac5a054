/// What a failed call failed with, apart from how an SDK names its types.
///
/// FORMAT.md leaves the type names of errors to the implementation; this is the mapping table through which they are compared.
public enum ErrorKind: String, Hashable, Sendable, CaseIterable {
    /// The first connect failed (SIG-14).
    case connectFailed
    /// The call needs a connection and there is none.
    case notConnected
    /// The connection went while the call waited (SIG-10).
    case disconnected
    /// No ack came in time (SIG-10).
    case timeout
    /// The service answered with an error.
    case rejected
    /// An argument is not allowed (WIRE-05, WIRE-06).
    case invalidArgument
    /// The data is larger than the service takes (WIRE-05).
    case oversized
    /// The call is not legal in this state, or close() ended it (SIG-15, SIG-16).
    case invalidState
    /// The token provider failed (SIG-08).
    case tokenProvider
    /// The peer is not in a channel.
    case notJoined
    /// A peer cannot send to itself.
    case sendToSelf
    /// The connection ended for good (ROS-12).
    case endedForGood
    /// The service reported something that the application must act on (SIG-21).
    case serverError
    /// A replayed subscribe failed for the last time (SIG-12).
    case resubscribe
    /// No snapshot came (ROS-09).
    case reconcileTimeout
    /// The ladder has ended without a connection (ICE-05).
    case gaveUp
    /// The peer connection refused something.
    case peerConnection

    /// The kinds that a type name of the official SDK may stand for when this call fails with it.
    ///
    /// A failure of the token provider keeps the provider's own type there, so it has no name of its own: it is any other type, from `connect` and `join` only,
    /// and `TimeoutError` when the call took too long or `ValueError` when it returned nothing.
    public static func official(_ name: String, call: String) -> Set<ErrorKind> {
        switch name {
        case "SignallingConnectError": [.connectFailed]
        case "NotConnectedError": [.notConnected]
        case "DisconnectedError": [.disconnected]
        case "AckTimeoutError": [.timeout]
        case "ServerRequestError": [.rejected]
        case "MeteredPeerOversizedError": [.oversized]
        case "SignallingError", "MeteredPeerStateError": [.invalidState]
        case "MeteredPeerSendError": [.notJoined, .sendToSelf, .invalidArgument]
        // A peer or a track that is not there: what a recorder's look-up says of it.
        case "KeyError", "StopIteration": ["createDataChannel", "removeTrack"].contains(call) ? [.invalidArgument] : startOnly(call)
        case "ValueError", "TypeError": call == "connect" ? [.tokenProvider] : [.invalidArgument]
        default: startOnly(call)
        }
    }

    private static func startOnly(_ call: String) -> Set<ErrorKind> { ["connect", "join"].contains(call) ? [.tokenProvider] : [] }

    /// The kinds that an error event of a peer (`FatalError`) may stand for.
    public static func officialFatal(_ name: String, text: String) -> Set<ErrorKind> {
        if name == "ReconcileTimeoutError" { return [.reconcileTimeout] }
        if name == "ResubscribeError" { return [.resubscribe] }
        if text.hasPrefix("connection closed terminally") { return [.endedForGood] }
        if text.hasPrefix("server error") { return [.serverError] }
        return text.hasPrefix("token provider failed") ? [.tokenProvider] : []
    }

    /// The kinds that a remote peer's `NegotiationError` may stand for. What is not an error of the SDK comes from the peer connection.
    public static func officialNegotiation(_ name: String) -> Set<ErrorKind> {
        let kinds = official(name, call: "")
        if name == "MeteredRealtimeError" { return [.gaveUp] }
        return kinds.isEmpty || name == "ValueError" || name == "TypeError" ? [.peerConnection] : kinds
    }
}
