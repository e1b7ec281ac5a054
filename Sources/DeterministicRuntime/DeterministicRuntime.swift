#if os(Linux)
    @_spi(ExperimentalCustomExecutors) import _Concurrency
#endif
import NIOCore
import SimulationKernel

/// Runs Swift concurrency in virtual time on a simulation's thread: `Task`, detached tasks, groups, `async let`, actors, `@MainActor`,
/// `AsyncStream`, `Task.yield` and `Task.sleep` on every clock. Threads that run no simulation are not affected.
public enum DeterministicRuntime {
    /// Replaces the process's executors by routing ones, once, and checks that tasks, sleeps and clocks are virtual inside a simulation.
    /// Traps if the Swift runtime does not cooperate: results would silently differ from run to run.
    public static func install() { self.installed }

    private static let installed: Void = {
        #if os(Linux)
            _createExecutors(factory: RoutingExecutorFactory.self)
            checkClocks()
            checkTasks()
        #else
            preconditionFailure("Swift tasks in virtual time need Linux: Apple platforms do not let a program replace libSystem's clock")
        #endif
    }()

    private static func checkClocks() {
        let simulation = Simulation(seed: 0)
        defer { simulation.shutdown() }
        simulation.run(until: .uptimeNanoseconds(987_654_321))
        simulation.enter {
            precondition(NIODeadline.now() == simulation.now, "CLOCK_MONOTONIC is not virtual in a simulation")
            let start = ContinuousClock.now
            let suspendingStart = SuspendingClock.now
            simulation.run(until: .uptimeNanoseconds(1_987_654_322))
            precondition(start.duration(to: .now) == .nanoseconds(1_000_000_001), "ContinuousClock is not virtual in a simulation")
            precondition(
                suspendingStart.duration(to: .now) == .nanoseconds(1_000_000_001), "SuspendingClock is not virtual in a simulation")
        }
    }

    private static func checkTasks() {
        let simulation = Simulation(seed: 0)
        defer { simulation.shutdown() }
        let trace = Trace()
        simulation.enter {
            _ = Task {
                await Task.yield()
                trace.entries.append(0)
                try? await Task.sleep(for: .milliseconds(5))
                trace.entries.append(NIODeadline.now().uptimeNanoseconds)
                await MainActor.run { trace.entries.append(1) }
            }
        }
        simulation.runUntilIdle(limit: .uptimeNanoseconds(1_000_000_000))
        precondition(trace.entries == [0, 5_000_000, 1], "Swift tasks do not run in virtual time: this Swift runtime is not supported")
    }

    /// `@unchecked Sendable`: touched on the simulation's thread only.
    private final class Trace: @unchecked Sendable {
        var entries: [UInt64] = []
    }
}
