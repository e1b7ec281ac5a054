import NetworkModel

/// A URL of an ICE server: `stun:` (RFC 7064) or `turn:` and `turns:` (RFC 7065).
public struct ICEServerURL: Hashable, Sendable, CustomStringConvertible {
    /// What the server does.
    public enum Service: Hashable, Sendable {
        /// Tells addresses, over UDP.
        case stun
        /// Relays; how it is reached.
        case turn(TURNTransport)
    }

    /// What the server does.
    public let service: Service
    /// A name or an address.
    public let host: String
    /// 3478, or 5349 for `turns:`, unless the URL has another.
    public let port: UInt16
    /// The URL as given.
    public let description: String

    /// Reads a URL; nil if it is none of these, or if it asks for what is not modelled: STUN over TLS, TURN over DTLS.
    public init?(_ text: String) {
        guard text.utf8.count <= 512, let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        var rest = text[text.index(after: colon)...]
        var transport = scheme == "turns" ? TURNTransport.tls : .udp
        if let question = rest.firstIndex(of: "?") {
            switch (scheme, rest[rest.index(after: question)...]) {
            case ("turn", "transport=udp"): transport = .udp
            case ("turn", "transport=tcp"): transport = .tcp
            case ("turns", "transport=tcp"): transport = .tls
            default: return nil  // pairs of texts, not of cases
            }
            rest = rest[..<question]
        }
        switch scheme {
        case "stun": service = .stun
        case "turn", "turns": service = .turn(transport)
        default: return nil  // any text
        }
        guard let (host, port) = Self.authority(rest) else { return nil }
        self.host = host
        self.port = port ?? (scheme == "turns" ? 5349 : 3478)
        description = text
    }

    private static func authority(_ text: Substring) -> (host: String, port: UInt16?)? {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { return nil }
        guard let portText else { return (String(host), nil) }
        guard let port = UInt16(portText), port > 0 else { return nil }
        return (String(host), port)
    }
}
