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
    ///   - finished: called after each run, on any thread.
    public static func run(
        _ runs: [PlannedRun], threads: Int, keepTraces: Bool = false, finished: @escaping @Sendable (RunOutcome) -> Void = { _ in }
    ) -> [RunOutcome] {
        ParallelRunner.map(runs, threads: threads) { run in
            let outcome = ScenarioRunner.run(run, keepTrace: keepTraces)
            finished(outcome)
            return outcome
        }
    }
}
