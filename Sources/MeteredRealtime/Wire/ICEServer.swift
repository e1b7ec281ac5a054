import CompactJSON

/// A STUN or TURN server from `welcome.metadata.iceServers` (WIRE-07).
public struct ICEServer: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// One or more URLs with the scheme `stun`, `stuns`, `turn` or `turns`; at most 512 characters each.
    public var urls: [String]
    /// The TURN user name; at most 1,024 characters.
    public var username: String?
    /// The TURN credential; at most 1,024 characters. Never printed.
    public var credential: String?

    /// - Parameters:
    ///   - urls: One or more URLs.
    ///   - username: The TURN user name.
    ///   - credential: The TURN credential.
    public init(urls: [String], username: String? = nil, credential: String? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }

    /// The URLs; the credential is replaced by `***` (SIG-17).
    public var description: String {
        "ICEServer(urls: \(urls)\(username == nil ? "" : ", username: ***")\(credential == nil ? "" : ", credential: ***"))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror that shows the URLs only.
    public var customMirror: Mirror { Mirror(self, children: ["urls": urls]) }
}

extension ICEServer {
    /// Reads `metadata.iceServers`. Fails closed: anything malformed in it discards the whole list (WIRE-07).
    static func list(in metadata: JSONObject?) -> [ICEServer]? {
        guard case .array(let entries)? = metadata?["iceServers"], entries.count <= WireLimits.iceServers else { return nil }
        var servers: [ICEServer] = []
        for entry in entries {
            guard let server = ICEServer(entry) else { return nil }
            servers.append(server)
        }
        return servers
    }

    private init?(_ entry: JSONValue) {
        guard case .object(let object) = entry else { return nil }
        switch object["urls"] {
        case .string(let url)?: urls = [url]
        case .array(let values)? where !values.isEmpty:
            urls = values.compactMap(\.stringValue)
            guard urls.count == values.count else { return nil }
        case .array?, .null?, .bool?, .integer?, .double?, .object?, nil: return nil
        }
        guard urls.allSatisfy(Self.isAllowed) else { return nil }
        guard let username = Self.optionalText(object["username"]), let credential = Self.optionalText(object["credential"]) else {
            return nil
        }
        self.username = username
        self.credential = credential
    }

    private static func isAllowed(url: String) -> Bool {
        guard url.unicodeScalars.count <= WireLimits.iceURLScalars, let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return false
        }
        return ["stun", "stuns", "turn", "turns"].contains(url[..<colon].lowercased())
    }

    /// `.some(nil)` for an absent (or null) member, nil for a malformed one.
    private static func optionalText(_ value: JSONValue?) -> String?? {
        switch value {
        case nil, .null?: .some(nil)
        case .string(let text)?: text.unicodeScalars.count <= WireLimits.iceCredentialScalars ? .some(text) : nil
        case .bool?, .integer?, .double?, .array?, .object?: nil
        }
    }
}
