/// What the query of an upgrade request presents.
enum PresentedCredential {
    case key(String)
    case token(JSONWebToken)

    /// A longer key is unparsable, in bytes.
    private static let maximumKeyBytes = 256

    /// Exactly one of `key` and `token`, once, readable; nil is answered by HTTP 401.
    init?(query: Substring) {
        var found: PresentedCredential?
        for member in query.split(separator: "&") {
            let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "key" || parts[0] == "token" else { continue }
            guard found == nil, let value = Self.percentDecoded(parts[1]) else { return nil }
            if parts[0] == "key" {
                guard Self.isReadable(key: value) else { return nil }
                found = .key(value)
            } else {
                guard let token = try? JSONWebToken(parsing: value) else { return nil }
                found = .token(token)
            }
        }
        guard let found else { return nil }
        self = found
    }

    private static func isReadable(key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= maximumKeyBytes && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// RFC 3986 section 2.1; nil for a broken escape or for bytes that are not UTF-8.
    private static func percentDecoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
