import NIOCore
import SimulationKernel
import Testing

@Suite("Random streams")
struct RandomStreamTests {
    private func draws(_ stream: RandomStream, _ count: Int = 8) -> [UInt64] { (0..<count).map { _ in stream.next() } }

    @Test("xoshiro256** gives the outputs of the published algorithm")
    func referenceOutputs() {
        // State (1, 2, 3, 4): the first outputs as used by other implementations' tests (Rust's rand_xoshiro).
        var generator = Xoshiro256(words: (1, 2, 3, 4))
        let outputs = (0..<10).map { _ in generator.next() }
        #expect(
            outputs == [
                11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
                16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
            ])
    }

    @Test("SplitMix64 gives the outputs of the published algorithm")
    func splitMix() {
        var generator = SplitMix64(state: 1_477_776_061_723_855_037)
        #expect(generator.next() == 1_985_237_415_132_408_290)
        #expect(generator.next() == 2_979_275_885_539_914_483)
    }

    @Test("a stream depends on nothing but seed and name")
    func independence() {
        let first = Simulation(seed: 7)
        let second = Simulation(seed: 7)
        defer {
            first.shutdown()
            second.shutdown()
        }
        _ = draws(first.random("other"), 100)
        #expect(draws(first.random("jitter")) == draws(second.random("jitter")))
    }

    @Test("different names and different seeds give different streams")
    func difference() {
        let streams = [
            RandomStream(seed: 1, name: "a"), RandomStream(seed: 1, name: "b"), RandomStream(seed: 2, name: "a"),
            RandomStream(seed: 1, name: ""),
        ]
        #expect(Set(streams.map { $0.next() }).count == 4)
    }

    @Test("asking for a name again continues its stream")
    func continuation() {
        let simulation = Simulation(seed: 3)
        let whole = Simulation(seed: 3)
        defer {
            simulation.shutdown()
            whole.shutdown()
        }
        #expect(draws(simulation.random("x")) + draws(simulation.random("x")) == draws(whole.random("x"), 16))
    }

    @Test("uniform durations stay in their range and reach both ends")
    func uniform() {
        let stream = RandomStream(seed: 5, name: "u")
        let values = (0..<2000).map { _ in stream.uniform(.nanoseconds(-2)...TimeAmount.nanoseconds(3)).nanoseconds }
        #expect(Set(values) == [-2, -1, 0, 1, 2, 3])
    }

    @Test("the full integer range and a range of one value work")
    func extremes() {
        let stream = RandomStream(seed: 5, name: "u")
        #expect((0..<64).contains { _ in stream.uniform(Int64.min...Int64.max) < 0 })
        #expect(stream.uniform(9...9) == 9)
    }

    @Test("a chance takes one draw whatever its probability")
    func chance() {
        let stream = RandomStream(seed: 5, name: "c")
        let twin = RandomStream(seed: 5, name: "c")
        #expect([0, 1, 0.5, 2, -1].map { stream.chance($0) }[1])
        for _ in 0..<5 { _ = twin.next() }
        #expect(stream.next() == twin.next())
    }

    @Test("unit numbers are in [0, 1) and average one half")
    func unit() {
        let stream = RandomStream(seed: 5, name: "n")
        let values = (0..<10_000).map { _ in stream.nextUnit() }
        #expect(values.allSatisfy { 0 <= $0 && $0 < 1 })
        #expect(abs(values.reduce(0, +) / 10_000 - 0.5) < 0.02)
    }
}
