#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import DeterministicRuntime
import NIOCore
import SimulationKernel

/// What the kernel costs, measured in processor time on the calling thread. Meaningful in a release build only.
public enum KernelBenchmark {
    /// One measured figure.
    public struct Figure: Sendable {
        /// What was measured.
        public let name: String
        /// How much, in `unit`.
        public let value: Double
        /// For instance "million events/s" or "ns".
        public let unit: String
    }

    /// Everything, in a few seconds.
    public static func all() throws -> [Figure] {
        var figures: [Figure] = []
        // First, while the process has no freed memory that would be used again.
        figures.append(Figure(name: "memory of an open WebSocket, both ends", value: try self.webSocketBytes(count: 5_000), unit: "bytes"))
        for pending in [1_000, 100_000] {
            for form in EventForm.allCases {
                let rate = self.eventsPerSecond(pending: pending, events: 4_000_000, form: form)
                figures.append(Figure(name: "\(form.rawValue), \(pending) pending", value: rate / 1e6, unit: "million events/s"))
            }
        }
        figures.append(Figure(name: "re-arming a far timer", value: self.rearmNanoseconds(count: 4_000_000), unit: "ns"))
        figures.append(Figure(name: "empty simulation", value: self.emptySimulationNanoseconds(count: 100_000), unit: "ns"))
        figures.append(Figure(name: "Task.sleep", value: try self.taskSleepNanoseconds(count: 500_000), unit: "ns"))
        figures.append(Figure(name: "AsyncStream element", value: try self.streamElementNanoseconds(count: 500_000), unit: "ns"))
        let sockets = try self.webSocketMicroseconds(count: 2_000)
        figures.append(Figure(name: "WebSocket connect, upgrade, 10 frames each way, close", value: sockets, unit: "µs"))
        return figures
    }

    /// Processor time of this thread, which a busy machine falsifies less than the time of day. The kernel leaves this clock real.
    static func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = self.processorTime
        try body()
        return self.processorTime - start
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
