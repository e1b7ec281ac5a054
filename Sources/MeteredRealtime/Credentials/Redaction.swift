public import CompactJSON

/// Takes credentials out of texts and payloads (SIG-17).
///
/// `token=`, `key=`, `ice-pwd` and `credential` values become `***`. ICE user-name fragments, which tell the generations of a connection apart,
/// become pseudonyms that are the same for the same fragment.
public enum Redaction {
    /// What a credential is replaced by.
    static let mask = "***"

    private static let pseudonymPrefix = "ufrag-"

    /// The name under which an ICE user-name fragment appears: `ufrag-` and eight hexadecimal digits (FNV-1a, 64 bits folded to 32).
    /// - Parameter fragment: The fragment as it is in the SDP. A pseudonym is returned as it is.
    public static func pseudonym(forUsernameFragment fragment: String) -> String {
        guard !fragment.hasPrefix(pseudonymPrefix) else { return fragment }
        var hash = FNV1a()
        for byte in fragment.utf8 { hash.mix(byte) }
        return pseudonymPrefix + FNV1a.digits(UInt64(UInt32(truncatingIfNeeded: hash.value ^ (hash.value >> 32))), count: 8)
    }

    /// The text without credentials. Scrubbing twice changes nothing more.
    /// - Parameter text: An error's description, a URL, an SDP, a log line.
    public static func scrub(_ text: String) -> String {
        var scanner = Scanner(Array(text.utf8))
        return scanner.scrubbed() ?? text
    }

    /// The value without credentials: every string is scrubbed, and so are whole members by their name.
    /// - Parameter value: The `data` of a frame.
    public static func scrub(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .integer, .double: value
        case .string(let text): .string(scrub(text))
        case .array(let elements): .array(elements.map(scrub))
        case .object(let object): .object(scrub(object))
        }
    }

    /// The object without credentials.
    /// - Parameter object: The metadata of a peer or of a welcome.
    public static func scrub(_ object: JSONObject) -> JSONObject {
        JSONObject(object.map { ($0.key, scrub(member: $0.key, $0.value)) })
    }

    private static func scrub(member name: String, _ value: JSONValue) -> JSONValue {
        guard case .string(let text) = value else { return scrub(value) }
        switch name.lowercased() {
        case "credential", "ice-pwd", "icepwd": return .string(mask)
        case "usernamefragment", "ice-ufrag", "ufrag": return .string(pseudonym(forUsernameFragment: text))
        default: return .string(scrub(text))
        }
    }
}

extension Redaction {
    /// Walks over a text once and copies it, but for the values of known names.
    private struct Scanner {
        private enum Rule { case query, field, fragment, candidateFragment }

        private static let names: [(name: [UInt8], rule: Rule)] = [
            (Array("token".utf8), .query), (Array("key".utf8), .query), (Array("ice-pwd".utf8), .field), (Array("credential".utf8), .field),
            (Array("ice-ufrag".utf8), .fragment), (Array("ufrag".utf8), .candidateFragment),
        ]

        private let input: [UInt8]
        private var output: [UInt8] = []
        private var copied = 0

        init(_ input: [UInt8]) { self.input = input }

        /// The scrubbed text, or nil if there was nothing to scrub.
        mutating func scrubbed() -> String? {
            var position = 0
            while position < input.count {
                guard Self.beginsName(input[position]), position == 0 || !Self.isNameByte(input[position - 1]),
                    let (name, rule) = name(at: position)
                else {
                    position += 1
                    continue
                }
                position += name.count
                guard let value = value(after: position, rule: rule), !value.isEmpty else { continue }
                replace(value, rule: rule)
                position = value.upperBound
            }
            guard copied > 0 else { return nil }
            output += input[copied...]
            return String(decoding: output, as: UTF8.self)
        }

        private mutating func replace(_ value: Range<Int>, rule: Rule) {
            output += input[copied..<value.lowerBound]
            copied = value.upperBound
            switch rule {
            case .query, .field: output += Array(Redaction.mask.utf8)
            case .fragment, .candidateFragment:
                output += Array(Redaction.pseudonym(forUsernameFragment: String(decoding: input[value], as: UTF8.self)).utf8)
            }
        }

        /// Whether one of the names begins with this letter: most bytes of an SDP need no closer look.
        private static func beginsName(_ byte: UInt8) -> Bool {
            switch lowercased(byte) {
            case UInt8(ascii: "t"), UInt8(ascii: "k"), UInt8(ascii: "i"), UInt8(ascii: "c"), UInt8(ascii: "u"): true
            default: false
            }
        }

        private func name(at position: Int) -> (name: [UInt8], rule: Rule)? {
            Self.names.first { candidate in
                position + candidate.name.count <= input.count
                    && candidate.name.indices.allSatisfy { Self.lowercased(input[position + $0]) == candidate.name[$0] }
            }
        }

        /// The bytes of the value that follows a name, without quotes.
        private func value(after end: Int, rule: Rule) -> Range<Int>? {
            var position = end
            switch rule {
            case .query:
                guard byte(at: position) == UInt8(ascii: "=") else { return nil }
                position += 1
            case .field, .fragment:
                while let next = byte(at: position), Self.isQuote(next) || next == UInt8(ascii: "\\") || next == UInt8(ascii: " ") {
                    position += 1
                }
                guard let separator = byte(at: position), separator == UInt8(ascii: ":") || separator == UInt8(ascii: "=") else {
                    return nil
                }
                position += 1
                while byte(at: position) == UInt8(ascii: " ") { position += 1 }
            case .candidateFragment:
                guard byte(at: position) == UInt8(ascii: " ") else { return nil }
                position += 1
            }
            return extent(from: position, rule: rule)
        }

        private func extent(from start: Int, rule: Rule) -> Range<Int> {
            var start = start
            // An escaped quote (`\"`, JSON inside a string) counts as a quote.
            if byte(at: start) == UInt8(ascii: "\\"), let next = byte(at: start + 1), Self.isQuote(next) { start += 1 }
            if rule != .query, let quote = byte(at: start), Self.isQuote(quote) {
                start += 1
                let end = input[start...].firstIndex { $0 == quote || $0 == UInt8(ascii: "\\") } ?? input.count
                return start..<end
            }
            let end = input[start...].firstIndex { Self.endsValue($0) || (rule == .query && $0 == UInt8(ascii: "&")) } ?? input.count
            return start..<end
        }

        private func byte(at position: Int) -> UInt8? { position < input.count ? input[position] : nil }

        private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

        private static func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }

        private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

        /// White space, quotes, a backslash (the start of an escape such as `\r`) and list separators end an unquoted value.
        private static func endsValue(_ byte: UInt8) -> Bool {
            switch byte {
            case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: ";"): true
            default: false
            }
        }
    }
}
