/// A credential on its way into the connect URL. It prints as `***` (SIG-17).
struct ResolvedCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    enum Kind: Hashable, Sendable { case key, token }

    let kind: Kind
    private let value: String

    init(kind: Kind, value: String) {
        self.kind = kind
        self.value = value
    }

    /// The request target of the upgrade: the path and the query with the credential, percent-encoded (RFC 3986 section 2.3).
    var requestTarget: String {
        switch kind {
        case .key: "/v1?key=" + Self.percentEncoded(value)
        case .token: "/v1?token=" + Self.percentEncoded(value)
        }
    }

    var description: String { Redaction.mask }
    var debugDescription: String { Redaction.mask }
    var customMirror: Mirror { Mirror(self, children: [:]) }

    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
