import Testing
import Trace

@Suite("Two traces that should be the same")
struct TraceDiffTests {
    private func log(_ codes: Int..., seed: UInt64 = 1) -> TraceLog {
        TraceLog(
            header: TraceHeader(scenario: "s", seed: seed),
            events: codes.enumerated().map {
                .socketClosed(at: Int64($0.offset) * 1_000_000_000, who: "alice", code: $0.element, reason: "", opened: true)
            })
    }

    @Test("equal traces have no difference")
    func equal() {
        #expect(TraceDiff(log(1000, 1001), log(1000, 1001)) == nil)
    }

    @Test("the first divergence is shown with what stands around it")
    func divergence() {
        let diff = TraceDiff(log(1, 2, 3, 4, 5), log(1, 2, 9, 4, 5), context: 1)
        #expect(
            diff?.description == """
                the traces differ from event 3 on, at 2.000 s
                   1.000  alice  socket    closed, 2
                -  2.000  alice  socket    closed, 3
                -  3.000  alice  socket    closed, 4
                +  2.000  alice  socket    closed, 9
                +  3.000  alice  socket    closed, 4

                """)
    }

    @Test("a trace that ends early says so")
    func shorter() {
        let diff = TraceDiff(log(1), log(1, 2))
        #expect(diff?.index == 1)
        #expect(diff?.description.contains("- (ends here)\n+  1.000  alice  socket    closed, 2") == true)
    }

    @Test("a difference that rounding hides is shown in bytes")
    func hidden() {
        let left = TraceLog(events: [.open(at: 1, who: "a")])
        let right = TraceLog(events: [.open(at: 2, who: "a")])
        #expect(TraceDiff(left, right)?.description.contains(#"- {"t":1,"who":"a","what":"open"}"#) == true)
    }

    @Test("headers are compared too")
    func headers() {
        let diff = TraceDiff(log(1), log(1, seed: 2))
        #expect(diff?.index == nil)
        #expect(diff?.description == "the traces differ in their header\n- scenario \"s\", seed 1\n+ scenario \"s\", seed 2\n")
    }
}
