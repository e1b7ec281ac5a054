/// A YAML value with its place. Every scalar is text here; what it means is decided by the key it belongs to, so that `1.2`, `off` and `1e3`
/// are never guessed at.
struct SourceNode: Sendable {
    var position: SourcePosition
    var content: Content

    indirect enum Content: Sendable {
        /// `isPlain` is false for quoted and block text.
        case scalar(String, isPlain: Bool)
        case sequence([SourceNode])
        case mapping([Member])
    }

    struct Member: Sendable {
        var key: String
        var keyPosition: SourcePosition
        var value: SourceNode
    }

    /// The text of a scalar.
    var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// Whether it is an absent value: `key:` with nothing after it, or `~`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    var members: [Member]? {
        guard case .mapping(let members) = content else { return nil }
        return members
    }

    func member(_ key: String) -> Member? { members?.first { $0.key == key } }

    /// What it is, for a message.
    var kindInWords: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value on one line in YAML's flow style, as reports show it.
    var flowText: String {
        switch content {
        case .scalar(let text, _): return isNull ? "~" : YAMLText.scalar(text)
        case .sequence(let items): return "[" + items.map(\.flowText).joined(separator: ", ") + "]"
        case .mapping(let members):
            if members.isEmpty { return "{}" }
            return "{ " + members.map { YAMLText.scalar($0.key) + ": " + $0.value.flowText }.joined(separator: ", ") + " }"
        }
    }

    /// The number of nodes, this one included.
    var count: Int {
        switch content {
        case .scalar: 1
        case .sequence(let items): items.reduce(1) { $0 + $1.count }
        case .mapping(let members): members.reduce(1) { $0 + 1 + $1.value.count }
        }
    }
}

/// Scalars written as YAML.
enum YAMLText {
    /// `text` plain where YAML reads it back as the same text in flow style, otherwise in double quotes.
    static func scalar(_ text: String) -> String { isSafePlain(text) ? text : quoted(text) }

    private static func isSafePlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        let starters = "-?:,[]{}#&*!|>'\"%@` ~="
        if starters.unicodeScalars.contains(first), !(first == "-" && text.unicodeScalars.count > 1 && !text.hasPrefix("- ")) { return false }
        if last == " " || last == ":" || text == "null" || text.hasPrefix("---") { return false }
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F || ",[]{}\"".unicodeScalars.contains(scalar) { return false }
            if scalar == "#", previous == " " { return false }
            if scalar == " ", previous == ":" { return false }
            if scalar.value > 0x7E, scalar.value < 0xA1 || scalar.value == 0xFEFF || scalar.value == 0x2028 || scalar.value == 0x2029 { return false }
            previous = scalar
        }
        return true
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.value == 0xFEFF || (0x2028...0x2029).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
