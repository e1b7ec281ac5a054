import DeterministicRuntime
import Foundation
import NIOCore
import SimulationKernel
import Testing

@Suite("Swift tasks in virtual time")
struct VirtualTimeTests {
    let simulation = Simulation(seed: 1)

    private static func milliseconds(_ count: UInt64) -> NIODeadline { .uptimeNanoseconds(count * 1_000_000) }

    @Test("a sleep takes exactly its virtual duration on both clocks")
    func sleeps() throws {
        defer { simulation.shutdown() }
        let times = try simulation.run {
            try await Task.sleep(for: .milliseconds(3))
            let first = simulation.now
            try await Task.sleep(for: .seconds(3600), clock: .suspending)
            let second = simulation.now
            try await Task.sleep(nanoseconds: 7)
            return [first, second, simulation.now]
        }
        #expect(times == [Self.milliseconds(3), Self.milliseconds(3_600_003), .uptimeNanoseconds(3_600_003_000_007)])
    }

    @Test("clocks read virtual time inside a task")
    func clocks() throws {
        defer { simulation.shutdown() }
        let (continuous, suspending, deadline) = try simulation.run {
            let (continuous, suspending) = (ContinuousClock.now, SuspendingClock.now)
            try await Task.sleep(for: .seconds(5))
            return (continuous.duration(to: .now), suspending.duration(to: .now), NIODeadline.now())
        }
        #expect(continuous == .seconds(5))
        #expect(suspending == .seconds(5))
        #expect(deadline == Self.milliseconds(5000))
    }

