import DeterministicRuntime
import NIOCore
import NIOPosix
import SimulationKernel
import Testing

@Suite("Simulations beside each other and beside ordinary code")
struct IsolationTests {
    /// Several tasks that draw, sleep, yield and talk through a stream: the trace is the order of everything.
    private static func trace(seed: UInt64) -> [String] {
        let simulation = Simulation(seed: seed)
        defer { simulation.shutdown() }
        let log = Log()
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let draws = simulation.random("delays")
        for name in ["a", "b", "c", "d"] {
            simulation.makeEventLoop(name: name).spawn {
                for turn in 0..<10 {
                    try await Task.sleep(for: .nanoseconds(draws.uniform(0...2_000_000)), clock: .suspending)
                    continuation.yield("\(name)\(turn)")
                    await Task.yield()
                    await Task.detached { log.addTime(name) }.value
                }
            }
        }
        simulation.spawn { for await element in stream { log.addTime(element) } }
        simulation.run(until: .uptimeNanoseconds(1_000_000_000))
        simulation.enter { continuation.finish() }
        return log.entries
    }

    @Test("the same seeds give the same traces on two threads and in the opposite order")
    func determinism() {
        DeterministicRuntime.install()
        let seeds = Array(1...40 as ClosedRange<UInt64>)
        let ascending = ParallelRunner.map(seeds, threads: 2) { Self.trace(seed: $0) }
        let descending = ParallelRunner.map(seeds.reversed(), threads: 2) { Self.trace(seed: $0) }
        #expect(ascending == descending.reversed())
        #expect(Set(ascending).count == 40)
        #expect(ascending[0].count == 80)
    }

    @Test("ordinary tasks, sleeps and the main actor work outside simulations after the installation")
    func ordinaryCode() async throws {
        DeterministicRuntime.install()
        let before = ContinuousClock.now
        try await Task.sleep(for: .milliseconds(2))
        let value = await Task.detached { await onTheMainActor() }.value
        #expect(value == 42)
        #expect(before.duration(to: .now) >= .milliseconds(2))
        #expect(Simulation.current == nil)
    }

    @Test("real sockets' event loops work while simulations run")
    func realLoops() async throws {
        DeterministicRuntime.install()
        async let simulated = Task.detached { Self.trace(seed: 1) }.value
        let real = try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(1)) { 1 }.futureResult.get()
        #expect(real == 1)
        #expect(await simulated == Self.trace(seed: 1))
    }

    @Test("a simulation inside an ordinary task leaves the thread as it was")
    func nested() async throws {
        let real = NIODeadline.now()
        let result = try runNested()
        #expect(result == .uptimeNanoseconds(5_000_000))
        #expect(NIODeadline.now() >= real)
        #expect(Simulation.current == nil)
    }

    @Test("task-local values reach the tasks of a simulation")
    func taskLocals() throws {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let value = try Context.$label.withValue("outer") {
            try simulation.run {
                try await Task.sleep(for: .seconds(1))
                return await Task { Context.label }.value
            }
        }
        #expect(value == "outer")
    }

    @Test("a job outside every simulation is fatal once that is forbidden")
    func escapes() async {
        await #expect(processExitsWith: .failure) {
            DeterministicRuntime.install()
            Escapes.forbid()
            await Task.detached {}.value
        }
    }

    @Test("using a simulated loop from a thread that does not run its simulation traps")
    func foreignThread() async {
        await #expect(processExitsWith: .failure) {
            let simulation = Simulation(seed: 1)
            let loop = simulation.mainLoop
            simulation.schedule(in: .zero) { _ = ParallelRunner.map([0], threads: 1) { _ in loop.execute {} } }
            simulation.run(until: .uptimeNanoseconds(0))
        }
    }
}

@MainActor private func onTheMainActor() async -> Int {
    try? await Task.sleep(for: .milliseconds(1))
    return 42
}

private func runNested() throws -> NIODeadline {
    let simulation = Simulation(seed: 1)
    defer { simulation.shutdown() }
    return try simulation.run {
        try await Task.sleep(for: .milliseconds(5))
        return simulation.now
    }
}

private enum Context {
    @TaskLocal static var label = "none"
}
