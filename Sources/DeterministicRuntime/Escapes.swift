import Synchronization

/// Jobs that reach the platform's executors, on threads that run no simulation.
///
/// In a process that also runs ordinary async code (a test runner, real sockets) such jobs are normal. In one that only simulates, each is
/// work that left virtual time, for instance a continuation resumed from a dispatch queue; ``forbid()`` then makes it fatal.
public enum Escapes {
    private static let count = Atomic<Int>(0)
    private static let forbidden = Atomic<Bool>(false)

    /// Jobs passed to the platform's executors since the runtime was installed.
    public static var platformJobs: Int { self.count.load(ordering: .relaxed) }

    /// From now on a job outside every simulation traps. For programs that do nothing but simulate.
    public static func forbid() { self.forbidden.store(true, ordering: .relaxed) }

    static func countPlatformJob() {
        self.count.add(1, ordering: .relaxed)
        precondition(
            !self.forbidden.load(ordering: .relaxed),
            "a Swift job escaped from virtual time: it was enqueued on a thread that runs no simulation")
    }
}
