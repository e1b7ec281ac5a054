public import CompactJSON
public import NIOCore

/// What a signalling client tells the application.
public enum SignallingEvent: Hashable, Sendable {
    /// The state changed. Every change is reported once (SIG-15).
    case stateChanged(from: SignallingState, to: SignallingState)
    /// The server welcomed a connection: the first of a session, or a later one.
    case connected(Welcome, isReconnect: Bool)
    /// A socket that had opened, in a session that was welcomed before, is gone; or the client gave up (SIG-03, SIG-05, SIG-15).
    case disconnected(code: CloseCode, reason: String, willReconnect: Bool)
    /// Members of a channel: after a subscribe the whole membership in `joined`, later the changes (WIRE-03).
    case presence(channel: String, joined: [PresencePeer], left: [PresencePeer])
    /// Data published on a channel.
    case message(channel: String, from: String, data: JSONValue, fromMetadata: JSONObject?)
    /// Data sent to this client alone.
    case direct(from: String, data: JSONValue, fromMetadata: JSONObject?)
    /// An error that answers no request in flight (WIRE-04, SIG-21).
    case serverError(code: String, message: String?, requestID: String?)
    /// The server announced that it will close; it asks to stay away for `retryAfter`, 1 ms...300 s (SIG-18, WIRE-08).
    case goingAway(retryAfter: TimeAmount)
    /// The token provider failed, or its tokens were refused, this many times in a row. Retries go on (SIG-08, BEY-07).
    case tokenProviderFailed(consecutiveFailures: Int, error: RedactedError)
    /// A subscription could not be replayed on this connection, whatever its retries (SIG-12).
    case subscriptionReplayFailed(channel: String, error: SignallingError)
    /// A reconnect attempt was refused with this HTTP status (BEY-07).
    case upgradeRejected(status: Int)
}

/// The server's first frame on a connection (WIRE-02).
public struct Welcome: Hashable, Sendable {
    /// The identifier other peers see.
    public var peerID: String
    /// When the credential ends, in the server's unit (milliseconds since 1970), or nil if it does not.
    public var expiresAt: Int64?
    /// The server's clock at the welcome, milliseconds since 1970.
    public var serverTime: Int64
    /// The largest `data` the server takes, in bytes of JSON.
    public var maximumMessageBytes: Int
    /// Whatever the credential carries for this peer.
    public var metadata: JSONObject?
    /// The list in the metadata, validated; nil if there is none or if anything in it is malformed (WIRE-07).
    public var iceServers: [ICEServer]?

    /// - Parameters:
    ///   - peerID: The identifier other peers see.
    ///   - expiresAt: When the credential ends, or nil.
    ///   - serverTime: The server's clock.
    ///   - maximumMessageBytes: The largest `data` the server takes.
    ///   - metadata: Whatever the credential carries; ``iceServers`` is read from it.
    public init(peerID: String, expiresAt: Int64?, serverTime: Int64, maximumMessageBytes: Int, metadata: JSONObject?) {
        self.peerID = peerID
        self.expiresAt = expiresAt
        self.serverTime = serverTime
        self.maximumMessageBytes = maximumMessageBytes
        self.metadata = metadata
        self.iceServers = ICEServer.list(in: metadata)
    }
}

/// A member of a channel.
public struct PresencePeer: Hashable, Sendable {
    /// The member's identifier.
    public var peerID: String
    /// What the member's credential says of it.
    public var metadata: JSONObject?

    /// - Parameters:
    ///   - peerID: The member's identifier.
    ///   - metadata: What the member's credential says of it.
    public init(peerID: String, metadata: JSONObject? = nil) {
        self.peerID = peerID
        self.metadata = metadata
    }
}
