/// Why a text is not the JSON that was expected, and at which byte.
public struct JSONParsingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Hashable, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case invalidNumber = "not a number"
        case invalidString = "not a string"
        case invalidUTF8 = "not UTF-8"
        case tooDeep = "nested too deeply"
        case trailingBytes = "something follows the value"
    }
    /// What is wrong.
    public var reason: Reason
    /// The byte's offset from the start of the text.
    public var offset: Int

    /// One line in words.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

extension JSONValue {
    /// Reads one JSON text, strictly by RFC 8259. Of a repeated member the last value wins. A number that fits no `Int64` becomes a `Double`;
    /// one too large for a `Double` is refused.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 without a byte order mark.
    ///   - maximumDepth: how many arrays and objects may stand inside one another.
    /// - Throws: ``JSONParsingError``.
    public init(parsing bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64) throws(JSONParsingError) {
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        self = try parser.parseText()
    }

    /// See ``init(parsing:maximumDepth:)-(UnsafeRawBufferPointer,_)``.
    public init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(JSONParsingError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONParsingError) in try JSONValue(parsing: buffer, maximumDepth: maximumDepth) }
        }
        self = try result.get()
    }

    /// See ``init(parsing:maximumDepth:)-(UnsafeRawBufferPointer,_)``.
    public init(parsing text: some StringProtocol, maximumDepth: Int = 64) throws(JSONParsingError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }
}

/// A recursive descent reader over one buffer; the depth bound is what keeps the recursion finite.
struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    private var depthLeft: Int

    init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
        self.bytes = bytes
        depthLeft = maximumDepth
    }

    mutating func parseText() throws(JSONParsingError) -> JSONValue {
        let value = try parseValue()
        skipSpace()
        guard place == bytes.count else { throw error(.trailingBytes) }
        return value
    }

    private mutating func parseValue() throws(JSONParsingError) -> JSONValue {
        skipSpace()
        guard place < bytes.count else { throw error(.unexpectedEnd) }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONParsingError) in try parser.parseObject() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONParsingError) in try parser.parseArray() }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw error(.unexpectedByte)
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONParsingError) -> JSONValue
    ) throws(JSONParsingError) -> JSONValue {
        guard depthLeft > 0 else { throw error(.tooDeep) }
        depthLeft -= 1
        defer { depthLeft += 1 }
        place += 1
        return try body(&self)
    }

    private mutating func parseObject() throws(JSONParsingError) -> JSONValue {
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            skipSpace()
            guard place < bytes.count else { throw error(.unexpectedEnd) }
            guard bytes[place] == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
            let key = try parseString()
            try expect(UInt8(ascii: ":"))
            object[key] = try parseValue()
            if take(UInt8(ascii: "}")) { return .object(object) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func parseArray() throws(JSONParsingError) -> JSONValue {
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try parseValue())
            if take(UInt8(ascii: "]")) { return .array(elements) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONParsingError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard place < bytes.count else { throw error(.unexpectedEnd) }
            guard bytes[place] == word.utf8Start[offset] else { throw error(.unexpectedByte) }
            place += 1
        }
        return value
    }

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONParsingError) {
        if take(byte) { return }
        throw error(place < bytes.count ? .unexpectedByte : .unexpectedEnd)
    }

    private func error(_ reason: JSONParsingError.Reason) -> JSONParsingError { JSONParsingError(reason: reason, offset: place) }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func parseNumber() throws(JSONParsingError) -> JSONValue {
        let start = place
        _ = takeRaw(UInt8(ascii: "-"))
        if !takeRaw(UInt8(ascii: "0")) {
            guard takeDigits() else { throw error(.invalidNumber) }
        }
        var isInteger = true
        if takeRaw(UInt8(ascii: ".")) {
            isInteger = false
            guard takeDigits() else { throw error(.invalidNumber) }
        }
        if takeRaw(UInt8(ascii: "e")) || takeRaw(UInt8(ascii: "E")) {
            isInteger = false
            if !takeRaw(UInt8(ascii: "+")) { _ = takeRaw(UInt8(ascii: "-")) }
            guard takeDigits() else { throw error(.invalidNumber) }
        }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw JSONParsingError(reason: .invalidNumber, offset: start) }
        return .double(value)
    }

    private mutating func takeRaw(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func takeDigits() -> Bool {
        let start = place
        while place < bytes.count, bytes[place] >= UInt8(ascii: "0"), bytes[place] <= UInt8(ascii: "9") { place += 1 }
        return place > start
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func parseString() throws(JSONParsingError) -> String {
        place += 1
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return try text(start..<place)
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw error(.invalidString)
            default: place += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private func text(_ range: Range<Int>) throws(JSONParsingError) -> String {
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw JSONParsingError(reason: .invalidUTF8, offset: range.lowerBound)
        }
        return text
    }

    /// The slow path: from the first backslash on. Bytes are put together and become text at the end, for a session description has an escape a line.
    private mutating func parseEscapedString(from start: Int) throws(JSONParsingError) -> String {
        var result = Array(bytes[start..<place])
        var runStart = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                result.append(contentsOf: bytes[runStart..<place])
                place += 1
                guard let text = String(validating: result, as: UTF8.self) else {
                    throw JSONParsingError(reason: .invalidUTF8, offset: start)
                }
                return text
            case UInt8(ascii: "\\"):
                result.append(contentsOf: bytes[runStart..<place])
                place += 1
                let scalar = try parseEscape()
                if scalar.isASCII { result.append(UInt8(scalar.value)) } else { result.append(contentsOf: String(scalar).utf8) }
                runStart = place
            case 0..<0x20: throw error(.invalidString)
            default: place += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private mutating func parseEscape() throws(JSONParsingError) -> Unicode.Scalar {
        guard place < bytes.count else { throw error(.unexpectedEnd) }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default: throw JSONParsingError(reason: .invalidString, offset: place - 1)
        }
    }

    /// A lone surrogate has no UTF-8 and is refused.
    private mutating func parseUnicodeEscape() throws(JSONParsingError) -> Unicode.Scalar {
        let first = try parseHex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, takeRaw(UInt8(ascii: "\\")), takeRaw(UInt8(ascii: "u")) else { throw error(.invalidString) }
        let second = try parseHex4()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw error(.invalidString) }
        return scalar
    }

    private mutating func parseHex4() throws(JSONParsingError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard place < bytes.count else { throw error(.unexpectedEnd) }
            guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue, bytes[place] < 0x80 else {
                throw error(.invalidString)
            }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
