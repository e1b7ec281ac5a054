import NetworkModel
import SimulationKernel

/// Runs many scenarios, each run a simulation of its own on one thread.
public enum SuiteRunner {
    /// Every scenario with each of its seeds, or with `seeds` instead.
    public static func runs(of scenarios: [ResolvedScenario], seeds: [UInt64]? = nil) -> [PlannedRun] {
        scenarios.flatMap { resolved in (seeds ?? resolved.scenario.seeds).map { PlannedRun(resolved, seed: $0) } }
    }

    /// Runs everything, and returns the outcomes in the order of `runs`.
    ///
    /// - Parameters:
    ///   - runs: what to run.
    ///   - threads: how many simulations go on at a time, 1 or more.
    ///   - keepTraces: whether passed runs keep their trace too.
    ///   - capture: makes what takes the packets of a run; called once a run, on its thread.
    ///   - finished: called after each run, on any thread.
    public static func run(
        _ runs: [PlannedRun], threads: Int, keepTraces: Bool = false,
        capture: (@Sendable (PlannedRun) -> any PacketRecorder)? = nil, finished: @escaping @Sendable (RunOutcome) -> Void = { _ in }
    ) -> [RunOutcome] {
        ParallelRunner.map(runs, threads: threads) { run in
            let recorder = capture?(run)
            let outcome = ScenarioRunner.run(run, keepTrace: keepTraces, capture: recorder.map { recorder in { recorder.take($0) } })
            recorder?.finish()
            finished(outcome)
            return outcome
        }
    }
}

/// Takes the packets of one run, on the run's thread.
public protocol PacketRecorder: AnyObject {
    /// A packet passed an interface, or was dropped.
    func take(_ packet: CapturedPacket)
    /// The run is over.
    func finish()
}
