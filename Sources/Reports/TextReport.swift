import ScenarioKit
import Trace

/// The report of a suite as a person reads it in a terminal.
public struct TextReport {
    private let paint: Paint
    /// The command that the replay line begins with.
    private let command: String
    /// The folder of a run's evidence, if one was written.
    private let failureFolder: (RunOutcome) -> String?

    /// How many lines of the trace stand under a failure.
    private static let contextLines = 4
    /// A run with more kinds of failures than this shows the first ones and counts the rest.
    private static let failuresShown = 5
    /// So many further failed seeds of a scenario are listed.
    private static let seedsShown = 10

    /// - Parameters:
    ///   - paint: whether to colour.
    ///   - command: what the user types to run this program.
    ///   - failureFolder: the folder that holds a failed run's evidence, or nil.
    public init(paint: Paint, command: String = "faultline", failureFolder: @escaping (RunOutcome) -> String? = { _ in nil }) {
        self.paint = paint
        self.command = command
        self.failureFolder = failureFolder
    }

    /// The whole report: a line a scenario, the sum, then every failure explained.
    public func lines(_ result: SuiteResult) -> [String] {
        var lines = scenarioLines(result)
        lines.append("")
        lines.append(summary(result))
        lines += result.suiteNotes.map { "  " + $0 }
        for scenario in result.scenarios where !scenario.passed { lines += explanation(scenario) }
        for failure in result.suiteFailures {
            lines += ["", "\(paint.bad("✗")) the suite as a whole"] + explain(failure, in: nil)
        }
        return lines
    }

    // MARK: - A line a scenario

    private func scenarioLines(_ result: SuiteResult) -> [String] {
        var groups: [(folder: String, scenarios: [ScenarioRuns])] = []
        for scenario in result.scenarios {
            if groups.last?.folder == scenario.folder {
                groups[groups.count - 1].scenarios.append(scenario)
            } else {
                groups.append((scenario.folder, [scenario]))
            }
        }
        let rows = columns(result.scenarios)
        var next = 0
        return groups.flatMap { group -> [String] in
            let runs = group.scenarios.reduce(0) { $0 + $1.outcomes.count }
            let title = "\(group.folder)  \(Quantity.count(group.scenarios.count, "scenario")), \(Quantity.count(runs, "run"))"
            let lines = group.scenarios.flatMap { scenario -> [String] in
                defer { next += 1 }
                let mark = scenario.passed ? paint.good("✓") : paint.bad("✗")
                return ["  \(mark) \(rows[next])"] + notes(scenario).map { "      " + paint.faint($0) }
            }
            return [paint.strong(title)] + lines
        }
    }

    private func columns(_ scenarios: [ScenarioRuns]) -> [String] {
        var table = TextColumns([.left, .right, .right, .right])
        for scenario in scenarios {
            let simulated = scenario.outcomes.reduce(Int64(0)) { $0 &+ $1.simulatedNanoseconds }
            let wall = scenario.outcomes.reduce(Int64(0)) { $0 &+ $1.wallNanoseconds }
            table.append([
                scenario.name, seeds(scenario), Quantity.simulated(nanoseconds: simulated) + " simulated", Quantity.wall(nanoseconds: wall),
            ])
        }
        return table.lines
    }

    private func seeds(_ scenario: ScenarioRuns) -> String {
        let failed = scenario.outcomes.filter { !$0.passed }
        if failed.count == 1 { return "seed \(failed[0].seed)" }
        if !failed.isEmpty { return "\(failed.count) of \(Quantity.count(scenario.outcomes.count, "seed"))" }
        return Quantity.count(scenario.outcomes.count, "seed")
    }

    private func notes(_ scenario: ScenarioRuns) -> [String] {
        guard let first = scenario.outcomes.first else { return [] }
        return scenario.outcomes.count == 1 ? first.notes : first.notes.map { "seed \(first.seed): \($0)" }
    }

