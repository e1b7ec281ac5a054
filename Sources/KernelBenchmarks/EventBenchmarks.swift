import NIOCore
import SimulationKernel

extension KernelBenchmark {
    /// How an event says what it does.
    public enum EventForm: String, CaseIterable, Sendable {
        /// `schedule(at:target:argument:)`, what models use.
        case target = "target events"
        /// `schedule(at:_:)` with a fresh closure that captures two words.
        case closure = "closure events"
        /// A target event of an event loop.
        case loop = "loop events"
    }

    /// The hold model: `pending` events, each of which schedules its successor after a random delay of up to 200 ms.
    public static func eventsPerSecond(pending: Int, events: Int, form: EventForm) -> Double {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let holder = Holder(simulation: simulation, events: events, form: form)
        for index in 0..<pending { holder.schedule(UInt64(index)) }
        return Double(events) * 1e9 / self.nanoseconds { simulation.runUntilIdle(limit: .distantFuture) }
    }

    private final class Holder: EventTarget {
        private let simulation: Simulation
        private let form: EventForm
        private var left: Int
        private let delays: [Int64]
        private var draw = 0

        init(simulation: Simulation, events: Int, form: EventForm) {
            self.simulation = simulation
            self.form = form
            self.left = events
            let stream = simulation.random("delays")
            // Drawn beforehand: the generator is not what is measured.
            self.delays = (0..<65_536).map { _ in stream.uniform(0...200_000_000) }
        }

        func schedule(_ index: UInt64) {
            self.draw = (self.draw + 1) & 65_535
            let time = self.simulation.now + .nanoseconds(self.delays[self.draw])
            switch self.form {
            case .target: self.simulation.schedule(at: time, target: self, argument: index)
            case .loop: self.simulation.mainLoop.schedule(at: time, target: self, argument: index)
            case .closure: self.simulation.schedule(at: time) { self.fire(index) }
            }
        }

        func fire(_ argument: UInt64) {
            self.left -= 1
            if self.left <= 0 { self.simulation.stop() } else { self.schedule(argument) }
        }
    }

    /// Cancelling a timer half an hour away and arming it again, with 1,000 others pending.
    public static func rearmNanoseconds(count: Int) -> Double {
        final class Timer: EventTarget {
            func fire(_ argument: UInt64) {}
        }
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let timer = Timer()
        for index in 0..<1000 { simulation.schedule(at: .uptimeNanoseconds(UInt64(index) * 3_000_000_000), target: timer, argument: 0) }
        var handle = simulation.schedule(in: .minutes(30)) {}
        let total = self.nanoseconds {
            for step in 0..<count {
                simulation.cancel(handle)
                handle = simulation.schedule(at: .uptimeNanoseconds(1_800_000_000_000 + UInt64(step) * 1000), target: timer, argument: 0)
            }
        }
        return total / Double(count)
    }

    /// Creating, running and shutting down a simulation in which nothing happens.
    public static func emptySimulationNanoseconds(count: Int) -> Double {
        let total = self.nanoseconds {
            for seed in 0..<count {
                let simulation = Simulation(seed: UInt64(seed))
                simulation.runUntilIdle(limit: .distantFuture)
                simulation.shutdown()
            }
        }
        return total / Double(count)
    }
}
