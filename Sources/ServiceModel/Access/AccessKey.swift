import CompactJSON

/// A key of the account: connects by itself (`?key=`) or signs tokens (`?token=` with its id as `kid`), or both.
public struct AccessKey: Sendable {
    /// What stands after `?key=`, and the `kid` of tokens.
    public var id: String
    /// Signs tokens; nil: this key signs none.
    public var signingKey: SigningKey?
    /// Whether `?key=` with this id is accepted.
    public var connectsByItself: Bool
    /// The channels that it opens.
    public var channels: [ChannelPattern]
    /// The actions that it allows.
    public var actions: ServiceActions
    /// The peer id of whoever connects with the bare key; nil: a new one for each connection, so that a reconnect is another peer.
    public var peerID: String?
    /// What others see of whoever connects with the bare key.
    public var peerMetadata: JSONObject?

    /// A key that opens everything, unless told otherwise.
    public init(
        id: String, secret: [UInt8]? = nil, connectsByItself: Bool = true, channels: [ChannelPattern] = ["*"],
        actions: ServiceActions = .all, peerID: String? = nil, peerMetadata: JSONObject? = nil
    ) {
        self.id = id
        signingKey = secret.map { SigningKey(id: id, secret: $0) }
        self.connectsByItself = connectsByItself
        self.channels = channels
        self.actions = actions
        self.peerID = peerID
        self.peerMetadata = peerMetadata
    }
}
