/// Finds credentials in text, and puts as many letters "x" in their place (SIG-17): URLs with `token=` or `key=`, JSON members, `Authorization` and
/// `a=ice-pwd`.
enum TextSecrets {
    private struct Mark {
        let text: [UInt8]
        let isEnd: @Sendable (UInt8) -> Bool

        init(_ text: String, until isEnd: @escaping @Sendable (UInt8) -> Bool) {
            self.text = Array(text.utf8)
            self.isEnd = isEnd
        }
    }

    private static let placeholder = UInt8(ascii: "x")

    private static let marks = [
        Mark("?token=", until: endsQueryValue), Mark("&token=", until: endsQueryValue),
        Mark("?key=", until: endsQueryValue), Mark("&key=", until: endsQueryValue),
        Mark("\"token\":\"", until: endsString), Mark("\"credential\":\"", until: endsString), Mark("\"key\":\"", until: endsString),
        Mark("Authorization: ", until: endsLine), Mark("authorization: ", until: endsLine),
        // In JSON the end of the line is an escape.
        Mark("a=ice-pwd:", until: { endsLine($0) || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }),
    ]

    @Sendable private static func endsQueryValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "\"")
    }
    @Sendable private static func endsString(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") }
    @Sendable private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }

    /// Replaces every credential in a text; its length stays.
    static func redact(_ text: inout [UInt8]) {
        for mark in marks {
            forEachValue(after: mark.text, in: text, isEnd: mark.isEnd) { range in
                for index in range { text[index] = placeholder }
            }
        }
    }

    /// What stands in place of a credential.
    static func placeholder(for secret: [UInt8]) -> [UInt8] { [UInt8](repeating: placeholder, count: secret.count) }

    /// The values that follow a mark, in order.
    static func values(after mark: String, in text: [UInt8]) -> [(place: Int, value: [UInt8])] {
        var values: [(place: Int, value: [UInt8])] = []
        forEachValue(
            after: Array(mark.utf8), in: text, isEnd: { endsLine($0) || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }
        ) { values.append(($0.lowerBound, Array(text[$0]))) }
        return values
    }

    private static func forEachValue(after mark: [UInt8], in text: [UInt8], isEnd: (UInt8) -> Bool, _ body: (Range<Int>) -> Void) {
        guard let first = mark.first, text.count >= mark.count else { return }
        var index = 0
        while index + mark.count <= text.count {
            guard text[index] == first, text[index..<index + mark.count].elementsEqual(mark) else {
                index += 1
                continue
            }
            let start = index + mark.count
            let end = text[start...].firstIndex(where: isEnd) ?? text.count
            body(start..<end)
            index = end
        }
    }
}
