import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@Suite("Swift tasks in virtual time")
struct VirtualTimeTests {
    @Test("a sleep takes exactly its virtual duration on both clocks")
    func sleeps() throws {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let times = try simulation.run {
            try await Task.sleep(for: .milliseconds(3))
            let first = simulation.now
            try await Task.sleep(for: .seconds(3600), clock: .suspending)
            return [first, simulation.now]
        }
        #expect(times == [.uptimeNanoseconds(3_000_000), .uptimeNanoseconds(3_600_003_000_000)])
    }
}
