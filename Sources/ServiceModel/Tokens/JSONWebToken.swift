import CompactJSON
import Crypto

/// JSON Web Tokens signed with HMAC-SHA-256 (RFC 7519, RFC 7518 section 3.2), and no other kind.
public struct JSONWebToken: Sendable {
    /// What is wrong with a token.
    public enum Failure: Error, Hashable, Sendable {
        /// Not a token at all: HTTP 401 before the upgrade.
        case unparsable
        /// Another algorithm, an unknown key, a wrong signature, or claims that are missing or mistyped: close code 4001.
        case invalid
    }

    /// A longer token is unparsable, in bytes. Ours: proxies cap the whole request line at 8 kB.
    public static let maximumBytes = 8_192

    /// `kid`: which key signed it.
    public let keyID: String
    private let algorithm: String
    private let payload: JSONValue
    private let signingInput: Substring.UTF8View
    private let signature: [UInt8]

    /// Takes a compact token apart without believing it.
    ///
    /// - Throws: ``Failure/unparsable`` if it is not three strict base64url parts, the first two of which are JSON objects of bounded depth.
    public init(parsing token: String) throws(Failure) {
        guard token.utf8.count <= Self.maximumBytes else { throw .unparsable }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2].utf8), !signature.isEmpty,
            let header = Self.object(parts[0]), let payload = Self.object(parts[1]),
            let algorithm = header["alg"]?.stringValue, let keyID = header["kid"]?.stringValue
        else { throw .unparsable }
        self.algorithm = algorithm
        self.keyID = keyID
        self.payload = payload
        self.signature = signature
        signingInput = token[..<parts[1].endIndex].utf8
    }

    /// The claims, if the key signed them.
    ///
    /// The algorithm is pinned: what the header asks for can only agree or fail. The comparison takes the same time wherever the first wrong
    /// byte is. Expiry is the caller's question.
    ///
    /// - Throws: ``Failure/invalid``.
    public func claims(signedBy key: SigningKey) throws(Failure) -> TokenClaims {
        guard algorithm == "HS256", keyID == key.id,
            HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: Array(signingInput), using: key.secret),
            let claims = TokenClaims(json: payload)
        else { throw .invalid }
        return claims
    }

    /// The peer that the token claims to be of, believed for nothing but choosing a behaviour.
    var claimedPeerID: String? { payload["sub"]?.stringValue }

    /// A token with these claims in the compact form.
    ///
    /// - Throws: `JSONEncodingError` if the metadata holds a number that JSON cannot express.
    public static func sign(_ claims: TokenClaims, with key: SigningKey) throws(JSONEncodingError) -> String {
        let header: JSONValue = ["alg": "HS256", "typ": "JWT", "kid": .string(key.id)]
        let input = Base64URL.encode(try header.encoded()) + "." + Base64URL.encode(try claims.json.encoded())
        let signature = HMAC<SHA256>.authenticationCode(for: Array(input.utf8), using: key.secret)
        return input + "." + Base64URL.encode(signature)
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(part.utf8), let value = try? JSONValue(parsing: bytes, maximumDepth: 16),
            case .object = value
        else { return nil }
        return value
    }
}
