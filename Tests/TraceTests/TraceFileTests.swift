import CompactJSON
import Testing
import Trace

@Suite("A trace on disk")
struct TraceFileTests {
    static let log = TraceLog(
        header: TraceHeader(scenario: "Four refusals", seed: 7),
        events: [
            .state(at: 0, who: "alice", from: "idle", to: "connecting"),
            .dial(at: 1_000, who: "alice", host: "rms.metered.ca", port: 443, tls: true),
            .backoff(at: 12_018_000_000, who: "alice", attempt: 4, baseNs: 4_000_000_000, delayNs: 4_900_000_000, reason: "refused"),
            TraceEvent(at: 12_018_000_001, who: "link", what: "strange", fields: ["text": "é\n\"", "list": [1, 2.5, nil]]),
        ])

    @Test("reads back as it was written, unknown kinds included")
    func roundTrip() throws {
        let read = try TraceLog(parsing: Self.log.bytes)
        #expect(read == Self.log)
        #expect(read.hash == Self.log.hash)
    }

    @Test("has a header line and one line for each event")
    func lines() {
        let text = String(decoding: Self.log.bytes, as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[0] == #"{"faultlineTrace":1,"scenario":"Four refusals","seed":7}"#)
        #expect(lines[1] == #"{"t":0,"who":"alice","what":"state","from":"idle","to":"connecting"}"#)
        #expect(text.hasSuffix("\n"))
    }

    @Test("is hashed as FNV-1a of its bytes")
    func hash() {
        var expected: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Self.log.bytes { expected = (expected ^ UInt64(byte)) &* 0x100_0000_01b3 }
        #expect(Self.log.hash == expected)
    }

    @Test("FNV-1a gives the published value for \"foobar\"")
    func publishedHash() {
        var hash = TraceHash()
        hash.add(Array("foobar".utf8))
        #expect(hash.value == 0x8594_4171_f739_67e8)
    }

    @Test("keeps a seed of all 64 bits")
    func wideSeed() throws {
        let log = TraceLog(header: TraceHeader(scenario: "s", seed: .max))
        #expect(try TraceLog(parsing: log.bytes).header.seed == .max)
    }

    @Test("a number that JSON cannot express is written as null")
    func notFinite() throws {
        let log = TraceLog(events: [TraceEvent(at: 0, who: "a", what: "x", fields: ["list": [.double(.nan)]])])
        let read = try TraceLog(parsing: log.bytes)
        #expect(read.events[0].fields["list"] == .null)
    }

    @Test("is written beside and then renamed")
    func writing() throws {
        let path = "trace-file-tests-\(Self.log.hash).jsonl"
        let place = "/tmp/" + path
        try TraceLog().write(toFile: place)
        try Self.log.write(toFile: place)
        #expect(try TraceLog(readingFile: place) == Self.log)
        #expect(throws: TraceReadingError.self) { try TraceLog(readingFile: place + ".partial") }
    }

    @Test("writing into a folder that does not exist says so")
    func missingFolder() {
        #expect(throws: TraceWritingError.self) { try Self.log.write(toFile: "/nonexistent/folder/trace.jsonl") }
    }
}
