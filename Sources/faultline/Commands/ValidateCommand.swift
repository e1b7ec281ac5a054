import ArgumentParser
import ScenarioKit

/// `faultline validate`.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check scenario files without running them.",
        discussion: """
            EXAMPLES
              faultline validate Scenarios
              faultline validate elevator.yaml

            Every mistake is one line: file:line:column, what is wrong, and what was expected.
            """)

    @OptionGroup var selection: ScenarioSelection

    func run() throws {
        let scenarios = try selection.load()
        let files = Set(scenarios.map(\.scenario.file)).count
        let runs = scenarios.reduce(0) { $0 + $1.scenario.seeds.count }
        let next = "faultline run " + selection.paths.joined(separator: " ")
        Terminal.print(["\(files) files, \(scenarios.count) scenarios, \(runs) runs: valid.  Next: \(next)"])
    }
}
