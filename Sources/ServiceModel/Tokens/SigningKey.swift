import Crypto

/// A shared secret and the id (`kid`) under which tokens name it.
public struct SigningKey: Sendable, CustomStringConvertible {
    /// `kid` in the header of a token.
    public var id: String
    let secret: SymmetricKey

    /// A key. HS256 wants at least 32 bytes of secret (RFC 7518 section 3.2); scenarios may use less.
    public init(id: String, secret: some Sequence<UInt8>) {
        self.id = id
        self.secret = SymmetricKey(data: Array(secret))
    }

    /// The id; never the secret.
    public var description: String { "SigningKey(\(id), ***)" }
}
