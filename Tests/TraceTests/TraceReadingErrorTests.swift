import Testing
import Trace

@Suite("A file that is not a trace")
struct TraceReadingErrorTests {
    private static let header = #"{"faultlineTrace":1,"scenario":"s","seed":1}"#

    private func error(_ lines: String..., limits: TraceReadingLimits = TraceReadingLimits()) -> String {
        do {
            _ = try TraceLog(parsing: Array(lines.joined(separator: "\n").utf8), file: "t.jsonl", limits: limits)
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test("empty: says how a trace begins")
    func empty() {
        #expect(error("") == "t.jsonl: empty; a trace begins with a line that has \"faultlineTrace\"")
    }

    @Test("another kind of JSON: names the first line")
    func otherJSON() {
        #expect(error(#"{"t":0}"#) == "t.jsonl:1: not a trace: the first line has no \"faultlineTrace\"")
    }

    @Test("another version: names both versions")
    func version() {
        #expect(error(#"{"faultlineTrace":2}"#) == "t.jsonl:1: version 2 of the trace format; this program reads version 1")
    }

    @Test("broken JSON: names line and byte")
    func brokenJSON() {
        #expect(error(Self.header, #"{"t":0"#) == "t.jsonl:2: not JSON: the text ends too early at byte 6")
    }

    @Test("a missing time, who or what is named", arguments: ["t", "who", "what"])
    func missingMember(name: String) {
        let members = ["t": "\"t\":0", "who": "\"who\":\"a\"", "what": "\"what\":\"x\""].filter { $0.key != name }.values.sorted()
        #expect(error(Self.header, "{\(members.joined(separator: ","))}").hasPrefix("t.jsonl:2: \"\(name)\" is"))
    }

    @Test("a time that goes back is refused")
    func backwards() {
        let lines = [#"{"t":2000000000,"who":"a","what":"x"}"#, #"{"t":1000000000,"who":"a","what":"x"}"#]
        #expect(error(Self.header, lines[0], lines[1]) == "t.jsonl:3: \"t\" goes back, from 2.000 s to 1.000 s")
    }

    @Test("a field of the wrong type is named")
    func wrongType() {
        #expect(
            error(Self.header, #"{"t":0,"who":"a","what":"state","from":"idle","to":3}"#)
                == "t.jsonl:2: state: \"to\" is not of type string")
    }

    @Test("a missing field is named")
    func missingField() {
        #expect(error(Self.header, #"{"t":0,"who":"a","what":"state","from":"idle"}"#) == "t.jsonl:2: state lacks \"to\"")
    }

    @Test("each limit is kept")
    func limits() {
        let event = #"{"t":0,"who":"a","what":"x"}"#
        #expect(error(Self.header, limits: TraceReadingLimits(fileBytes: 10)) == "t.jsonl: larger than 10 bytes")
        #expect(error(Self.header, limits: TraceReadingLimits(lineBytes: 10)) == "t.jsonl:1: a line longer than 10 bytes")
        #expect(error(Self.header, event, event, limits: TraceReadingLimits(events: 1)) == "t.jsonl:3: more than 1 events")
    }

    @Test("a file without an end is read only to the limit")
    func endless() {
        let error = #expect(throws: TraceReadingError.self) {
            try TraceLog(readingFile: "/dev/zero", limits: TraceReadingLimits(fileBytes: 1_000_000))
        }
        #expect(error?.description == "/dev/zero: larger than 1000000 bytes")
    }

    @Test("no damage to a trace crashes the reader")
    func damage() {
        let bytes = TraceFileTests.log.bytes
        var seed: UInt64 = 1
        for place in bytes.indices {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var damaged = bytes
            damaged[place] = UInt8(truncatingIfNeeded: seed >> 56)
            let read = try? TraceLog(parsing: damaged)
            #expect((read?.events.count ?? 0) <= 5)
            _ = try? TraceLog(parsing: Array(bytes[..<place]))
        }
    }
}
