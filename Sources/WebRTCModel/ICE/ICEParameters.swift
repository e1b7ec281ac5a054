/// What a peer has to know about an ICE agent before it can check it (RFC 8445 section 5.3): the credentials of one generation.
///
/// The password is a credential: nothing prints it.
public struct ICEParameters: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `ice-ufrag`: 4 to 256 characters.
    public var usernameFragment: String
    /// `ice-pwd`: 22 to 256 characters.
    public var password: String
    /// Whether the agent is a lite one (`a=ice-lite`): it answers checks and sends none.
    public var isLite: Bool

    /// - Parameters:
    ///   - usernameFragment: `ice-ufrag`.
    ///   - password: `ice-pwd`.
    ///   - isLite: Whether the agent is a lite one.
    public init(usernameFragment: String, password: String, isLite: Bool = false) {
        self.usernameFragment = usernameFragment
        self.password = password
        self.isLite = isLite
    }

    /// Fresh credentials: 24 and 144 random bits, as libwebrtc makes them (RFC 8445 section 5.3 asks for 24 and 128).
    public init(random: inout some RandomNumberGenerator) {
        self.init(usernameFragment: Self.text(4, &random), password: Self.text(24, &random))
    }

    /// `ice-char`s: 64 of them, so 6 bits each (RFC 8839 section 5.4).
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func text(_ count: Int, _ random: inout some RandomNumberGenerator) -> String {
        String(decoding: (0..<count).map { _ in characters[Int(random.next() & 63)] }, as: UTF8.self)
    }

    /// The fragment only.
    public var description: String { "ICEParameters(ufrag: \(usernameFragment)\(isLite ? ", lite" : ""))" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror that shows the fragment only.
    public var customMirror: Mirror { Mirror(self, children: ["usernameFragment": usernameFragment]) }
}