    @Test("the date on a host is the true one plus the host's error")
    func date() throws {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "phone")
        loop.wallClockOffset = .hours(-1)
        let log = Log()
        loop.spawn { log.add("\(Date().timeIntervalSince1970)") }
        simulation.spawn { log.add("\(Date().timeIntervalSince1970)") }
        simulation.run(until: .uptimeNanoseconds(0))
        #expect(log.entries == ["1699996400.0", "1700000000.0"])
        #expect(simulation.wallClock == 1_700_000_000_000_000_000)
    }

    @Test("a sleep until an instant ends at that instant")
    func sleepUntil() throws {
        defer { simulation.shutdown() }
        let time = try simulation.run {
            try await Task.sleep(until: .now + .milliseconds(25), clock: .continuous)
            return simulation.now
        }
        #expect(time == Self.milliseconds(25))
    }

    @Test("tasks that yield take turns in the order of their start")
    func yielding() throws {
        defer { simulation.shutdown() }
        let log = Log()
        try simulation.run {
            await withTaskGroup(of: Void.self) { group in
                for name in ["a", "b", "c"] {
                    group.addTask {
                        for turn in 0..<3 {
                            log.add("\(name)\(turn)")
                            await Task.yield()
                        }
                    }
                }
            }
        }
        #expect(log.entries == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"])
    }

    @Test("detached tasks, async let, actors and the main actor run on the simulation's thread in virtual time")
    func everyKind() throws {
        defer { simulation.shutdown() }
        let log = Log()
        try simulation.run {
            await Task.detached { log.addTime("detached") }.value
            async let first: Void = { try? await Task.sleep(for: .milliseconds(2)) }()
            async let second: Void = { try? await Task.sleep(for: .milliseconds(1)) }()
            _ = await (first, second)
            log.addTime("async let")
            let counter = Counter()
            await counter.sleepAndIncrement()
            log.addTime("actor \(await counter.value)")
            await onMainActor(log)
        }
        #expect(log.entries == ["detached @0", "async let @2", "actor 1 @12", "main @12", "main @13"])
        #expect(log.foreignEntries == 0)
    }

    @Test("a consumer of a stream sees elements at the times they were produced")
    func stream() throws {
        defer { simulation.shutdown() }
        let log = Log()
        try simulation.run {
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            for element in 1...3 {
                simulation.schedule(in: .milliseconds(Int64(element) * 10)) {
                    continuation.yield(element)
                    if element == 3 { continuation.finish() }
                }
            }
            for await element in stream { log.addTime("\(element)") }
        }
        #expect(log.entries == ["1 @10", "2 @20", "3 @30"])
    }

    @Test("a future of a simulated loop can be awaited")
    func future() throws {
        defer { simulation.shutdown() }
        let loop = simulation.makeEventLoop(name: "host")
        let time = try simulation.run {
            try await loop.scheduleTask(in: .milliseconds(4)) {}.futureResult.get()
            return simulation.now
        }
        #expect(time == Self.milliseconds(4))
    }

    @Test("an actor on a simulated loop runs in that loop")
    func customExecutor() throws {
        defer { simulation.shutdown() }
        let actor = LoopActor(loop: simulation.makeEventLoop(name: "host"))
        #expect(try simulation.run { await actor.isOnItsLoop })
    }

    @Test("cancelling a sleeping task wakes it at once")
    func cancelSleep() throws {
        defer { simulation.shutdown() }
        let time = try simulation.run {
            let sleeper = Task { try await Task.sleep(for: .seconds(100)) }
            try await Task.sleep(for: .milliseconds(5))
            sleeper.cancel()
            _ = await sleeper.result
            return simulation.now
        }
        #expect(time == Self.milliseconds(5))
    }

    @Test("what the operation throws reaches the caller")
    func errors() {
        struct Failure: Error {}
        defer { simulation.shutdown() }
        #expect(throws: Failure.self) { try simulation.run { throw Failure() } }
    }

    @Test("an operation that waits for nothing is reported as stalled, when idle and at the limit")
    func stall() {
        defer { simulation.shutdown() }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        #expect(throws: SimulationStall.idle(at: Self.milliseconds(1))) {
            try simulation.run {
                try await Task.sleep(for: .milliseconds(1))
                for await _ in stream {}
            }
        }
        #expect(throws: SimulationStall.limitReached(Self.milliseconds(1001))) {
            try simulation.run(within: .seconds(1)) { try await Task.sleep(for: .seconds(2)) }
        }
        simulation.enter { continuation.finish() }
    }

    @Test("between runs, code that resumes tasks enters the simulation so that they stay in it")
    func resumingBetweenRuns() {
        defer { simulation.shutdown() }
        let log = Log()
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        simulation.spawn { for await element in stream { log.addTime("\(element)") } }
        simulation.run(until: Self.milliseconds(5))
        _ = simulation.enter { continuation.yield(7) }
        #expect(log.entries.isEmpty)
        simulation.run(until: Self.milliseconds(6))
        #expect(log.entries == ["7 @5"])
        #expect(log.foreignEntries == 0)
    }
}

private actor Counter {
    var value = 0
    func sleepAndIncrement() async {
        try? await Task.sleep(for: .milliseconds(10))
        self.value += 1
    }
}

private actor LoopActor {
    let loop: SimulatedEventLoop
    init(loop: SimulatedEventLoop) { self.loop = loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }
    var isOnItsLoop: Bool { self.loop.inEventLoop && self.loop.simulation.currentLoop === self.loop }
}

@MainActor private func onMainActor(_ log: Log) async {
    MainActor.assertIsolated()
    log.addTime("main")
    try? await Task.sleep(for: .milliseconds(1))
    log.addTime("main")
}

/// `@unchecked Sendable`: each log is used on one simulation's thread.
final class Log: @unchecked Sendable {
    private(set) var entries: [String] = []
    /// Entries made on a thread that runs no simulation.
    private(set) var foreignEntries = 0

    func add(_ entry: String) {
        self.entries.append(entry)
        if Simulation.current == nil { self.foreignEntries += 1 }
    }

    /// With the virtual time in milliseconds.
    func addTime(_ entry: String) { self.add("\(entry) @\(NIODeadline.now().uptimeNanoseconds / 1_000_000)") }
}
