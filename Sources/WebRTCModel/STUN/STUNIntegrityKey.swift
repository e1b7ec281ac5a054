import Crypto
import NIOCore

/// The key of a MESSAGE-INTEGRITY, ready for use: what HMAC does with the key is done once (RFC 8489 sections 9.1.1, 9.2.2, 14.5).
///
/// Passwords are used as their UTF-8 bytes: the preparation of RFC 8265 changes nothing about ASCII, which ICE's and TURN's are.
public struct STUNIntegrityKey: Sendable, CustomStringConvertible {
    /// The size of the code: SHA-1's.
    static let codeBytes = SHA1.digestBytes

    private let hash: HMACSHA1

    private init(_ key: [UInt8]) {
        hash = HMACSHA1(key: key)
    }

    /// The key of ICE: the password.
    public static func shortTerm(password: String) -> STUNIntegrityKey { STUNIntegrityKey(Array(password.utf8)) }

    /// The key of TURN: MD5 of user name, realm and password.
    public static func longTerm(username: String, realm: String, password: String) -> STUNIntegrityKey {
        let digest = Insecure.MD5.hash(data: Array("\(username):\(realm):\(password)".utf8))
        return STUNIntegrityKey(Array(digest))
    }

    /// The code of the parts one after the other, as it stands on a wire.
    func code(of header: UnsafeRawBufferPointer, _ rest: UnsafeRawBufferPointer) -> SHA1.Words { hash.code(of: header, rest) }

    /// Nothing of the key.
    public var description: String { "STUN integrity key" }
}
