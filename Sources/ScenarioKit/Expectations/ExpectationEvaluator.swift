import Conformance
import Trace

/// Judges the expectations of a scenario by the trace of a run.
public struct ExpectationEvaluator {
    let scenario: Scenario
    let index: TraceIndex
    /// Of the members of a group that fail, the first is explained and so many others are named.
    static let mostNamed = 3

    /// Reads the trace once.
    public init(scenario: Scenario, trace: TraceLog) {
        self.scenario = scenario
        index = TraceIndex(trace)
    }

    /// The result of every expectation, in the order of the file. `report` is what the specification's checkers found in the same run.
    public func results(report: CheckReport) -> [ExpectationResult] {
        scenario.expectations.map { expectation in
            let miss = miss(expectation.kind, report)
            return ExpectationResult(
                expectation: expectation, passed: miss == nil, message: miss?.message ?? "", timeNs: miss?.timeNs,
                traceIndex: miss?.traceIndex)
        }
    }

    /// Why the expectation did not hold; nil if it did.
    private func miss(_ kind: Scenario.Expectation.Kind, _ report: CheckReport) -> Miss? {
        switch kind {
        case .reaches(let subjects, let state, let window): forEach(subjects, \.name) { neverReached($0, state, window) }
        case .stays(let subjects, let state, let window): forEach(subjects, \.name) { left($0, state, window) }
        case .sameObject(let links, let window): forEach(links, \.words) { changedObject($0, window) }
        case .recovers(let links, let rung, let window): forEach(links, \.words) { recoveredOtherwise($0, rung, window) }
        case .occurs(let pattern, let count, let window): occurs(pattern, count, window)
        case .rate(let pattern, let most, let per, let window): tooMany(pattern, most, per.nanoseconds, window)
        case .order(let patterns, let window): outOfOrder(patterns, window)
        case .conforms(let rules): violated(rules, report)
        case .outcome(let subjects, let outcome): forEach(subjects, \.name) { ended($0, otherwiseThan: outcome) }
        }
    }

    func forEach(_ names: [String], _ judge: (String) -> Miss?) -> Miss? { forEach(names, \.self, judge) }

    /// The first miss among several, and of whom else the same is true.
    func forEach<Item>(_ items: [Item], _ name: (Item) -> String, _ judge: (Item) -> Miss?) -> Miss? {
        var first: Miss?
        var others: [String] = []
        for item in items {
            guard let miss = judge(item) else { continue }
            if first == nil { first = miss } else { others.append(name(item)) }
        }
        guard var miss = first, !others.isEmpty else { return first }
        let named = others.prefix(Self.mostNamed).joined(separator: ", ")
        let more = others.count - Self.mostNamed
        miss.message += " The same: \(named)\(more > 0 ? " and \(more) more" : "")."
        return miss
    }

    private func violated(_ rules: [String], _ report: CheckReport) -> Miss? {
        let results = rules.compactMap(RuleID.init).map { report[$0] }
        if let result = results.first(where: { $0.violated > 0 }) {
            let more = result.violated > 1 ? " (and \(result.violated - 1) more)" : ""
            guard let finding = result.findings.first else { return Miss("\(result.rule) was violated \(result.violated) times.") }
            return Miss("\(result.rule): \(finding.message)\(more)", timeNs: finding.timeNs, traceIndex: finding.eventIndex)
        }
        guard results.contains(where: \.isExercised) else {
            return Miss("this run says nothing about \(rules.joined(separator: ", ")): their situation never came up.")
        }
        return nil
    }
}

/// Times and windows in words.
enum Words {
    static func time(_ ns: Int64) -> String { "\(SecondsText.text(ns: ns)) s" }

    /// `doors close (30.000 s)`; an instant that is written as a time needs no translation.
    static func instant(_ instant: Instant) -> String {
        instant.text.first?.isNumber == true ? time(instant.time.nanoseconds) : "\(instant.text) (\(time(instant.time.nanoseconds)))"
    }

    /// `between doors close (30.000 s) and 40.000 s`, or `at 30.000 s`.
    static func window(_ window: Window) -> String {
        if window.start.time == window.end.time { return "at \(instant(window.start))" }
        return "between \(instant(window.start)) and \(instant(window.end))"
    }
}
