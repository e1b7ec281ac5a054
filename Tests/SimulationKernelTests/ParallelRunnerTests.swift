import NIOCore
import SimulationKernel
import Testing

@Suite("Parallel runner")
struct ParallelRunnerTests {
    /// A little world whose trace depends on its seed: loops, timers, draws.
    private static func trace(seed: UInt64) -> [UInt64] {
        let simulation = Simulation(seed: seed)
        defer { simulation.shutdown() }
        let loops = (0..<4).map { simulation.makeEventLoop(name: "host \($0)") }
        let draws = simulation.random("delays")
        var trace: [UInt64] = []
        func step(_ index: Int, _ left: Int) {
            guard left > 0 else { return }
            let delay = draws.uniform(.zero...TimeAmount.milliseconds(3))
            loops[index].schedule(at: loops[index].now + delay) {
                trace.append(simulation.now.uptimeNanoseconds &* 31 &+ UInt64(index))
                step((index + left) % 4, left - 1)
            }
        }
        for index in 0..<4 { step(index, 50) }
        simulation.runUntilIdle(limit: .distantFuture)
        return trace
    }

    @Test("results come in the order of the inputs")
    func inputOrder() {
        #expect(ParallelRunner.map(Array(0..<100), threads: 3) { $0 * 2 } == (0..<100).map { $0 * 2 })
    }

    @Test("no inputs give no results")
    func empty() {
        #expect(ParallelRunner.map([Int](), threads: 4) { $0 }.isEmpty)
    }

    @Test("the same seeds give the same traces on two threads and in the opposite order")
    func determinism() {
        let seeds = Array(1...60 as ClosedRange<UInt64>)
        let ascending = ParallelRunner.map(seeds, threads: 2) { Self.trace(seed: $0) }
        let descending = ParallelRunner.map(seeds.reversed(), threads: 2) { Self.trace(seed: $0) }
        #expect(ascending == descending.reversed())
        #expect(Set(ascending).count == 60)
        #expect(ascending[0].count == 200)
    }
}