    private func summary(_ result: SuiteResult) -> String {
        let failed = result.failed.count
        let wall = max(1, result.wallNanoseconds)
        let ratio = result.simulatedNanoseconds / wall
        let passed = "\(Quantity.grouped(Int64(result.outcomes.count - failed))) passed, \(Quantity.grouped(Int64(failed))) failed."
        let scenarios = "\(Quantity.count(result.scenarios.count, "scenario")), \(Quantity.count(result.outcomes.count, "run"))"
        let times = "\(Quantity.simulated(nanoseconds: result.simulatedNanoseconds)) simulated in \(Quantity.wall(nanoseconds: wall))"
        let painted = result.passed ? paint.good(passed) : paint.bad(passed)
        return "\(scenarios): \(painted)  \(times) (\(Quantity.grouped(ratio)) x)"
    }

    // MARK: - A failure

    /// The first failed seed of a scenario, and which others failed.
    private func explanation(_ scenario: ScenarioRuns) -> [String] {
        let failed = scenario.outcomes.filter { !$0.passed }
        guard let first = failed.first else { return [] }
        var lines = [""] + failureLines(first)
        if failed.count > 1 {
            let others = failed.dropFirst().prefix(Self.seedsShown).map { String($0.seed) }.joined(separator: ", ")
            let rest = failed.count - 1 > Self.seedsShown ? ", ..." : ""
            lines.append("  also failed with \(failed.count == 2 ? "seed" : "seeds") \(others)\(rest)")
        }
        return lines
    }

    /// One failed run, explained.
    public func failureLines(_ outcome: RunOutcome) -> [String] {
        let line = outcome.failures.first?.line ?? outcome.line
        var lines = ["\(paint.bad("✗")) \(paint.strong(outcome.name)) (seed \(outcome.seed))  \(outcome.file):\(line)"]
        let shown = Self.first(of: outcome.failures)
        for failure in shown { lines += explain(failure, in: outcome.trace) }
        if outcome.failures.count > shown.count {
            lines.append("  and \(Quantity.count(outcome.failures.count - shown.count, "more failure"))")
        }
        lines.append("  replay   \(replayCommand(outcome))")
        if let folder = failureFolder(outcome) { lines.append("  folder   \(folder)") }
        return lines
    }

    /// The first failure of each rule: what goes wrong once often goes wrong again, and must not hide another rule.
    private static func first(of failures: [Failure]) -> [Failure] {
        var labels: Set<String> = []
        return Array(failures.filter { labels.insert($0.source.label).inserted }.prefix(failuresShown))
    }

    /// What the user types to see the run again, whole.
    public func replayCommand(_ outcome: RunOutcome) -> String {
        var words = [command, "replay", quoted(outcome.file), "--seed", String(outcome.seed)]
        if let variant = outcome.variant { words += ["--variant", quoted(variant)] }
        return words.joined(separator: " ")
    }

    private func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "/._-=".contains($0) }
        return plain ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private func explain(_ failure: Failure, in trace: TraceLog?) -> [String] {
        let instant = failure.timeNanoseconds.map { "at \(SecondsText.text(ns: $0)) s  " } ?? ""
        var lines = ["  \(paint.strong(failure.source.label))  \(instant)\(failure.message)"]
        if !failure.details.isEmpty { lines += [""] + failure.details.map { "      " + $0 } + [""] }
        guard let trace, let index = failure.traceIndex, trace.events.indices.contains(index) else { return lines }
        let shown = context(of: index, in: trace)
        let columns = TraceText(for: shown)
        for (place, event) in shown.enumerated() {
            lines.append(paint.faint("      " + columns.line(event)) + (place == shown.count - 1 ? "   <- here" : ""))
        }
        return lines
    }

    /// The event and the last ones before it that are about the same client or about the world as a whole.
    private func context(of index: Int, in trace: TraceLog) -> [TraceEvent] {
        let who = trace.events[index].who
        let related = trace.events[...index].reversed().lazy.filter { $0.who == who || $0.who == "timeline" || $0.who == "service" }
        return related.prefix(Self.contextLines).reversed()
    }
}
