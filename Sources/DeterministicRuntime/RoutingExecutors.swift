#if os(Linux)
    @_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency
    import NIOCore
    import SimulationKernel

    // The executors below replace the process's default and main executors. Each asks which simulation the calling thread runs: with one, the job
    // or sleep becomes an event of the loop that is running; with none, it goes to the platform's executor as if nothing had been replaced.
    // All of this is SPI of one toolchain (Swift 6.3); `install()` checks at start-up that it works.

    enum RoutingExecutorFactory: ExecutorFactory {
        static let mainExecutor: any MainExecutor = RoutingMainExecutor()
        static let defaultExecutor: any TaskExecutor = RoutingTaskExecutor()
    }

    /// An executor that stands before the platform's.
    protocol RoutingExecutor: SchedulingExecutor {
        /// Runs the jobs that stay in a simulation.
        var jobs: JobRunner { get }
        /// Where the jobs of a thread without a simulation go.
        var platform: any SchedulingExecutor { get }
    }

    extension RoutingExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            guard let simulation = Simulation.current else {
                Escapes.countPlatformJob()
                self.platform.enqueue(job)
                return
            }
            simulation.enqueue(job, for: self.jobs)
        }

        func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C) {
            guard let simulation = Simulation.current else {
                Escapes.countPlatformJob()
                self.platform.enqueue(job, after: delay, tolerance: tolerance, clock: clock)
                return
            }
            simulation.enqueue(job, after: delay, clock: clock, for: self.jobs)
        }

        func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
            guard let simulation = Simulation.current else {
                Escapes.countPlatformJob()
                self.platform.enqueue(job, at: instant, tolerance: tolerance, clock: clock)
                return
            }
            simulation.enqueue(job, after: clock.now.duration(to: instant), clock: clock, for: self.jobs)
        }
    }

    final class RoutingTaskExecutor: TaskExecutor, RoutingExecutor {
        let jobs = JobRunner(executor: .generic)
        let platform = scheduling(PlatformExecutorFactory.defaultExecutor)
    }

    final class RoutingMainExecutor: MainExecutor, RoutingExecutor {
        private let main = PlatformExecutorFactory.mainExecutor
        let platform = scheduling(PlatformExecutorFactory.mainExecutor)

        // Not stored: a job must run on this executor, and the executor's reference exists only after init.
        var jobs: JobRunner { JobRunner.main }

        /// On a simulation's thread the main actor is the simulation's own; elsewhere the platform decides.
        func checkIsolated() {
            if Simulation.current == nil { self.main.checkIsolated() }
        }

        func run() throws { try self.main.run() }

        func stop() { self.main.stop() }
    }

    private func scheduling(_ executor: any Executor) -> any SchedulingExecutor {
        guard let scheduling = executor as? any SchedulingExecutor else {
            preconditionFailure("the platform's executor cannot schedule: this Swift runtime is not the one supported")
        }
        return scheduling
    }

    extension Simulation {
        fileprivate func enqueue(_ job: consuming ExecutorJob, for runner: JobRunner) {
            self.currentLoop.execute(target: runner, argument: JobRunner.argument(for: job))
        }

        fileprivate func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, clock: C, for runner: JobRunner) {
            guard let delay = delay as? Duration else {
                preconditionFailure("a sleep on \(C.self) reached the executor: its durations are not Swift.Duration")
            }
            self.currentLoop.enqueue(
                runner, argument: JobRunner.argument(for: job), after: TimeAmount(delay), continuously: !(clock is SuspendingClock))
        }
    }

    /// Runs a Swift job when its event fires. The job travels as the event's argument.
    final class JobRunner: EventTarget, Sendable {
        static let main = JobRunner(executor: RoutingExecutorFactory.mainExecutor.asUnownedSerialExecutor())

        private let executor: UnownedSerialExecutor

        init(executor: UnownedSerialExecutor) { self.executor = executor }

        static func argument(for job: consuming ExecutorJob) -> UInt64 {
            // A job is one pointer; the runtime keeps it alive until it has run.
            UInt64(unsafeBitCast(UnownedJob(job), to: UInt.self))
        }

        func fire(_ argument: UInt64) {
            unsafeBitCast(UInt(argument), to: UnownedJob.self).runSynchronously(on: self.executor)
        }
    }

    extension UnownedSerialExecutor {
        /// "No actor in particular", which is what the platform's global executor passes. The runtime represents it by two zero words.
        fileprivate static var generic: UnownedSerialExecutor {
            unsafeBitCast((UInt(0), UInt(0)), to: UnownedSerialExecutor.self)
        }
    }
#endif
