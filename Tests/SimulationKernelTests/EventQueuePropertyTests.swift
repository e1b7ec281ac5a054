import NIOCore
import SimulationKernel
import Testing

/// The queue against the obvious implementation: an array sorted by (time, order of scheduling).
private struct ReferenceQueue {
    private var events: [(time: UInt64, sequence: Int, label: Int)] = []
    private var sequence = 0

    mutating func schedule(at time: UInt64, label: Int) {
        self.events.append((time, self.sequence, label))
        self.sequence += 1
    }

    mutating func cancel(label: Int) { self.events.removeAll { $0.label == label } }

    mutating func run(until limit: UInt64) -> [Int] {
        let due = self.events.filter { $0.time <= limit }.sorted { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
        self.events.removeAll { $0.time <= limit }
        return due.map(\.label)
    }

    var count: Int { self.events.count }
}

@Suite("Event queue against a sorted reference")
struct EventQueuePropertyTests {
    @Test("random schedules, cancellations and runs give the reference's order", arguments: 1...40 as ClosedRange<UInt64>)
    func agreesWithReference(seed: UInt64) {
        let simulation = Simulation(seed: seed)
        defer { simulation.shutdown() }
        let draws = RandomStream(seed: seed, name: "property")
        var reference = ReferenceQueue()
        var handles: [(label: Int, handle: EventHandle)] = []
        var fired: [Int] = []
        var label = 0
        for step in 0..<1500 {
            switch draws.uniform(0...9) {
            case 0...5:
                // Times of every magnitude, so that all levels of the wheel take part, and often equal ones.
                let magnitude = draws.uniform(0...44)
                let time = simulation.now.uptimeNanoseconds + UInt64(draws.uniform(0...(Int64(1) << magnitude)))
                let rounded = draws.chance(0.5) ? time : max(simulation.now.uptimeNanoseconds, (time >> 10) << 10)
                let mine = label
                label += 1
                reference.schedule(at: rounded, label: mine)
                handles.append((mine, simulation.schedule(at: .uptimeNanoseconds(rounded)) { fired.append(mine) }))
            case 6...7:
                guard !handles.isEmpty else { break }
                let (victim, handle) = handles.remove(at: Int(draws.uniform(0...Int64(handles.count - 1))))
                simulation.cancel(handle)
                reference.cancel(label: victim)
            default:
                let limit = simulation.now.uptimeNanoseconds + UInt64(draws.uniform(0...(Int64(1) << draws.uniform(0...40))))
                simulation.run(until: .uptimeNanoseconds(limit))
                let expected = reference.run(until: limit)
                #expect(fired == expected, "seed \(seed), step \(step)")
                fired = []
            }
            #expect(simulation.pendingEvents == reference.count, "seed \(seed), step \(step)")
        }
    }

    @Test("events that schedule events keep the reference's order", arguments: 1...10 as ClosedRange<UInt64>)
    func nested(seed: UInt64) {
        let simulation = Simulation(seed: seed)
        defer { simulation.shutdown() }
        let draws = RandomStream(seed: seed, name: "nested")
        var fired: [(time: UInt64, sequence: Int)] = []
        var sequence = 0
        func schedule(depth: Int) {
            let mine = sequence
            sequence += 1
            let delay = draws.uniform(0...(Int64(1) << draws.uniform(0...20)))
            simulation.schedule(in: .nanoseconds(delay)) {
                fired.append((simulation.now.uptimeNanoseconds, mine))
                if depth < 6 { for _ in 0..<3 { schedule(depth: depth + 1) } }
            }
        }
        for _ in 0..<5 { schedule(depth: 0) }
        simulation.runUntilIdle(limit: .distantFuture)
        #expect(fired.count == sequence)
        for (earlier, later) in zip(fired, fired.dropFirst()) {
            #expect((earlier.time, earlier.sequence) < (later.time, later.sequence) || earlier.time < later.time, "seed \(seed)")
        }
    }
}
