/// A value that JSON cannot express.
public enum JSONEncodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// NaN or an infinity (RFC 8259 section 6).
    case notFinite

    /// The reason in words.
    public var description: String { "JSON has no NaN and no infinities" }
}

extension JSONValue {
    /// The value as compact UTF-8: no white space, members in their order, only the escapes that RFC 8259 section 7 demands.
    ///
    /// - Throws: ``JSONEncodingError/notFinite``.
    public func encoded() throws(JSONEncodingError) -> [UInt8] {
        var bytes: [UInt8] = []
        try write(to: &bytes)
        return bytes
    }

    /// Appends the value as compact UTF-8 to `bytes`; what was appended before an error stays.
    ///
    /// - Throws: ``JSONEncodingError/notFinite``.
    public func write(to bytes: inout [UInt8]) throws(JSONEncodingError) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): JSONWriter.write(value, to: &bytes)
        case .double(let value): try JSONWriter.write(value, to: &bytes)
        case .string(let value): JSONWriter.write(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                try element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): try object.write(to: &bytes)
        }
    }
}

extension JSONObject {
    /// Appends the object as compact UTF-8; see ``JSONValue/write(to:)``.
    ///
    /// - Throws: ``JSONEncodingError/notFinite``.
    public func write(to bytes: inout [UInt8]) throws(JSONEncodingError) {
        bytes.append(UInt8(ascii: "{"))
        for (place, member) in members.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.write(member.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            try member.value.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

/// Writes the scalars of JSON.
public enum JSONWriter {
    /// Appends a quoted string.
    public static func write(_ string: String, to bytes: inout [UInt8]) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { utf8 in
            guard utf8.contains(where: needsEscape) else { return bytes.append(contentsOf: utf8) }
            var start = 0
            for place in 0..<utf8.count where needsEscape(utf8[place]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<place]))
                writeEscape(utf8[place], to: &bytes)
                start = place + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a decimal integer.
    public static func write(_ value: Int64, to bytes: inout [UInt8]) {
        // Int64.min has 20 characters.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            var rest = value.magnitude
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    static func write(_ value: Double, to bytes: inout [UInt8]) throws(JSONEncodingError) {
        guard value.isFinite else { throw .notFinite }
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53, integer != 0 || value.sign == .plus {
            write(integer, to: &bytes)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func writeEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let hex = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        }
    }
}
