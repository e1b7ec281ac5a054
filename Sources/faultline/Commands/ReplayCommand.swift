import ArgumentParser
import Foundation
import Reports
import ScenarioKit
import Trace

/// `faultline replay`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run one scenario with one seed and print everything that happened, one line an event.",
        discussion: """
            EXAMPLES
              faultline replay Scenarios/signalling/elevator.yaml
              faultline replay Scenarios/signalling/elevator.yaml --seed 7 --json > trace.jsonl
              faultline replay Scenarios/signalling/close-codes.yaml --variant code=4003 --who alice

            The columns are: seconds of simulated time, who, what, and the details.
            """)

    @Argument(help: "The scenario's file.")
    var path: String

    @Option(help: "The seed (default: the scenario's first).")
    var seed: UInt64?

    @Option(help: ArgumentHelp("The member of a matrix, as the failure's replay line gives it.", valueName: "name=value ..."))
    var variant: String?

    @Option(help: ArgumentHelp("Only the events of this peer, host or part.", valueName: "name"))
    var who: String?

    @Flag(help: "Print the trace as JSON Lines, whole.")
    var json = false

    func run() throws {
        let scenario = try chosen(ScenarioSelection.load(paths: [path]))
        let run = PlannedRun(scenario: scenario, seed: seed ?? scenario.seeds[0])
        let outcome = SuiteRunner.run([run], threads: 1, keepTraces: true)[0]
        guard let trace = outcome.trace else { preconditionFailure("a trace was asked for") }
        if json {
            Terminal.write(trace.jsonLines, to: .standardOutput)
        } else {
            Terminal.print(Self.text(trace, who: who))
            Terminal.print([""] + verdict(outcome))
        }
        if !outcome.passed { throw ExitCode(1) }
    }

    private func chosen(_ scenarios: [Scenario]) throws -> Scenario {
        guard let variant else {
            if scenarios.count > 1, !json {
                Terminal.complain(["\(path) has \(scenarios.count) variants; this is the first. Others: --variant '\(scenarios[1].variantText)'"])
            }
            return scenarios[0]
        }
        guard let scenario = scenarios.first(where: { $0.variantText == variant || $0.name == variant }) else {
            let known = scenarios.map { "'\($0.variantText)'" }.joined(separator: ", ")
            throw InputError("--variant: \(path) has no variant \"\(variant)\". Known: \(known)")
        }
        return scenario
    }

    private static func text(_ trace: TraceLog, who: String?) -> [String] {
        trace.events.filter { who == nil || $0.who == who }.map(\.text)
    }

    private func verdict(_ outcome: RunOutcome) -> [String] {
        guard outcome.passed else { return TextReport(paint: Terminal.paint).failureLines(outcome) }
        let hash = JSONReport.hexadecimal(outcome.traceHash)
        return ["\(outcome.name), seed \(outcome.seed): passed.  \(outcome.traceEventCount) events, trace hash \(hash)"] + outcome.notes
    }
}
