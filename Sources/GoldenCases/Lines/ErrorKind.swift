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

    /// The kinds that a type name of the official SDK may stand for when this call fails with it.
    ///
    /// A failure of the token provider keeps the provider's own type there, so it has no name of its own: it is any other type, from `connect` only,
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
        case "ValueError", "TypeError": call == "connect" ? [.tokenProvider] : [.invalidArgument]
        default: call == "connect" ? [.tokenProvider] : []
        }
    }
}
