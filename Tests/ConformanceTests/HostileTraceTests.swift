import CompactJSON
import Conformance
import Testing
import Trace

@Suite("A trace that makes no sense")
struct HostileTraceTests {
    /// SplitMix64.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let values: [JSONValue] = [
        0, 1, -1, .integer(.max), .integer(.min), 1e300, .double(-1e300), "", "room", "closed", "connecting", "connected", "timeout",
        "call",
        "failed", "subscribe", "going_away", "rejected", true, false, nil, [1, "a"], 4010, 4001,
    ]

    private func randomLog(_ seed: UInt64) -> TraceLog {
        var random = Random(state: seed)
        var log = TraceLog()
        var time: Int64 = 0
        for _ in 0..<120 {
            let kind = TraceKind.allCases.randomElement(using: &random) ?? .state
            var fields = JSONObject()
            for field in TraceVocabulary.entries.first(where: { $0.kind == kind })?.fields ?? [] {
                fields[field.name] = Self.values.randomElement(using: &random)
            }
            log.append(TraceEvent(at: time, who: ["alice", "bob"].randomElement(using: &random) ?? "alice", kind: kind, fields: fields))
            let step: Int64 = [0, 1, 1_000_000, 5_000_000_000, .max / 4].randomElement(using: &random) ?? 0
            time = time > .max - step ? .max : time + step
        }
        return log
    }

    @Test("is judged without a crash", arguments: 1...200 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        let log = randomLog(seed)
        let report = ConformanceSuite.all.check(log)
        #expect(report.findings.allSatisfy { log.events.indices.contains($0.eventIndex) && !$0.description.isEmpty }, "seed \(seed)")
        #expect(report.findings.allSatisfy { !$0.context(in: log).isEmpty })
        #expect(!TraceText.text(log).isEmpty)
    }

    @Test("no events: nothing is exercised")
    func empty() {
        #expect(ConformanceSuite.all.check(TraceLog()).results.isEmpty)
    }

    @Test("a mistake that is made again and again does not fill the memory with findings")
    func manyFindings() {
        let events = (0..<1_000).map { TraceEvent.state(at: Int64($0), who: "a", from: "x", to: "y") }
        let result = ConformanceSuite.all.check(TraceLog(events: events))[RuleID("SIG-15")!]
        #expect(result.violated == 1_000)
        #expect(result.findings.count == RuleResult.findingLimit)
    }
}
