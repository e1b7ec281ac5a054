import Dispatch
import NIOCore

/// A SwiftNIO event loop in virtual time: the processor and the clock of one simulated host.
///
/// Tasks execute in order of (time, submission), interleaved with those of all other loops of the simulation in one total order. The host can
/// sleep: see ``suspend()``. Waiting for a future on the simulation's thread would never end, and traps.
///
/// `@unchecked Sendable`: the protocol demands it. A loop is confined to its simulation's thread, and traps where another thread uses it.
public final class SimulatedEventLoop: EventLoop, NIOSerialEventLoopExecutor, @unchecked Sendable {
    /// For people: traces and trap messages.
    public let name: String
    /// The world this loop belongs to.
    public let simulation: Simulation
    /// The host's wall clock minus the true one: what a wrong or adjusted clock adds. `Date()` on this loop shows it; no timer does.
    public var wallClockOffset: TimeAmount = .zero {
        didSet { self.simulation.refreshClock(of: self) }
    }
    /// Whether the host sleeps: nothing of the loop executes.
    @exclusivity(unchecked) public private(set) var isSuspended = false

    /// How far the loop's clock is behind the simulation's, because it stood still.
    @exclusivity(unchecked) private(set) var sleptNanoseconds: Int64 = 0
    @exclusivity(unchecked) private var suspendedAt: UInt64 = 0
    private let park: EventQueue.Park
    private let owner: EventOwner
    private let index: Int

    init(name: String, index: Int, simulation: Simulation) {
        self.name = name
        self.index = index
        self.simulation = simulation
        self.owner = .loop(index)
        self.park = simulation.queue.makePark()
    }

    // MARK: Time

    /// The host's uptime by the clock that times its timers; stands still while the loop is suspended.
    public var now: NIODeadline { .uptimeNanoseconds(self.present - UInt64(self.sleptNanoseconds)) }

    /// The true time that counts as now for this loop: for a suspended one, when it was suspended.
    private var present: UInt64 { self.isSuspended ? self.suspendedAt : self.simulation.nowNanoseconds }

    private func trueTime(of deadline: NIODeadline) -> UInt64 {
        let (sum, overflow) = deadline.uptimeNanoseconds.addingReportingOverflow(UInt64(self.sleptNanoseconds))
        return overflow ? .max : min(sum, UInt64(Int64.max))
    }

    // MARK: Suspension

    /// What a host's timer clock does while the host sleeps.
    public enum SleepClock: Hashable, Sendable {
        /// CLOCK_MONOTONIC on Linux, mach_absolute_time on Darwin: after waking, every timer still has the time it had left.
        case stopsDuringSleep
        /// CLOCK_BOOTTIME, mach_continuous_time: timers that became overdue fire at once on waking, in order.
        case continuesDuringSleep
    }

    /// Freezes the host: no timer, task, Swift job or sleep of this loop executes until ``resume(clock:)``. What is submitted meanwhile waits.
    public func suspend() {
        precondition(!self.isSuspended, "the loop '\(self.name)' is suspended already")
        self.isSuspended = true
        self.suspendedAt = self.simulation.nowNanoseconds
        self.simulation.queue.park(self.owner, in: self.park)
    }

    /// Lets the host go on, with the given idea of how much time has passed.
    public func resume(clock: SleepClock) {
        precondition(self.isSuspended, "the loop '\(self.name)' is not suspended")
        self.isSuspended = false
        let now = self.simulation.nowNanoseconds
        let slept: UInt64
        switch clock {
        case .stopsDuringSleep: slept = now - self.suspendedAt
        case .continuesDuringSleep: slept = 0
        }
        self.sleptNanoseconds += Int64(slept)
        self.simulation.refreshClock(of: self)
        self.simulation.queue.unpark(self.park) { time, owner in
            let shifted = owner.isTimedContinuously ? time : time.addingReportingOverflow(slept).partialValue
            return max(shifted, now)
        }
    }

    // MARK: Scheduling

    /// Calls `target.fire(argument)` on this loop when its clock shows `deadline`: the form that allocates nothing.
    @discardableResult
    public func schedule(at deadline: NIODeadline, target: any EventTarget, argument: UInt64) -> EventHandle {
        self.insert(at: self.trueTime(of: deadline), owner: self.owner, action: .target(target, argument))
    }

    /// Executes `body` on this loop when its clock shows `deadline`.
    @discardableResult
    public func schedule(at deadline: NIODeadline, _ body: @escaping () -> Void) -> EventHandle {
        self.insert(at: self.trueTime(of: deadline), owner: self.owner, action: .closure(body))
    }

