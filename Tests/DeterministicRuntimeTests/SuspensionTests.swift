import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@Suite("Tasks of a suspended host")
struct SuspensionTests {
    let simulation = Simulation(seed: 1)

    private func run(until milliseconds: UInt64) { self.simulation.run(until: .uptimeNanoseconds(milliseconds * 1_000_000)) }

    @Test("a host's tasks belong to its loop, also those they start and what they resume as")
    func ownership() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.spawn {
            log.add(simulation.currentLoop.name)
            await Task { log.add(Simulation.current?.currentLoop.name ?? "escaped") }.value
            try await Task.sleep(for: .milliseconds(1))
            log.add(simulation.currentLoop.name)
        }
        simulation.spawn { log.add(simulation.currentLoop.name) }
        run(until: 5)
        #expect(log.entries == ["phone", "main", "phone", "phone"])
    }

    @Test("a runnable task waits until its host wakes")
    func runnable() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.suspend()
        loop.spawn { log.addTime("ran") }
        run(until: 100)
        #expect(log.entries.isEmpty)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 200)
        #expect(log.entries == ["ran @0"])
    }

    @Test("a sleep on the suspending clock keeps the time it had left")
    func suspendingSleep() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.spawn {
            try await Task.sleep(for: .milliseconds(30), clock: .suspending)
            log.add("\(simulation.now.uptimeNanoseconds / 1_000_000)")
        }
        run(until: 10)
        loop.suspend()
        run(until: 1000)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 2000)
        #expect(log.entries == ["1020"])
    }

    @Test("a sleep on the continuous clock that became overdue ends on waking")
    func overdueContinuousSleep() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.spawn {
            try await Task.sleep(for: .milliseconds(30), clock: .continuous)
            log.add("\(simulation.now.uptimeNanoseconds / 1_000_000)")
        }
        run(until: 10)
        loop.suspend()
        run(until: 1000)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 2000)
        #expect(log.entries == ["1000"])
    }

    @Test("a continuous sleep that outlasts the suspension keeps its instant")
    func longContinuousSleep() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.spawn {
            try await Task.sleep(for: .milliseconds(1500), clock: .continuous)
            log.add("\(simulation.now.uptimeNanoseconds / 1_000_000)")
        }
        run(until: 10)
        loop.suspend()
        run(until: 1000)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 2000)
        #expect(log.entries == ["1500"])
    }

    @Test("after a sleep the suspending clock is behind by it and the continuous clock is not")
    func clockReadings() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        loop.spawn {
            let (continuous, suspending) = (ContinuousClock.now, SuspendingClock.now)
            try await Task.sleep(for: .milliseconds(10))
            log.add("\(continuous.duration(to: .now)) \(suspending.duration(to: .now))")
        }
        run(until: 5)
        loop.suspend()
        run(until: 105)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 2000)
        #expect(log.entries == ["\(Duration.milliseconds(105)) \(Duration.milliseconds(5))"])
    }
}
