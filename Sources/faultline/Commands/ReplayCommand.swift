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
              faultline replay Scenarios/signalling/transient-codes.yaml --variant code=1011 --who alice
              faultline replay Scenarios/signalling/elevator.yaml --pcap phone.pcap --host phone

            A call of up to four peers is shown side by side: states, rungs, pairs, what the world did, packets lost by which fault. With --lines, or
            for anything else, every event has a line: seconds of simulated time, who, what, and the details.
            """)

    @Argument(help: "The scenario's file.")
    var path: String

    @Option(help: "The seed (default: the scenario's first).")
    var seed: UInt64?

    @OptionGroup var variants: VariantSelection

    @Option(help: ArgumentHelp("Only the events of this peer, host or part.", valueName: "name"))
    var who: String?

    @Flag(help: "Every event on a line of its own, for a call too.")
    var lines = false

    @Flag(help: "Print the trace as JSON Lines, whole.")
    var json = false

    @Option(help: ArgumentHelp("Write what a host sent and received as a packet capture, TLS taken off.", valueName: "file"))
    var pcap: String?

    @Option(help: ArgumentHelp("The host of the capture (default: the first peer's).", valueName: "name"))
    var host: String?

    func run() throws {
        let scenario = try chosen(ScenarioSelection.load(paths: [path]))
        let capture = try captureOutput(scenario.scenario)
        let run = PlannedRun(scenario, seed: seed ?? scenario.scenario.seeds[0])
        let outcome = SuiteRunner.run([run], threads: 1, keepTraces: true, capture: capture?.makeRecorder)[0]
        try capture?.check()
        guard let trace = outcome.trace else { preconditionFailure("a trace was asked for") }
        if json {
            Terminal.write(String(decoding: trace.bytes, as: UTF8.self), to: .standardOutput)
        } else {
            Terminal.print(text(trace, of: scenario.scenario))
            Terminal.print([""] + verdict(outcome) + (pcap.map { ["capture  \($0)  (open it in Wireshark, or: tshark -r \($0))"] } ?? []))
        }
        if !outcome.passed { throw ExitCode(1) }
    }

    private func captureOutput(_ scenario: Scenario) throws -> CaptureOutput? {
        guard let pcap else {
            if host != nil { throw InputError("--host: says whose packets --pcap writes; give --pcap FILE as well") }
            return nil
        }
        try OutputFile.checkFolder(of: pcap)
        let known = scenario.capturableHosts
        guard let name = host ?? scenario.peers.first?.host ?? known.first, known.contains(name) else {
            throw InputError("--host: the scenario has no host \"\(host ?? "")\". Known: \(known.joined(separator: ", "))")
        }
        return CaptureOutput(file: pcap, host: name)
    }

    private func chosen(_ scenarios: [ResolvedScenario]) throws -> ResolvedScenario {
        if variants.variant == nil, scenarios.count > 1, !json {
            let other = scenarios[1].scenario.variantText
            Terminal.complain(["\(path) has \(scenarios.count) variants; this is the first. Others: --variant '\(other)'"])
        }
        return try variants.choose(from: scenarios)[0]
    }

    /// The most peers that are read side by side.
    private static let mostColumns = 4

    private func text(_ trace: TraceLog, of scenario: Scenario) -> [String] {
        let callers = scenario.peers.filter { $0.call != nil }.map(\.name)
        if who == nil, !lines, (1...Self.mostColumns).contains(callers.count) {
            return SideBySideText.lines(trace, peers: callers, width: Terminal.width)
        }
        let shown = trace.events.filter { who == nil || $0.who == who }
        let columns = TraceText(for: shown)
        return shown.map(columns.line)
    }

    private func verdict(_ outcome: RunOutcome) -> [String] {
        guard outcome.passed else { return TextReport(paint: Terminal.paint).failureLines(outcome) }
        let hash = JSONReport.hexadecimal(outcome.traceHash)
        return ["\(outcome.name), seed \(outcome.seed): passed.  \(outcome.traceEventCount) events, trace hash \(hash)"] + outcome.notes
    }
}
