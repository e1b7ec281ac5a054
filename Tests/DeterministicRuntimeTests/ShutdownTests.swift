import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@Suite("Shutdown of a simulation with tasks")
struct ShutdownTests {
    @Test("a shutdown cancels spawned tasks, which then finish")
    func cancellation() {
        let simulation = Simulation(seed: 1)
        let log = Log()
        simulation.spawn {
            defer { log.add("ended") }
            try await Task.sleep(for: .seconds(100))
        }
        simulation.spawn {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            log.add("stream ended")
            continuation.finish()
        }
        simulation.run(until: .uptimeNanoseconds(1))
        #expect(simulation.unfinishedTasks == 2)
        simulation.shutdown()
        #expect(Set(log.entries) == ["ended", "stream ended"])
        #expect(simulation.unfinishedTasks == 0)
    }

    @Test("tasks of a suspended host are cancelled too")
    func suspendedHost() {
        let simulation = Simulation(seed: 1)
        let loop = simulation.makeEventLoop(name: "phone")
        loop.spawn { try await Task.sleep(for: .seconds(100)) }
        simulation.run(until: .uptimeNanoseconds(1))
        loop.suspend()
        simulation.shutdown()
        #expect(simulation.unfinishedTasks == 0)
    }

    @Test("a task that ignores its cancellation is counted")
    func stubborn() {
        let simulation = Simulation(seed: 1)
        simulation.spawn { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        simulation.run(until: .uptimeNanoseconds(1))
        simulation.shutdown()
        #expect(simulation.unfinishedTasks == 1)
    }

    @Test("a task that spins after its cancellation does not hang the shutdown")
    func spinning() {
        let simulation = Simulation(seed: 1)
        simulation.spawn {
            try? await Task.sleep(for: .seconds(1))
            while true { await Task.yield() }
        }
        simulation.run(until: .uptimeNanoseconds(1))
        simulation.shutdown()
        #expect(simulation.unfinishedTasks == 1)
    }

    @Test("a finished simulation is freed")
    func freed() throws {
        weak var freed: Simulation?
        do {
            let simulation = Simulation(seed: 1)
            freed = simulation
            try simulation.run { try await Task.sleep(for: .seconds(1)) }
            simulation.shutdown()
        }
        #expect(freed == nil)
    }
}
