import Crypto
import NIOCore

/// A user name and password for a TURN server. Printed, it says neither.
public struct TURNCredentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The user name.
    public var username: String
    /// The password.
    public var password: String

    /// - Parameters:
    ///   - username: The user name.
    ///   - password: The password.
    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    /// Credentials that end at a time, as web services hand them out ("A REST API For Access To TURN Services",
    /// draft-uberti-behave-turn-rest-00 section 2.2): the user name is "seconds:user", the password its HMAC-SHA1 in base64.
    ///
    /// - Parameters:
    ///   - expiry: seconds since 1970 by the wall clock.
    ///   - user: whom they are for; may be empty.
    ///   - secret: what the web service and the TURN server share.
    public init(expiringAt expiry: Int64, user: String, secret: String) {
        let username = user.isEmpty ? "\(expiry)" : "\(expiry):\(user)"
        self.init(username: username, password: Self.password(of: username, secret: secret))
    }

    static func password(of username: String, secret: String) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return base64(Array(HMAC<Insecure.SHA1>.authenticationCode(for: Array(username.utf8), using: key)))
    }

    /// RFC 4648 section 4.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 { text.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : "=") }
        }
        return text
    }

    /// Nothing secret.
    public var description: String { "TURN credentials" }
    /// Nothing secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
