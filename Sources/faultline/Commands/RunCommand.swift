import ArgumentParser
import Foundation
import Reports
import ScenarioKit

/// `faultline run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run scenarios and check every run against its expectations and the spec.",
        discussion: """
            EXAMPLES
              faultline run                                   every scenario under Scenarios, with its own seeds
              faultline run --filter "wi-fi" --seeds 1...500  one family of scenarios, many seeds
              faultline run Scenarios/signalling/transient-codes.yaml --variant code=1011
              faultline run --junit report.xml --json > report.json
              faultline run --filter elevator --pcap captures a packet capture of each device in each run

            A failed run leaves a folder under .faultline with its trace and its scenario. In a GitHub workflow failures are annotated as well.
            """)

    @OptionGroup var selection: ScenarioSelection
    @OptionGroup var variants: VariantSelection
    @OptionGroup var seeds: SeedSelection

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("How many simulations run at a time (default: one a core).", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Start with the last scenario. The traces must not care.")
    var reverse = false

    @Option(
        help: ArgumentHelp("Write a line a run with the hash of its trace, sorted, to compare with another process's.", valueName: "file"))
    var hashes: String?

    @Option(help: ArgumentHelp("Write a packet capture of each device in each run, TLS taken off.", valueName: "folder"))
    var pcap: String?

    func run() throws {
        try [junit, hashes].compactMap(\.self).forEach(OutputFile.checkFolder(of:))
        let scenarios = try variants.choose(from: selection.load())
        let runs = SuiteRunner.runs(of: scenarios, seeds: try seeds.override())
        guard runs.count <= SeedSelection.limit else {
            throw InputError("\(runs.count) runs are more than \(SeedSelection.limit); select fewer scenarios or seeds")
        }
        let capture = try captureOutput()
        let result = try execute(runs, capture)
        let folders = FailureFolder.write(result.failed)
        if json {
            Terminal.write(String(decoding: try JSONReport.value(result).encoded(), as: UTF8.self) + "\n", to: .standardOutput)
        } else {
            let report = TextReport(paint: Terminal.paint) { folders[$0.name]?[$0.seed] }
            Terminal.print(report.lines(result) + nextStep(result))
        }
        try writeFiles(result)
        if !result.passed { throw ExitCode(1) }
    }

    private func captureOutput() throws -> CaptureOutput? {
        guard let pcap else { return nil }
        try OutputFile.makeFolder(pcap)
        return CaptureOutput(folder: pcap)
    }

    private func execute(_ runs: [PlannedRun], _ capture: CaptureOutput?) throws -> SuiteResult {
        if let jobs, jobs < 1 { throw InputError("--jobs: \(jobs) is not a number of simulations; take 1 or more") }
        let start = ContinuousClock.now
        let bar = ProgressBar(total: runs.count, label: "runs")
        let outcomes = SuiteRunner.run(
            reverse ? runs.reversed() : runs, threads: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
            capture: capture?.makeRecorder, finished: { _ in bar.advance() })
        bar.finish()
        try capture?.check()
        let suite = SuiteChecks.check(outcomes)
        return SuiteResult(
            outcomes: reverse ? outcomes.reversed() : outcomes, suiteFailures: suite.failures, suiteNotes: suite.notes,
            wallNanoseconds: (ContinuousClock.now - start).nanoseconds)
    }

    private func writeFiles(_ result: SuiteResult) throws {
        if let junit { try OutputFile.write(JUnitReport.xml(result), to: junit) }
        if let hashes { try OutputFile.write(Self.hashLines(result).joined(separator: "\n") + "\n", to: hashes) }
        if ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] != nil, !json { Terminal.print(GitHubAnnotations.lines(result)) }
    }

    private static func hashLines(_ result: SuiteResult) -> [String] {
        result.outcomes.map { "\(JSONReport.hexadecimal($0.traceHash))  \($0.file)  \($0.name)  seed \($0.seed)" }.sorted()
    }

    private func nextStep(_ result: SuiteResult) -> [String] {
        guard result.passed, let first = result.outcomes.first else { return [] }
        return ["", "To read one run event by event:  \(TextReport(paint: Terminal.paint).replayCommand(first))"]
    }
}
