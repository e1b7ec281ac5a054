import CompactJSON
import Testing

@Suite("JSON on the wire")
struct JSONTests {
    @Test("an object keeps the order of its members")
    func order() throws {
        let value = try JSONValue(parsing: #"{"z":1,"a":[true,null,-2.5],"m":{"b":"x"}}"#)
        #expect(String(decoding: try value.encoded(), as: UTF8.self) == #"{"z":1,"a":[true,null,-2.5],"m":{"b":"x"}}"#)
    }

    @Test("text is written as UTF-8 with only the escapes that the standard demands")
    func escapes() throws {
        let value: JSONValue = "é\u{1F600}/\"\\\n\u{01}\u{7F}"
        #expect(String(decoding: try value.encoded(), as: UTF8.self) == "\"é\u{1F600}/\\\"\\\\\\n\\u0001\u{7F}\"")
    }

    @Test("escapes are read, surrogate pairs included")
    func unescapes() throws {
        #expect(try JSONValue(parsing: #""aA\n\ud83d\ude00\/""#) == .string("aA\n\u{1F600}/"))
    }

    @Test("NaN and infinities are refused", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(throws: JSONEncodingError.notFinite) { try JSONValue.array([.double(value)]).encoded() }
    }

    @Test("integers of 64 bits are exact, larger numbers become doubles")
    func numbers() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(String(decoding: try JSONValue.integer(.min).encoded(), as: UTF8.self) == "-9223372036854775808")
    }

    @Test("of a repeated member the last value wins, few members or many")
    func duplicates() throws {
        let many = (0..<40).map { "\"k\($0 % 20)\":\($0)" }.joined(separator: ",")
        let value = try JSONValue(parsing: "{\(many)}")
        #expect(value.objectValue?.count == 20)
        #expect(value["k3"] == 23)
        #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#)["a"] == 2)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "1e999", "nul", "tru", "'a'", "\"a", "\"\u{01}\"", "\"\\x\"",
            "[1] 2",
            "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "{1:2}", "NaN", "-", "[\"a\" \"b\"]", "\"\\u00g0\"", "\u{FEFF}1",
        ])
    func malformed(text: String) {
        #expect(throws: JSONParsingError.self) { try JSONValue(parsing: text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONParsingError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("nesting is bounded, so that a hostile text cannot exhaust the stack")
    func depth() throws {
        let hostile = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        let error = #expect(throws: JSONParsingError.self) { try JSONValue(parsing: hostile) }
        #expect(error?.reason == .tooDeep)
        _ = try JSONValue(parsing: String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    }

    @Test("no bytes crash the reader, and what it accepts it writes and reads back the same", arguments: 1...20)
    func arbitraryBytes(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        let alphabet = Array(#"{}[]",:0123456789.eE+-truefalsn \u"#.utf8) + [0xC3, 0xA9, 0x00, 0xFF]
        for _ in 0..<2_000 {
            let bytes = (0..<24).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int((state >> 33) % UInt64(alphabet.count))]
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: value.encoded()) == value, "seed \(seed), bytes \(bytes)")
        }
    }
}
