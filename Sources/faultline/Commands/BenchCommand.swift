import ArgumentParser
import CompactJSON
import Foundation
import GoldenCases
import KernelBenchmarks
import ScenarioKit

/// `faultline bench`.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what simulating costs on this machine: kernel events, scenarios, calls, golden cases, a herd of full clients.",
        discussion: """
            EXAMPLES
              faultline bench
              faultline bench --clients 1000 --room 20 --json

            Build with `-c release`; a debug build measures nothing. Each figure stands beside the aim of the project.
            """)

    @Option(help: "The clients of the herd.")
    var clients = 10_000

    @Option(help: "The peers of the room, each connected to each.")
    var room = 200

    @Option(help: ArgumentHelp("The folder with the golden cases.", valueName: "folder"))
    var golden = "Fixtures/golden"

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() throws {
        guard (1...100_000).contains(clients) else {
            throw InputError("--clients: \(clients) is not a number of clients; take 1 to 100000")
        }
        guard (2...500).contains(room) else { throw InputError("--room: \(room) is not a number of peers; take 2 to 500") }
        let figures = try Benchmark(clients: clients, room: room, golden: golden).figures()
        if json {
            Terminal.write(String(decoding: try BenchFigure.json(figures).encoded(), as: UTF8.self) + "\n", to: .standardOutput)
        } else {
            Terminal.print([Machine.description, ""] + BenchFigure.table(figures))
        }
    }
}

/// What is measured, in order.
struct Benchmark {
    let clients: Int
    let room: Int
    let golden: String

    func figures() throws -> [BenchFigure] {
        try kernel() + [signallingScenario()] + call() + callScenarios() + goldenCases() + fullRoom() + herd()
    }

    private func kernel() throws -> [BenchFigure] {
        let aims = [1_000: 12.0, 100_000: 6.0]
        let events = [1_000, 100_000].flatMap { pending in
            KernelBenchmark.EventForm.allCases.map { form -> BenchFigure in
                let rate = KernelBenchmark.eventsPerSecond(pending: pending, events: 4_000_000, form: form) / 1_000_000
                return BenchFigure(
                    "kernel, \(pending) pending, \(form.rawValue)", rate, "M events/s", aim: aims[pending].map { .atLeast($0) })
            }
        }
        let sleep = try KernelBenchmark.taskSleepNanoseconds(count: 200_000)
        let element = try KernelBenchmark.streamElementNanoseconds(count: 200_000)
        return events + [BenchFigure("Task.sleep in virtual time", sleep, "ns"), BenchFigure("AsyncStream element", element, "ns")]
    }

    /// The median of many runs of one client through 180 s with a drop, checks left out.
    private func signallingScenario() throws -> BenchFigure {
        let run = try ScenarioBenchmark.signalling()
        for _ in 0..<50 { run.once() }
        let times = (0..<500).map { _ in Self.measure { run.once() } }.sorted()
        return BenchFigure("signalling scenario of 180 s", Double(times[times.count / 2]) / 1_000_000, "ms", aim: .atMost(1))
    }

    /// The median of many runs of two peers through a whole ladder.
    private func call() throws -> [BenchFigure] {
        let run = try ScenarioBenchmark.call()
        let result = run.once()
        guard result.failures.isEmpty else { throw InputError(["the benchmark of a call does not do what it should:"] + result.failures) }
        let times = (0..<50).map { _ in Self.measure { run.once() } }.sorted()
        let time = Double(times[times.count / 2])
        let name = "two peers, 180 s with a whole ladder"
        return [
            BenchFigure(name, time / 1e6, "ms", aim: .atMost(10)),
            BenchFigure("\(name), simulated to real", Double(result.simulatedNanoseconds) / time, "x", aim: .atLeast(18_000)),
            BenchFigure("\(name), kernel events", Double(result.events), "events"),
        ]
    }

    /// The median of the scenarios of calls, the first seed of each, on one thread.
    private func callScenarios() throws -> [BenchFigure] {
        let folder = "Scenarios/calls"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let runs = try ScenarioSelection.load(paths: [folder]).map { PlannedRun($0, seed: $0.scenario.seeds[0]) }
        let times = SuiteRunner.run(runs, threads: 1).map(\.wallNanoseconds).sorted()
        return [BenchFigure("median of \(times.count) call scenarios", 1e9 / Double(times[times.count / 2]), "runs/s", aim: .atLeast(200))]
    }

    private func fullRoom() throws -> [BenchFigure] {
        let before = Machine.residentBytes
        let run = try ScenarioBenchmark.room(peers: room)
        var peak = before
        var result: ScenarioBenchmark.Result?
        let time = Self.measure { result = run.once { peak = Machine.residentBytes } }
        guard let result else { return [] }
        let name = "room of \(room) peers (\(room * (room - 1)) agents), 60 s"
        return [
            BenchFigure(name, Double(time) / 1e9, "s"),
            BenchFigure("\(name), memory", Double(peak - before) / 1e6, "MB"),
            BenchFigure("\(name), events", Double(result.events) / (Double(time) / 1e9) / 1e6, "M events/s"),
        ]
    }

    private func goldenCases() throws -> [BenchFigure] {
        guard FileManager.default.fileExists(atPath: "\(golden)/cases") else { return [] }
        var played = 0
        let time = try Self.measureThrowing {
            for _ in 0..<3 {
                let report = try GoldenSuite.run(cases: "\(golden)/cases", golden: "\(golden)/golden", threads: 1)
                played += report.results("matched").count + report.results("explained").count
            }
        }
        return [BenchFigure("golden cases, one thread, files read", Double(played) / (Double(time) / 1e9), "cases/s")]
    }

    private func herd() throws -> [BenchFigure] {
        let before = Machine.residentBytes
        var connected = before
        var result: Herd.Result?
        let time = try Self.measureThrowing { result = try Herd(clients: clients).run { connected = Machine.residentBytes } }
        guard let result else { return [] }
        let perClient = Double(connected - before) / Double(clients) / 1_000
        let name = "herd of \(clients) clients"
        return [
            BenchFigure("\(name), 60 s", Double(time) / 1e9, "s", aim: .atMost(20)),
            BenchFigure("\(name), memory a client", perClient, "kB", aim: .atMost(50)),
            BenchFigure("\(name), events", Double(result.events) / (Double(time) / 1e9) / 1e6, "M events/s"),
            BenchFigure("\(name), connected again", Double(result.reconnected), "clients"),
            BenchFigure("\(name), peak", Double(result.peakPerSecond), "connections/s"),
        ]
    }

    static func measure(_ body: () -> Void) -> Int64 {
        let start = ContinuousClock.now
        body()
        return (ContinuousClock.now - start).nanoseconds
    }

    private static func measureThrowing(_ body: () throws -> Void) rethrows -> Int64 {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start).nanoseconds
    }
}
