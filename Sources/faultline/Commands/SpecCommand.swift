import ArgumentParser
import Foundation
import Reports
import ScenarioKit

/// `faultline spec`.
struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec",
        abstract: "Show which rule of the spec is exercised by which scenario, and which by none.",
        discussion: """
            EXAMPLES
              faultline spec
              faultline spec --uncovered
              faultline spec --fail-uncovered     exit code 1 if a rule of the signalling or peer layer is exercised by nothing

            A rule is checked (●) by a scenario if the rule's situation came up in its run and a checker compared it with the spec, and told (○) if
            the scenario is written about the rule and states its own expectations. Each scenario runs with its first seed.
            """)

    @OptionGroup var selection: ScenarioSelection

    @Flag(help: "Exit with 1 if a rule of the signalling or peer layer is exercised by nothing.")
    var failUncovered = false

    @Flag(help: "Show only what is exercised by nothing.")
    var uncovered = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() throws {
        let scenarios = try selection.load()
        let runs = scenarios.map { PlannedRun($0, seed: $0.scenario.seeds[0]) }
        let outcomes = SuiteRunner.run(runs, threads: ProcessInfo.processInfo.activeProcessorCount)
        let table = SpecTable(outcomes)
        if json {
            Terminal.write(String(decoding: try table.json.encoded(), as: UTF8.self) + "\n", to: .standardOutput)
        } else {
            Terminal.print(table.lines(onlyUncovered: uncovered))
        }
        if failUncovered, !table.uncoveredRules.isEmpty { throw ExitCode(1) }
    }
}
