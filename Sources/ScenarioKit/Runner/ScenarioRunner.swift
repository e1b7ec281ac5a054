import Conformance
import NIOCore
import NetworkModel
import Trace

/// Runs one scenario with one seed, and judges what happened.
public enum ScenarioRunner {
    /// Runs on the calling thread, to the end.
    ///
    /// - Parameters:
    ///   - run: what to run.
    ///   - keepTrace: whether a run that passes keeps its trace too.
    ///   - capture: called for every packet at every interface, as the run goes on.
    ///   - atEnd: called when the time is over, before anything is taken down.
    public static func run(
        _ run: PlannedRun, keepTrace: Bool = false, capture: ((CapturedPacket) -> Void)? = nil, atEnd: () -> Void = {}
    ) -> RunOutcome {
        let start = ContinuousClock.now
        let scenario = run.scenario
        let world: World
        do {
            world = try World(scenario: scenario, seed: run.seed)
        } catch {
            preconditionFailure("a checked scenario could not be built: \(error)")
        }
        world.network.capture = capture
        world.run()
        atEnd()
        let endings = world.endings
        let notes = world.notes
        let simulated = world.simulation.nanoseconds
        let events = world.simulation.executedEvents
        // Before the shutdown, which closes what is open and is no part of the story.
        let trace = world.recorder.log
        world.shutDown()
        let checks = RunChecks(scenario: scenario, trace: trace, endings: endings)
        let failures = checks.failures
        return RunOutcome(
            name: scenario.name, file: scenario.file, line: scenario.namePosition.line,
            variant: scenario.variant.isEmpty ? nil : scenario.variantText,
            resolvedYAML: run.resolved.yaml, seed: run.seed, simulatedNanoseconds: simulated,
            kernelEvents: events, wallNanoseconds: (ContinuousClock.now - start).nanoseconds, failures: failures,
            traceEventCount: trace.events.count, traceHash: trace.hash, trace: keepTrace || !failures.isEmpty ? trace : nil,
            declaredRules: scenario.spec, report: checks.report, notes: notes)
    }
}

extension Duration {
    /// Whole nanoseconds.
    public var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
