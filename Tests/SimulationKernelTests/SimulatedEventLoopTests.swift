import NIOCore
import SimulationKernel
import Testing

@Suite("Simulated event loop")
struct SimulatedEventLoopTests {
    let simulation = Simulation(seed: 1)

    private func run(until milliseconds: UInt64) { self.simulation.run(until: .uptimeNanoseconds(milliseconds * 1_000_000)) }

    @Test("executed and scheduled tasks of several loops interleave in one order")
    func order() {
        defer { simulation.shutdown() }
        let (first, second) = (simulation.makeEventLoop(name: "a"), simulation.makeEventLoop(name: "b"))
        let log = Log()
        first.scheduleTask(in: .milliseconds(2)) { log.add("a2") }
        second.scheduleTask(in: .milliseconds(1)) { log.add("b1") }
        second.execute { log.add("b0") }
        first.execute {
            log.add("a0")
            first.execute { log.add("a0'") }
        }
        second.scheduleTask(in: .milliseconds(2)) { log.add("b2") }
        run(until: 5)
        #expect(log.entries == ["b0", "a0", "a0'", "b1", "a2", "b2"])
    }

    @Test("a scheduled task delivers its result, and a cancelled one fails with cancelled")
    func results() throws {
        defer { simulation.shutdown() }
        let loop = simulation.mainLoop
        let kept = loop.scheduleTask(in: .seconds(1)) { 42 }
        let cancelled = loop.scheduleTask(in: .seconds(1)) { 43 }
        cancelled.cancel()
        let log = Log()
        kept.futureResult.whenSuccess { log.add("\($0)") }
        cancelled.futureResult.whenFailure { log.add("\($0)") }
        run(until: 1000)
        #expect(log.entries == ["\(EventLoopError.cancelled)", "42"])
        #expect(simulation.pendingEvents == 0)
    }

    @Test("a repeated task repeats at its exact times until cancelled")
    func repeated() {
        defer { simulation.shutdown() }
        let loop = simulation.mainLoop
        let log = Log()
        loop.scheduleRepeatedTask(initialDelay: .milliseconds(1), delay: .milliseconds(10)) { task in
            log.add("\(loop.now.uptimeNanoseconds / 1_000_000)")
            if log.entries.count == 3 { task.cancel() }
        }
        run(until: 100)
        #expect(log.entries == ["1", "11", "21"])
    }

    @Test("code of a loop is in that loop only")
    func inEventLoop() {
        defer { simulation.shutdown() }
        let (first, second) = (simulation.makeEventLoop(name: "a"), simulation.makeEventLoop(name: "b"))
        let log = Log()
        #expect(first.inEventLoop && second.inEventLoop, "before a run the simulation can set up any loop")
        first.execute { log.add("\(first.inEventLoop) \(second.inEventLoop)") }
        simulation.schedule(in: .zero) { log.add("\(first.inEventLoop) \(second.inEventLoop)") }
        run(until: 0)
        #expect(log.entries == ["true false", "true true"])
    }

