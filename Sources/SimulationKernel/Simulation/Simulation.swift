import CVirtualClock
import NIOCore

/// A simulated world: virtual time, the queue of what will happen, named random streams and one event loop per host.
///
/// It is confined to one thread (and therefore not `Sendable`); independent simulations may run on other threads at the same time. Virtual time
/// is NIO's: nanoseconds since the start of the simulation. Events execute in (time, order of scheduling); an event takes no virtual time.
///
/// Events, loops and models refer to each other, so call ``shutdown()`` at the end: it cancels what is pending and breaks the cycles.
public final class Simulation {
    /// What every random stream derives from.
    public let seed: UInt64
    /// Unix nanoseconds at the start of the simulation.
    public let wallClockStart: Int64

    /// 2023-11-14T22:13:20Z in Unix nanoseconds: where wall clocks start unless told otherwise.
    public static let usualWallClockStart: Int64 = 1_700_000_000_000_000_000
    /// Events executed so far: timers, tasks of event loops and Swift jobs alike.
    @exclusivity(unchecked) public private(set) var executedEvents: UInt64 = 0
    /// More events than this at one instant trap, instead of a run that never ends. By default far more than 10,000 hosts do at once.
    public var maximumEventsPerInstant: UInt64 = 10_000_000

    let queue = EventQueue()
    /// The clock that the operating system's clock calls read on this thread while the simulation runs; also where `now` lives.
    let clock: UnsafeMutablePointer<virtual_clock>
    @exclusivity(unchecked) private(set) var loops: ContiguousArray<SimulatedEventLoop> = []
    @exclusivity(unchecked) private(set) var runningLoop: SimulatedEventLoop?
    @exclusivity(unchecked) private(set) var isRunning = false
    @exclusivity(unchecked) private(set) var isShutDown = false
    private var streams: [String: RandomStream] = [:]
    @exclusivity(unchecked) private var stopRequested = false
    /// `executedEvents` when the present instant began.
    @exclusivity(unchecked) private var instantStart: UInt64 = 0
    /// Tasks to cancel at shutdown.
    package let roots = RootTasks()
    let openChannels = OpenChannels()

    /// - Parameters:
    ///   - seed: what every random stream derives from.
    ///   - wallClockStart: Unix time in nanoseconds when virtual time is 0; by default ``usualWallClockStart``.
    public init(seed: UInt64, wallClockStart: Int64 = usualWallClockStart) {
        self.seed = seed
        self.wallClockStart = wallClockStart
        self.clock = .allocate(capacity: 1)
        self.clock.initialize(to: virtual_clock(elapsed_ns: 0, slept_ns: 0, wall_offset_ns: wallClockStart))
        _ = self.makeEventLoop(name: "main")
    }

    deinit { self.clock.deallocate() }

    // MARK: Time

    /// The true time of the simulated world. A host's own clock is its event loop's `now`.
    public var now: NIODeadline { .uptimeNanoseconds(self.nowNanoseconds) }

    /// The true wall clock: Unix nanoseconds.
    public var wallClock: Int64 { self.wallClockStart + self.clock.pointee.elapsed_ns }

    var nowNanoseconds: UInt64 { UInt64(bitPattern: self.clock.pointee.elapsed_ns) }

    // MARK: Randomness

    /// The stream of that name, which depends only on the seed and the name. The same name continues the same stream.
    public func random(_ name: String) -> RandomStream {
        if let stream = self.streams[name] { return stream }
        let stream = RandomStream(seed: self.seed, name: name)
        self.streams[name] = stream
        return stream
    }

    // MARK: Events

    /// Slots that the event queue has ever needed at once: what its memory is proportional to.
    package var queueSlots: Int { self.queue.slabSize }

    /// Scheduled events that have neither executed nor been cancelled.
    public var pendingEvents: Int { self.queue.count }

    /// Executes `body` at `time`, or now (after what is already scheduled for now) if that is past. Belongs to no host: nothing freezes it.
    @discardableResult
    public func schedule(at time: NIODeadline, _ body: @escaping () -> Void) -> EventHandle {
        self.insert(at: time.uptimeNanoseconds, owner: .simulation, action: .closure(body))
    }

    /// Executes `body` after `delay` (negative counts as none).
    @discardableResult
    public func schedule(in delay: TimeAmount, _ body: @escaping () -> Void) -> EventHandle {
        self.insert(at: (self.now + delay).uptimeNanoseconds, owner: .simulation, action: .closure(body))
    }

    /// Calls `target.fire(argument)` at `time`: the form that allocates nothing.
    @discardableResult
    public func schedule(at time: NIODeadline, target: any EventTarget, argument: UInt64) -> EventHandle {
        self.insert(at: time.uptimeNanoseconds, owner: .simulation, action: .target(target, argument))
    }

    /// Removes the event at once; harmless if it has executed or was cancelled before.
    public func cancel(_ handle: EventHandle) { self.queue.cancel(handle) }

    private func insert(at time: UInt64, owner: EventOwner, action: EventAction) -> EventHandle {
        if self.isShutDown { return .stale }
        return self.queue.insert(at: max(time, self.nowNanoseconds), owner: owner, action: action)
    }

