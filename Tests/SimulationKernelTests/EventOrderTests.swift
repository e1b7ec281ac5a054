import NIOCore
import SimulationKernel
import Testing

@Suite("Event order")
struct EventOrderTests {
    @Test("events of one instant execute in the order of scheduling")
    func firstInFirstOut() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var order: [Int] = []
        for index in 0..<100 { simulation.schedule(in: .milliseconds(index % 2 == 0 ? 5 : 3)) { order.append(index) } }
        simulation.run(until: .uptimeNanoseconds(10_000_000))
        #expect(order == (0..<100).filter { $0 % 2 == 1 } + (0..<100).filter { $0 % 2 == 0 })
    }

    @Test("a run stops the clock at its deadline and executes what is due exactly then")
    func deadlineIsInclusive() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var fired: [UInt64] = []
        for time in [999, 1000, 1001] as [UInt64] { simulation.schedule(at: .uptimeNanoseconds(time)) { fired.append(time) } }
        simulation.run(until: .uptimeNanoseconds(1000))
        #expect(fired == [999, 1000])
        #expect(simulation.now == .uptimeNanoseconds(1000))
    }

    @Test("an idle run leaves the clock at the last event")
    func idle() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        simulation.schedule(in: .seconds(7)) {}
        simulation.runUntilIdle(limit: .distantFuture)
        #expect(simulation.now == .uptimeNanoseconds(7_000_000_000))
        #expect(simulation.pendingEvents == 0)
    }

    @Test("a time in the past means now, after what is already due now")
    func past() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var order: [String] = []
        simulation.schedule(at: .uptimeNanoseconds(50)) {
            simulation.schedule(in: .zero) { order.append("now") }
            simulation.schedule(at: .uptimeNanoseconds(10)) { order.append("past") }
            simulation.schedule(in: .nanoseconds(-5)) { order.append("negative") }
        }
        simulation.run(until: .uptimeNanoseconds(50))
        #expect(order == ["now", "past", "negative"])
    }

    @Test("an event in the farthest future can be scheduled and stays pending")
    func distantFuture() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        simulation.schedule(at: .distantFuture) { Issue.record("fired") }
        simulation.run(until: .uptimeNanoseconds(1 << 60))
        #expect(simulation.pendingEvents == 1)
    }

    @Test("a stopped run returns after the event that stopped it")
    func stop() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var fired = 0
        for _ in 0..<3 {
            simulation.schedule(in: .seconds(1)) {
                fired += 1
                simulation.stop()
            }
        }
        simulation.run(until: .uptimeNanoseconds(5_000_000_000))
        #expect(fired == 1)
        #expect(simulation.now == .uptimeNanoseconds(1_000_000_000))
    }

    @Test("targets receive their argument")
    func target() {
        final class Recorder: EventTarget {
            var arguments: [UInt64] = []
            func fire(_ argument: UInt64) { self.arguments.append(argument) }
        }
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let recorder = Recorder()
        for argument in [3, 1, 2] as [UInt64] {
            simulation.schedule(at: .uptimeNanoseconds(argument), target: recorder, argument: argument)
        }
        simulation.run(until: .uptimeNanoseconds(10))
        #expect(recorder.arguments == [1, 2, 3])
    }
}
