import DeterministicRuntime
import NIOCore
import SimulationKernel

extension KernelBenchmark {
    /// One `Task.sleep(for:)` of one millisecond, from call to return.
    public static func taskSleepNanoseconds(count: Int) throws -> Double {
        DeterministicRuntime.install()
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let total = try self.nanoseconds {
            try simulation.run { for _ in 0..<count { try await Task.sleep(for: .milliseconds(1)) } }
        }
        return total / Double(count)
    }

    /// One element of an `AsyncStream`, from the event that yields it to the consumer that was waiting for it.
    public static func streamElementNanoseconds(count: Int) throws -> Double {
        DeterministicRuntime.install()
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        let producer = Producer(simulation: simulation, left: count) { left in
            if left == 0 { continuation.finish() } else { continuation.yield(left) }
        }
        let total = try self.nanoseconds {
            try simulation.run {
                producer.schedule()
                var sum = 0
                for await element in stream { sum &+= element }
            }
        }
        return total / Double(count)
    }

    private final class Producer: EventTarget {
        private let simulation: Simulation
        private var left: Int
        private let produce: (Int) -> Void

        init(simulation: Simulation, left: Int, produce: @escaping (Int) -> Void) {
            self.simulation = simulation
            self.left = left
            self.produce = produce
        }

        func schedule() { self.simulation.schedule(at: self.simulation.now + .microseconds(1), target: self, argument: 0) }

        func fire(_ argument: UInt64) {
            self.produce(self.left)
            self.left -= 1
            if self.left >= 0 { self.schedule() }
        }
    }
}
