import CVirtualClock

extension Simulation {
    /// The simulation that the calling thread is running or has entered, if any.
    public static var current: Simulation? {
        guard let reference = virtual_thread_get().simulation else { return nil }
        return Unmanaged<Simulation>.fromOpaque(reference).takeUnretainedValue()
    }

    /// Makes this the thread's simulation for the duration of `body`: clock calls are virtual and new Swift tasks belong to it.
    public func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let previous = virtual_thread_exchange(
            virtual_thread(clock: self.clock, simulation: Unmanaged.passUnretained(self).toOpaque()))
        defer { _ = virtual_thread_exchange(previous) }
        return try body()
    }
}
