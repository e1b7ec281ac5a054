import CompactJSON

/// What a token says about its bearer (SRV-01).
public struct TokenClaims: Hashable, Sendable {
    /// `sub`: the peer id, 1..128 Unicode scalars.
    public var peerID: String
    /// `exp`: no connection with this token outlives it. Whole seconds on the wire.
    public var expiresAt: WallTime
    /// `channels`: patterns of the channels it opens; nil: all that its key opens.
    public var channels: [ChannelPattern]?
    /// `permissions`: the actions it allows; nil: all that its key allows.
    public var permissions: ServiceActions?
    /// `peerMetadata`: what others see of this peer.
    public var peerMetadata: JSONObject?
    /// `metadata`: goes into the welcome; `iceServers` is one of its members.
    public var metadata: JSONObject?

    /// Claims of a peer that expire at an instant.
    public init(
        peerID: String, expiresAt: WallTime, channels: [ChannelPattern]? = nil, permissions: ServiceActions? = nil,
        peerMetadata: JSONObject? = nil, metadata: JSONObject? = nil
    ) {
        self.peerID = peerID
        self.expiresAt = expiresAt
        self.channels = channels
        self.permissions = permissions
        self.peerMetadata = peerMetadata
        self.metadata = metadata
    }

    /// The payload of a token with these claims.
    public var json: JSONValue {
        var object: JSONObject = ["sub": .string(peerID), "exp": .integer(expiresAt.unixSeconds)]
        object["channels"] = channels.map { .array($0.map { .string($0.text) }) }
        object["permissions"] = permissions.map { .array($0.names.map { .string($0) }) }
        object["peerMetadata"] = peerMetadata.map { .object($0) }
        object["metadata"] = metadata.map { .object($0) }
        return .object(object)
    }

    /// The claims in a payload, or nil if a required one is missing or one has the wrong type.
    init?(json: JSONValue) {
        guard let peerID = json["sub"]?.stringValue, PeerName.isValid(peerID), let expiry = json["exp"]?.doubleValue else { return nil }
        self.peerID = peerID
        expiresAt = Self.instant(numericDate: expiry)
        if let value = json["channels"] {
            guard let patterns = Self.strings(value) else { return nil }
            channels = patterns.map { ChannelPattern($0) }
        }
        if let value = json["permissions"] {
            guard let names = Self.strings(value) else { return nil }
            permissions = ServiceActions(names: names)
        }
        peerMetadata = json["peerMetadata"]?.objectValue
        metadata = json["metadata"]?.objectValue
    }

    /// A NumericDate may have a fraction and any size; one beyond the range of ``WallTime`` is its end.
    private static func instant(numericDate: Double) -> WallTime {
        let nanoseconds = (numericDate * 1_000_000_000).rounded(.down)
        if let exact = Int64(exactly: nanoseconds) { return WallTime(unixNanoseconds: exact) }
        return WallTime(unixNanoseconds: nanoseconds > 0 ? .max : .min)
    }

    private static func strings(_ value: JSONValue) -> [String]? {
        guard let elements = value.arrayValue else { return nil }
        let strings = elements.compactMap(\.stringValue)
        return strings.count == elements.count ? strings : nil
    }
}
