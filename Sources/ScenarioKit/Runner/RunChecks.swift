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
        let report = suite.check(trace, context: context)
        self.report = report
        let columns = ExpectationEvaluator(scenario: scenario, trace: trace)
        let missed = columns.results(report: report).filter { !$0.passed }
        let asked = Self.linesAsking(missed)
        let found = report.findings.map { Self.failure($0, askedBy: asked[$0.rule] ?? []) }
        let expected = missed.filter { result in !Self.rules(of: result).contains { report[$0].violated > 0 } }.map(Self.failure)
        failures = (found + Self.undeclared(scenario, report, Set(suite.rules)) + expected).enumerated()
            // By instant; what has none comes last, in its own order.
            .sorted { ($0.element.timeNanoseconds ?? .max, $0.offset) < ($1.element.timeNanoseconds ?? .max, $1.offset) }
            .map(\.element)
    }

    /// A scenario without a call has nothing for the checkers of the peer layer to read.
    private static func suite(for scenario: Scenario) -> ConformanceSuite {
        scenario.peers.contains { $0.call != nil } ? .all : .signalling
    }

    /// The rules that a `conforms` asks for.
    private static func rules(of result: ExpectationResult) -> [RuleID] {
        guard case .conforms(let rules) = result.expectation.kind else { return [] }
        return rules.compactMap { RuleID($0) }
    }

    /// The lines of the `conforms` that did not hold, by rule: the findings are told once, with these.
    private static func linesAsking(_ missed: [ExpectationResult]) -> [RuleID: [Int]] {
        var lines: [RuleID: [Int]] = [:]
        for result in missed {
            for rule in rules(of: result) { lines[rule, default: []].append(result.position.line) }
        }
        return lines
    }

    private static func failure(_ finding: Finding, askedBy lines: [Int]) -> Failure {
        let asked = lines.isEmpty ? "" : " (conforms, line \(lines.map(String.init).joined(separator: ", ")))"
        return Failure(
            source: .rule("\(finding.rule)"), message: finding.message + asked, details: finding.table?.lines ?? [],
            timeNanoseconds: finding.timeNs, line: lines.first, traceIndex: finding.eventIndex)
    }

    private static func failure(_ result: ExpectationResult) -> Failure {
        Failure(
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
