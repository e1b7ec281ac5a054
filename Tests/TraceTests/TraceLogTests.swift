import Testing
import Trace

@Suite("Recording")
struct TraceLogTests {
    @Test("a recorder keeps events in the order in which they came")
    func order() {
        let recorder = TraceRecorder(header: TraceHeader(scenario: "s", seed: 3))
        recorder.record(.open(at: 5, who: "a"))
        recorder.record(.open(at: 5, who: "b"))
        #expect(recorder.log.events.map(\.who) == ["a", "b"])
        #expect(recorder.log.header.seed == 3)
    }

    @Test("one nanosecond, one name or one field more changes the hash")
    func sensitivity() {
        let hashes = [
            TraceEvent.open(at: 5, who: "a"), .open(at: 6, who: "a"), .open(at: 5, who: "b"),
            TraceEvent(at: 5, who: "a", kind: .open, fields: ["n": 1]),
        ].map { TraceLog(events: [$0]).hash }
        #expect(Set(hashes).count == hashes.count)
    }
}
