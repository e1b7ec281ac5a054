import CompactJSON
import Conformance
import ScenarioKit

/// Rules by scenarios: what exercises what.
struct SpecTable {
    private let rows: [SpecCoverage.Row]
    /// Rules that a checker can judge.
    private let checkable: Set<RuleID>
    /// The scenarios whose runs brought up each rule's situation, in order.
    private let exercisedBy: [RuleID: [String]]

    private static let namesShown = 3

    init(_ outcomes: [RunOutcome]) {
        var coverage = SpecCoverage()
        var exercisedBy: [RuleID: [String]] = [:]
        for outcome in outcomes {
            coverage.add(outcome.report, scenario: outcome.name, cited: outcome.declaredRules.compactMap { RuleID($0) })
            for result in outcome.report.results where result.isExercised { exercisedBy[result.rule, default: []].append(outcome.name) }
        }
        rows = coverage.table
        checkable = Set(ConformanceSuite.all.rules)
        self.exercisedBy = exercisedBy
    }

    /// The layers that the SDK itself answers for.
    private static let layers: [SpecRule.Layer] = [.signalling, .peer]

    /// Rules that bind the SDK and that no scenario exercises.
    var uncoveredRules: [RuleID] { Self.layers.flatMap(uncovered) }

    private func uncovered(_ layer: SpecRule.Layer) -> [RuleID] {
        rows.filter { $0.rule.layer == layer && isUncovered($0) }.map(\.rule.id)
    }

    /// Checked by a checker or, where no checker can see the rule, told by a scenario.
    private func isUncovered(_ row: SpecCoverage.Row) -> Bool {
        exercisedBy[row.rule.id] == nil && (checkable.contains(row.rule.id) || row.citedBy.isEmpty)
    }

    func lines(onlyUncovered: Bool) -> [String] {
        var lines: [String] = []
        var layer: SpecRule.Layer?
        for row in rows where !onlyUncovered || isUncovered(row) {
            if row.rule.layer != layer {
                layer = row.rule.layer
                if !lines.isEmpty { lines.append("") }
                lines.append("\(row.rule.layer.rawValue)")
            }
            lines.append("  \(mark(row)) \(padded("\(row.rule.id)", 8))  \(who(row))")
            lines.append("             \(row.rule.text)")
        }
        return lines + ["", "● checked, ○ told, · by nothing"] + Self.layers.map(summary)
    }

    private func mark(_ row: SpecCoverage.Row) -> String {
        if exercisedBy[row.rule.id] != nil { return "●" }
        return row.citedBy.isEmpty ? "·" : "○"
    }

    private func who(_ row: SpecCoverage.Row) -> String {
        let names = exercisedBy[row.rule.id] ?? row.citedBy
        guard !names.isEmpty else { return "exercised by nothing" }
        let shown = names.prefix(Self.namesShown).joined(separator: "; ")
        return names.count > Self.namesShown ? "\(names.count) scenarios: \(shown); ..." : shown
    }

    private func summary(_ layer: SpecRule.Layer) -> String {
        let (count, missing) = (rows.count { $0.rule.layer == layer }, uncovered(layer))
        guard !missing.isEmpty else { return "All \(count) rules of the \(layer.rawValue) layer are exercised." }
        let names = missing.map { "\($0)" }.joined(separator: ", ")
        return "\(count - missing.count) of \(count) rules of the \(layer.rawValue) layer are exercised; not: \(names)."
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    var json: JSONValue {
        .array(
            rows.map { row in
                [
                    "rule": .string("\(row.rule.id)"), "layer": .string(row.rule.layer.rawValue), "text": .string(row.rule.text),
                    "checkedBy": .array((exercisedBy[row.rule.id] ?? []).map(JSONValue.string)),
                    "toldBy": .array(row.citedBy.map(JSONValue.string)),
                ]
            })
    }
}