    // MARK: Loops

    /// A new event loop on this simulation's time: one per host, since each has its own clock that can be frozen.
    public func makeEventLoop(name: String) -> SimulatedEventLoop {
        let loop = SimulatedEventLoop(name: name, index: self.loops.count, simulation: self)
        self.loops.append(loop)
        return loop
    }

    /// Where code that belongs to no host runs: the scenario's own tasks and the body of tests.
    public var mainLoop: SimulatedEventLoop {
        guard let loop = self.loops.first else { preconditionFailure("the main loop of a simulation was used after its shutdown") }
        return loop
    }

    /// The loop whose event, task or job is executing; ``mainLoop`` while none is.
    public var currentLoop: SimulatedEventLoop { self.runningLoop ?? self.mainLoop }

    /// Makes `loop` the running one (or none), so that clock calls answer with its host's clocks.
    func switchTo(_ loop: SimulatedEventLoop?) {
        guard self.runningLoop !== loop else { return }
        self.runningLoop = loop
        self.clock.pointee.slept_ns = loop?.sleptNanoseconds ?? 0
        self.clock.pointee.wall_offset_ns = self.wallClockStart + (loop?.wallClockOffset.nanoseconds ?? 0)
    }

    /// The loop's clocks have changed, perhaps while it is running.
    func refreshClock(of loop: SimulatedEventLoop) {
        guard self.runningLoop === loop else { return }
        self.runningLoop = nil
        self.switchTo(loop)
    }

    // MARK: Running

    /// Executes everything due up to and including `deadline`; afterwards `now` is `deadline` (or stays, if that is past).
    /// Returns early, with `now` at the last event executed, if ``stop()`` is called.
    public func run(until deadline: NIODeadline) {
        if self.execute(until: deadline.uptimeNanoseconds) { self.advance(to: deadline) }
    }

    private func advance(to time: NIODeadline) {
        self.clock.pointee.elapsed_ns = max(self.clock.pointee.elapsed_ns, Int64(clamping: time.uptimeNanoseconds))
    }

    /// Executes until nothing is pending or the next event is after `limit`; afterwards `now` is the time of the last event executed, or
    /// `limit` if events are still pending.
    public func runUntilIdle(limit: NIODeadline) {
        if self.execute(until: limit.uptimeNanoseconds), !self.queue.isWheelEmpty { self.advance(to: limit) }
    }

    /// Makes the present run return after the event that is executing.
    public func stop() { self.stopRequested = true }

    /// False if the run was stopped.
    private func execute(until limit: UInt64, budget: Int = .max) -> Bool {
        precondition(!self.isRunning, "a simulation was run from inside one of its own events")
        precondition(!self.isShutDown, "a simulation was run after its shutdown")
        self.isRunning = true
        self.stopRequested = false
        self.enter {
            var left = budget
            while !self.stopRequested, left > 0, let event = self.queue.pop(until: limit) {
                left -= 1
                self.countEvent(at: event.time)
                self.switchTo(event.owner.loopIndex.map { self.loops[$0] })
                switch event.action {
                case .target(let target, let argument): target.fire(argument)
                case .closure(let body): body()
                }
            }
            self.switchTo(nil)
        }
        self.isRunning = false
        return !self.stopRequested
    }

    /// Moves the clock, and traps if time has stopped moving: some code reschedules itself for now again and again.
    private func countEvent(at time: UInt64) {
        self.executedEvents &+= 1
        if time != self.nowNanoseconds {
            self.clock.pointee.elapsed_ns = Int64(bitPattern: time)
            self.instantStart = self.executedEvents
        } else if self.executedEvents &- self.instantStart > self.maximumEventsPerInstant {
            preconditionFailure(
                "\(self.maximumEventsPerInstant) events at \(time) ns: something, last on loop '\(self.currentLoop.name)', never lets time pass"
            )
        }
    }

    /// Wakes suspended hosts, cancels root tasks, closes channels, executes what that makes due now, and then drops everything that is still
    /// pending: futures of scheduled tasks fail with `EventLoopError.shutdown`. Idempotent.
    ///
    /// A task that ignores its cancellation can never be freed; ``unfinishedTasks`` says whether there are any.
    public func shutdown() {
        guard !self.isShutDown else { return }
        for loop in self.loops where loop.isSuspended { loop.resume(clock: .stopsDuringSleep) }
        // Bounded: a task that ignores its cancellation may spin, since its sleeps now end at once.
        self.enter { self.roots.cancelAll() }
        _ = self.execute(until: self.nowNanoseconds, budget: Self.shutdownBudget)
        self.enter { self.openChannels.closeAll() }
        _ = self.execute(until: self.nowNanoseconds, budget: Self.shutdownBudget)
        self.isShutDown = true
        self.enter { self.queue.removeAll() }
        self.loops.removeAll()
        self.streams.removeAll()
    }

    private static let shutdownBudget = 200_000

    /// Spawned tasks that have not finished; after ``shutdown()``, those that never will.
    public var unfinishedTasks: Int { self.roots.count }
}
