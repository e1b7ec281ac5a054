import NIOCore
import SimulationKernel

/// An operation did not finish in virtual time.
public enum SimulationStall: Error, Equatable {
    /// Nothing was pending any more, so the operation could never finish.
    case idle(at: NIODeadline)
    /// The time allowed passed.
    case limitReached(NIODeadline)
}

extension SimulatedEventLoop {
    /// Starts a task that belongs to this loop's host: frozen while the loop is suspended, cancelled when the simulation shuts down.
    ///
    /// The operation may capture what is not `Sendable`, such as the simulation: it runs on the simulation's thread.
    @discardableResult
    public func spawn<Success: Sendable>(_ operation: @escaping () async throws -> Success) -> Task<Success, any Error> {
        DeterministicRuntime.install()
        let confined = Confined(operation)
        return self.startTask {
            let roots = self.simulation.roots
            let id = roots.reserve()
            let task = Task {
                defer { roots.remove(id) }
                return try await confined.value()
            }
            roots.add(id) { task.cancel() }
            return task
        }
    }
}

extension Simulation {
    /// Starts a task on the main loop. See ``SimulatedEventLoop/spawn(_:)``.
    @discardableResult
    public func spawn<Success: Sendable>(_ operation: @escaping () async throws -> Success) -> Task<Success, any Error> {
        self.mainLoop.spawn(operation)
    }

    /// Runs the simulation until `operation`, started as a task of the main loop, has finished, and returns what it returned.
    /// - Throws: what the operation threw, or ``SimulationStall`` if it did not finish within `limit` of virtual time.
    public func run<Success: Sendable>(
        within limit: TimeAmount = .hours(24), _ operation: @escaping () async throws -> Success
    ) throws -> Success {
        let deadline = self.now + limit
        var outcome: Result<Success, any Error>?
        let task = self.spawn {
            do { outcome = .success(try await operation()) } catch { outcome = .failure(error) }
            self.stop()
        }
        self.runUntilIdle(limit: deadline)
        if let outcome { return try outcome.get() }
        task.cancel()
        throw self.pendingEvents == 0 ? SimulationStall.idle(at: self.now) : SimulationStall.limitReached(deadline)
    }
}
