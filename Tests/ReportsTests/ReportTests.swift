import Conformance
import Testing
import Trace

@testable import Reports
@testable import ScenarioKit

/// Outcomes to report on.
private enum Sample {
    static func outcome(
        _ name: String = "Elevator", seed: UInt64 = 1, failures: [Failure] = [], trace: TraceLog? = nil, variant: String? = nil
    ) -> RunOutcome {
        RunOutcome(
            name: name, file: "Scenarios/signalling/elevator.yaml", line: 2, variant: variant, resolvedYAML: "", seed: seed,
            simulatedNanoseconds: 180_000_000_000, kernelEvents: 1, wallNanoseconds: 11_000_000, failures: failures, traceEventCount: 3,
            traceHash: 0xAB,
            trace: trace, declaredRules: ["SIG-01"], report: CheckReport(), notes: [])
    }

    static func result(_ outcomes: [RunOutcome]) -> SuiteResult {
        SuiteResult(outcomes: outcomes, suiteFailures: [], suiteNotes: [], wallNanoseconds: 20_000_000)
    }

    static let late = Failure(
        source: .rule("SIG-01"), message: "attempt 4 came <too> late & \"alone\".", details: ["attempt  waited"],
        timeNanoseconds: 12_018_000_000,
        line: 31, traceIndex: 1)

    static var trace: TraceLog {
        var log = TraceLog()
        log.append(.closeCalled(at: 1, who: "bob"))
        log.append(.state(at: 12_018_000_000, who: "alice", from: "connected", to: "reconnecting"))
        return log
    }
}

@Suite("The report in a terminal")
struct TextReportTests {
    private let report = TextReport(paint: Paint(isOn: false))

    @Test("a scenario is one line, its seeds, simulated and real time summed")
    func line() {
        let lines = report.lines(Sample.result([Sample.outcome(), Sample.outcome(seed: 2)]))
        #expect(lines[0] == "signalling/  1 scenario, 2 runs")
        #expect(lines[1] == "  ✓ Elevator  2 seeds  6 m 00 s simulated  22 ms")
        #expect(lines[3] == "1 scenario, 2 runs: 2 passed, 0 failed.  6 m 00 s simulated in 20 ms (18,000 x)")
    }

    @Test("a failure names the rule, the instant, the trace before it and the command that replays it")
    func failure() {
        let lines = report.failureLines(Sample.outcome(seed: 7, failures: [Sample.late], trace: Sample.trace))
        #expect(lines[0] == "✗ Elevator (seed 7)  Scenarios/signalling/elevator.yaml:31")
        #expect(lines[1] == "  SIG-01  at 12.018 s  attempt 4 came <too> late & \"alone\".")
        #expect(lines.contains("      attempt  waited"))
        #expect(lines.contains { $0.contains("connected -> reconnecting") && $0.hasSuffix("<- here") })
        #expect(!lines.contains { $0.contains("bob") })
        #expect(lines.last == "  replay   faultline replay Scenarios/signalling/elevator.yaml --seed 7")
    }

    @Test("the failed seeds of one scenario are explained once and listed")
    func manySeeds() {
        let lines = report.lines(Sample.result((1...3).map { Sample.outcome(seed: $0, failures: [Sample.late]) }))
        #expect(lines.count { $0.hasPrefix("✗") } == 1)
        #expect(lines.last == "  also failed with seeds 2, 3")
    }

    @Test("a variant is quoted so that a shell takes it as one word")
    func variant() {
        let command = report.replayCommand(Sample.outcome(variant: "code=4001 when=it's now"))
        #expect(command.hasSuffix(#"--variant 'code=4001 when=it'\''s now'"#))
    }

    @Test("without a terminal there is no colour")
    func colour() {
        let result = Sample.result([Sample.outcome(failures: [Sample.late])])
        #expect(!report.lines(result).joined().contains("\u{1B}"))
        #expect(TextReport(paint: Paint(isOn: true)).lines(result).joined().contains("\u{1B}[31m"))
    }
}

@Suite("Reports for programs")
struct MachineReportTests {
    private let failed = Sample.result([Sample.outcome(failures: [Sample.late]), Sample.outcome(seed: 2)])

    @Test("JUnit counts runs and failures, and escapes what XML does not allow")
    func junit() {
        let xml = JUnitReport.xml(failed)
        #expect(xml.contains(#"<testsuites name="faultline" tests="2" failures="1""#))
        #expect(xml.contains("SIG-01: attempt 4 came &lt;too&gt; late &amp; &quot;alone&quot;."))
        #expect(xml.contains(#"<testcase name="Elevator (seed 2)""#))
    }

    @Test("XML has no control characters, whatever a message contains")
    func controlCharacters() { #expect(JUnitReport.escape("a\u{0}b\u{1B}\n") == "a\u{FFFD}b\u{FFFD}&#10;") }

    @Test("GitHub gets an error a failed run, at the expectation's line, with its separators escaped")
    func annotations() {
        let lines = GitHubAnnotations.lines(failed)
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("::error file=Scenarios/signalling/elevator.yaml,line=31,title=Elevator (seed 1)::SIG-01: attempt 4"))
    }

    @Test("the JSON object has what a program needs to act on a failure")
    func json() {
        let value = JSONReport.value(failed)
        #expect(value["failedRuns"] == 1)
        #expect(value["outcomes"]?.arrayValue?[0]["traceHash"] == "00000000000000ab")
        #expect(value["outcomes"]?.arrayValue?[0]["failures"]?.arrayValue?[0]["rule"] == "SIG-01")
    }
}

@Suite("Quantities for people")
struct QuantityTests {
    @Test(
        "simulated time grows coarser as it grows",
        arguments: [(400_000_000, "0.4 s"), (59_940_000_000, "59.9 s"), (150_000_000_000, "2 m 30 s"), (33_120_000_000_000, "9 h 12 m")])
    func simulated(nanoseconds: Int64, text: String) { #expect(Quantity.simulated(nanoseconds: nanoseconds) == text) }

    @Test("thousands are grouped", arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000")])
    func grouped(number: Int64, text: String) { #expect(Quantity.grouped(number) == text) }
}