    @Test("a stopped clock keeps the time that each timer had left")
    func stoppedClock() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        let start = loop.now
        loop.scheduleTask(in: .milliseconds(30)) { log.add("timer \((loop.now - start).nanoseconds / 1_000_000)") }
        run(until: 10)
        loop.suspend()
        loop.execute { log.add("task") }
        run(until: 1000)
        #expect(log.entries.isEmpty)
        #expect(loop.now == .uptimeNanoseconds(10_000_000))
        loop.resume(clock: .stopsDuringSleep)
        run(until: 1019)
        #expect(log.entries == ["task"])
        run(until: 1020)
        #expect(log.entries == ["task", "timer 30"])
    }

    @Test("a running clock fires overdue timers at once, in order, and leaves the others at their times")
    func runningClock() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        for delay in [40, 20, 2000] as [Int64] {
            loop.scheduleTask(in: .milliseconds(delay)) { log.add("\(delay)@\(loop.now.uptimeNanoseconds / 1_000_000)") }
        }
        run(until: 10)
        loop.suspend()
        run(until: 1000)
        loop.resume(clock: .continuesDuringSleep)
        run(until: 3000)
        #expect(log.entries == ["20@1000", "40@1000", "2000@2000"])
    }

    @Test("what is submitted to a sleeping loop counts from when it fell asleep")
    func submittedDuringSleep() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let log = Log()
        run(until: 10)
        loop.suspend()
        run(until: 500)
        loop.execute { log.add("task") }
        loop.scheduleTask(in: .milliseconds(30)) { log.add("timer") }
        run(until: 1000)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 1000)
        #expect(log.entries == ["task"])
        run(until: 1030)
        #expect(log.entries == ["task", "timer"])
    }

    @Test("a loop that never lets time pass traps instead of hanging")
    func livelock() async {
        await #expect(processExitsWith: .failure) {
            final class Spinner: EventTarget {
                let simulation = Simulation(seed: 1)
                func fire(_ argument: UInt64) { self.simulation.schedule(at: self.simulation.now, target: self, argument: 0) }
            }
            let spinner = Spinner()
            spinner.simulation.maximumEventsPerInstant = 1000
            spinner.fire(0)
            spinner.simulation.run(until: .uptimeNanoseconds(1))
        }
    }

    @Test("a timer can be cancelled while its loop is suspended")
    func cancelWhileSuspended() {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let timer = loop.scheduleTask(in: .milliseconds(30)) { Issue.record("fired") }
        loop.suspend()
        timer.cancel()
        run(until: 100)
        loop.resume(clock: .continuesDuringSleep)
        run(until: 200)
        #expect(simulation.pendingEvents == 0)
    }

    @Test("other loops go on while one is suspended")
    func othersGoOn() {
        defer { simulation.shutdown() }
        let (asleep, awake) = (simulation.makeEventLoop(name: "a"), simulation.makeEventLoop(name: "b"))
        let log = Log()
        asleep.scheduleTask(in: .milliseconds(1)) { log.add("asleep") }
        awake.scheduleTask(in: .milliseconds(1)) { log.add("awake") }
        asleep.suspend()
        run(until: 10)
        #expect(log.entries == ["awake"])
    }

    @Test("what arrives from outside during sleep is delivered on waking, not a sleep later")
    func arrivals() {
        final class Recorder: EventTarget {
            var times: [UInt64] = []
            let loop: SimulatedEventLoop
            init(loop: SimulatedEventLoop) { self.loop = loop }
            func fire(_ argument: UInt64) { self.times.append(self.loop.simulation.now.uptimeNanoseconds / 1_000_000) }
        }
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        let recorder = Recorder(loop: loop)
        for time in [50, 200] as [UInt64] {
            loop.scheduleArrival(at: .uptimeNanoseconds(time * 1_000_000), target: recorder, argument: 0)
        }
        loop.suspend()
        run(until: 100)
        loop.resume(clock: .stopsDuringSleep)
        run(until: 300)
        #expect(recorder.times == [100, 200])
    }

    @Test("a shutdown fails the futures of pending scheduled tasks")
    func shutdown() {
        let log = Log()
        let scheduled = simulation.mainLoop.scheduleTask(in: .hours(1)) {}
        scheduled.futureResult.whenFailure { log.add("\($0)") }
        simulation.shutdown()
        #expect(log.entries == ["\(EventLoopError.shutdown)"])
        #expect(simulation.pendingEvents == 0)
    }

    @Test("waiting for a future traps instead of blocking for ever")
    func waiting() async {
        await #expect(processExitsWith: .failure) {
            try waitForEver()
        }
    }
}

private func waitForEver() throws {
    let simulation = Simulation(seed: 1)
    try simulation.mainLoop.makePromise(of: Void.self).futureResult.wait()
}

/// `@unchecked Sendable`: each log is used on one simulation's thread.
final class Log: @unchecked Sendable {
    private(set) var entries: [String] = []
    func add(_ entry: String) { self.entries.append(entry) }
}
