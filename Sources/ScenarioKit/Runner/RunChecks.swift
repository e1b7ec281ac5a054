import Conformance
import Trace

/// Everything that a run is held against: the spec's checkers, the invariants and the scenario's own expectations.
struct RunChecks {
    let report: CheckReport
    let failures: [Failure]

    init(scenario: Scenario, trace: TraceLog, endings: WorldEndings) {
        var context = CheckContext()
        context.secrets = endings.secrets
        context.leaks = endings.leaks
        let suite = Self.suite(for: scenario)
        report = suite.check(trace, context: context)
        let columns = ExpectationEvaluator(scenario: scenario, trace: trace)
        let expected = columns.results(report: report).compactMap(Self.failure)
        let found = report.findings.map { Self.failure($0) }
        failures = (found + Self.undeclared(scenario, report, Set(suite.rules)) + expected).enumerated()
            // By instant; what has none comes last, in its own order.
            .sorted { ($0.element.timeNanoseconds ?? .max, $0.offset) < ($1.element.timeNanoseconds ?? .max, $1.offset) }
            .map(\.element)
    }

    /// A scenario without a call has nothing for the checkers of the peer layer to read.
    private static func suite(for scenario: Scenario) -> ConformanceSuite {
        scenario.peers.contains { $0.call != nil } ? .all : .signalling
    }

    private static func failure(_ finding: Finding) -> Failure {
        Failure(
            source: .rule("\(finding.rule)"), message: finding.message, details: finding.table?.lines ?? [],
            timeNanoseconds: finding.timeNs,
            traceIndex: finding.eventIndex)
    }

    private static func failure(_ result: ExpectationResult) -> Failure? {
        guard !result.passed else { return nil }
        return Failure(
            source: .expectation, message: result.message, timeNanoseconds: result.timeNs, line: result.position.line,
            traceIndex: result.traceIndex)
    }

    /// A scenario that says it is about a rule must bring up the rule's situation, if a checker can see it.
    private static func undeclared(_ scenario: Scenario, _ report: CheckReport, _ checkable: Set<RuleID>) -> [Failure] {
        scenario.spec.compactMap { name in
            guard let rule = RuleID(name), checkable.contains(rule), !report[rule].isExercised else { return nil }
            return Failure(
                source: .rule(name), message: "the scenario says that it is about \(name), and its situation never came up in this run.",
                line: scenario.specPosition.line)
        }
    }
}
