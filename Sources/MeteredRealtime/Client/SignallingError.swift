public import NIOCore

/// Everything that a signalling client's calls throw. No case carries a credential (SIG-17).
public enum SignallingError: Error, Hashable, Sendable {
    /// The base URL is not a bare `wss:` origin (or `ws:` on the local host); the text says why (WIRE-10).
    case invalidURL(String)
    /// An option is out of its range.
    case invalidOptions(String)
    /// The credential is empty.
    case invalidCredential
    /// `connect()` was called in a state other than `idle` and `closed` (SIG-15).
    case invalidState(SignallingState)
    /// The first connection ended with this close code; 1006 if it never opened (SIG-14).
    case connectFailed(code: CloseCode, reason: String)
    /// The server answered the upgrade with this HTTP status (SIG-14, BEY-07).
    case upgradeRejected(status: Int)
    /// The token provider failed on the first connect (SIG-08).
    case tokenProviderFailed(RedactedError)
    /// `close()` ended the call.
    case closed
    /// The operation needs a connection. Nothing was sent.
    case notConnected(SignallingState)
    /// The connection was lost before the acknowledgement came. The server may or may not have seen the request (SIG-10).
    case disconnected(code: CloseCode, reason: String)
    /// No acknowledgement came in time (SIG-10).
    case requestTimedOut(requestID: String, after: TimeAmount)
    /// The server answered the request with an error. Codes pass through verbatim (WIRE-04).
    case rejectedByServer(code: String, message: String?)
    /// A channel name is empty, longer than 256 Unicode scalars or has control characters (WIRE-05).
    case invalidChannel(String)
    /// A peer identifier is empty, longer than 128 Unicode scalars or has control characters (WIRE-05).
    case invalidPeerID(String)
    /// The channel belongs to the service: `_metered/`, `_internal/` and `_system/` cannot be joined (WIRE-06).
    case reservedChannel(String)
    /// The data's JSON is larger than the server takes (WIRE-05, BEY-20).
    case payloadTooLarge(sizeBytes: Int, capBytes: Int)
    /// The data holds a NaN or an infinity, which JSON cannot carry (WIRE-01).
    case invalidPayload
}

extension SignallingError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .invalidURL(let why): "invalid signalling URL: \(why)"
        case .invalidOptions(let why): "invalid signalling option: \(why)"
        case .invalidCredential: "the credential is empty"
        case .invalidState(let state): "connect() is not possible in state \(state)"
        case .connectFailed(let code, let reason): "signalling connection failed with code \(code)\(reason.isEmpty ? "" : ": \(reason)")"
        case .upgradeRejected(let status): "the server refused the WebSocket upgrade with HTTP status \(status)"
        case .tokenProviderFailed(let error): "the token provider failed: \(error)"
        case .closed: "the client was closed"
        case .notConnected(let state): "not connected (state \(state))"
        case .disconnected(let code, _): "the connection closed with code \(code) before the acknowledgement"
        case .requestTimedOut(let id, let limit): "request \(id) was not acknowledged within \(limit.nanoseconds / 1_000_000) ms"
        case .rejectedByServer(let code, let message): "the server rejected the request: \(code)\(message.map { ": \($0)" } ?? "")"
        case .invalidChannel(let why): "invalid channel: \(why)"
        case .invalidPeerID(let why): "invalid peer identifier: \(why)"
        case .reservedChannel(let channel): "the channel \(channel) is reserved"
        case .payloadTooLarge(let size, let cap): "the message is \(size) bytes, the server's limit is \(cap)"
        case .invalidPayload: "JSON has no NaN and no infinities"
        }
    }
}
