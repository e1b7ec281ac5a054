import ArgumentParser
import Foundation
import GoldenCases

/// `faultline golden`.
struct GoldenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "golden",
        abstract: "Play the scripted cases of the vendor's official SDK against ours, and compare line by line.",
        discussion: """
            EXAMPLES
              faultline golden Fixtures/golden/cases Fixtures/golden/golden

            A case matches, or its differences are explained by named transformations (each cites its rule), or it cannot be compared because our API
            lacks a call, or it differs. Exit code 1 if one differs, 2 if a file cannot be read.
            """)

    @Argument(help: "The folder of the cases.")
    var cases: String

    @Argument(help: "The folder of what the official SDK did, one file of the same name a case.")
    var golden: String

    @Flag(help: "Also exit with 1 if a transformation explains no case: right for the cases that are shipped with the project.")
    var strict = false

    @Flag(help: "Print JSON instead of text.")
    var json = false

    func run() throws {
        let report: GoldenReport
        do {
            report = try GoldenSuite.run(cases: cases, golden: golden, threads: ProcessInfo.processInfo.activeProcessorCount)
        } catch {
            throw InputError("\(error)")
        }
        if json {
            Terminal.write(String(decoding: try report.json.encoded(), as: UTF8.self) + "\n", to: .standardOutput)
        } else {
            Terminal.write(report.text, to: .standardOutput)
        }
        let broken = report.results.compactMap { result -> String? in
            if case .broken(let message) = result.verdict { return message }
            return nil
        }
        if !broken.isEmpty { throw InputError(broken) }
        let status = report.exitStatus(strict: strict)
        if status != 0 { throw ExitCode(status) }
    }
}
