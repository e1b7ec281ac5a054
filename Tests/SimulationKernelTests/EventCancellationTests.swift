import NIOCore
import SimulationKernel
import Testing

@Suite("Event cancellation")
struct EventCancellationTests {
    @Test("a cancelled event does not execute")
    func cancelled() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let handle = simulation.schedule(in: .seconds(1)) { Issue.record("fired") }
        simulation.cancel(handle)
        #expect(simulation.pendingEvents == 0)
        simulation.run(until: .uptimeNanoseconds(2_000_000_000))
    }

    @Test("an event of the present instant can still be cancelled by an earlier one")
    func cancelledAtTheLastMoment() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        var handle: EventHandle?
        simulation.schedule(in: .seconds(1)) { if let handle { simulation.cancel(handle) } }
        handle = simulation.schedule(in: .seconds(1)) { Issue.record("fired") }
        simulation.run(until: .uptimeNanoseconds(2_000_000_000))
        #expect(simulation.executedEvents == 1)
    }

    @Test("a stale handle does not cancel the event that took its place")
    func staleHandle() {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let stale = simulation.schedule(in: .seconds(1)) {}
        simulation.cancel(stale)
        var fired = false
        simulation.schedule(in: .seconds(1)) { fired = true }
        simulation.cancel(stale)
        simulation.run(until: .uptimeNanoseconds(2_000_000_000))
        #expect(fired)
    }

    @Test("re-arming a far timer a million times does not grow the queue")
    func rearming() {
        final class Timer: EventTarget {
            func fire(_ argument: UInt64) {}
        }
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let timer = Timer()
        var handle = simulation.schedule(in: .hours(1)) {}
        for step in 0..<1_000_000 {
            simulation.cancel(handle)
            handle = simulation.schedule(
                at: .uptimeNanoseconds(3_600_000_000_000 + UInt64(step) * 1_000_000), target: timer, argument: 0)
        }
        #expect(simulation.pendingEvents == 1)
        #expect(simulation.queueSlots <= 4)
    }
}