    /// Calls `target.fire(argument)` on this loop as soon as possible: `execute` in the form that allocates nothing.
    @discardableResult
    public func execute(target: any EventTarget, argument: UInt64) -> EventHandle {
        self.insert(at: self.present, owner: self.owner, action: .target(target, argument))
    }

    /// Calls `target.fire(argument)` on this loop at a time of the simulated world, for what comes from outside the host (a packet). A host
    /// asleep at that time gets it on waking.
    @discardableResult
    public func scheduleArrival(at time: NIODeadline, target: any EventTarget, argument: UInt64) -> EventHandle {
        self.insert(at: time.uptimeNanoseconds, owner: .loopContinuously(self.index), action: .target(target, argument))
    }

    /// Removes the event at once; harmless if it has executed or was cancelled before.
    public func cancel(_ handle: EventHandle) { self.simulation.cancel(handle) }

    private func insert(at time: UInt64, owner: EventOwner, action: EventAction) -> EventHandle {
        precondition(
            !self.simulation.isRunning || Simulation.current === self.simulation,
            "the simulated loop '\(self.name)' was used from a thread that does not run its simulation: that work escaped from virtual time"
        )
        if self.simulation.isShutDown { return .stale }
        let time = max(time, self.present)
        if self.isSuspended {
            return self.simulation.queue.insert(at: time, owner: owner, action: action, into: self.park)
        }
        return self.simulation.queue.insert(at: time, owner: owner, action: action)
    }

    // MARK: Swift jobs

    /// Enqueues a Swift job after a delay, on a clock that stops with the host's or on one that never stops.
    package func enqueue(_ target: any EventTarget, argument: UInt64, after delay: TimeAmount, continuously: Bool) {
        let start = continuously ? self.simulation.nowNanoseconds : self.present
        let owner: EventOwner = continuously ? .loopContinuously(self.index) : self.owner
        let time = NIODeadline.uptimeNanoseconds(start) + delay
        _ = self.insert(at: time.uptimeNanoseconds, owner: owner, action: .target(target, argument))
    }

    /// Runs `start` with this loop as the current one, so that the task it creates belongs here.
    package func startTask<Result>(_ start: () -> Result) -> Result {
        self.simulation.enter {
            let previous = self.simulation.runningLoop
            self.simulation.switchTo(self)
            defer { self.simulation.switchTo(previous) }
            return start()
        }
    }

    // MARK: EventLoop

    /// True while this loop's own code runs, and for code of the simulation that belongs to no loop (set-up, models) unless the loop sleeps.
    public var inEventLoop: Bool {
        if Simulation.current === self.simulation {
            let running = self.simulation.runningLoop
            return running === self || (running == nil && !self.isSuspended)
        }
        return !self.simulation.isRunning
    }

    /// Executes the task after everything that is due now.
    public func execute(_ task: @escaping @Sendable () -> Void) {
        _ = self.insert(at: self.present, owner: self.owner, action: .closure(task))
    }

    /// Executes the task when the loop's clock shows the deadline.
    @discardableResult
    public func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        let promise = self.makePromise(of: T.self)
        let handle = self.schedule(at: deadline, target: ScheduledTask(promise: promise, task: task), argument: 0)
        return Scheduled(promise: promise, cancellationTask: { self.cancel(handle) })
    }

    /// Executes the task after the delay by the loop's clock.
    @discardableResult
    public func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        self.scheduleTask(deadline: self.now + delay, task)
    }

    /// Always traps: the thread that would wait is the one that has to do the work.
    public func _preconditionSafeToWait(file: StaticString, line: UInt) {
        preconditionFailure("waiting for a future of the simulated loop '\(self.name)' would never end", file: file, line: line)
    }

    /// A loop lives as long as its simulation: this only reports success, on the loop itself so that no other thread comes into play.
    public func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable (Error?) -> Void) {
        if self.simulation.isShutDown { callback(nil) } else { self.execute { callback(nil) } }
    }
}

/// A task scheduled through NIO's interface. If it is dropped at the end of the simulation, its future fails.
private final class ScheduledTask<Value>: EventTarget {
    private let promise: EventLoopPromise<Value>
    private let task: () throws -> Value

    init(promise: EventLoopPromise<Value>, task: @escaping () throws -> Value) {
        self.promise = promise
        self.task = task
    }

    func fire(_ argument: UInt64) {
        do {
            self.promise.assumeIsolated().succeed(try self.task())
        } catch {
            self.promise.fail(error)
        }
    }

    // Without effect on a promise that is fulfilled, which it is after firing and after cancelling.
    deinit { self.promise.fail(EventLoopError.shutdown) }
}
