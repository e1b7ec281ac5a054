import NIOCore
import SimulationKernel
import Testing

@Suite("Event order")
struct EventOrderTests {
    @Test("events of one instant execute in the order of scheduling")
    func fifo() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var order: [Int] = []
        for index in 0..<100 { simulation.schedule(in: .milliseconds(index % 2 == 0 ? 5 : 3)) { order.append(index) } }
        simulation.run(until: .uptimeNanoseconds(10_000_000))
        #expect(order == (0..<100).filter { $0 % 2 == 1 } + (0..<100).filter { $0 % 2 == 0 })
        #expect(simulation.now == .uptimeNanoseconds(10_000_000))
    }
}
