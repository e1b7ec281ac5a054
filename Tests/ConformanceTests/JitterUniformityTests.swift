import Conformance
import Testing
import Trace

@Suite("Jitter over many seeds")
struct JitterUniformityTests {
    /// The draws of so many runs whose jitter is made from a uniform number by `shape`.
    private func verdict(seeds: ClosedRange<UInt64>, shape: (Double) -> Double) -> JitterUniformity.Verdict {
        var uniformity = JitterUniformity()
        for seed in seeds {
            let client = FakeRuns.connected(FakeValues(), seed: seed)
            client.live(10_000)
            for n in 1...8 {
                client.n = n
                let base = min(500 * Double(1 << (n - 1)), 30_000)
                let delay = base * (0.8 + 0.4 * shape(client.unit()))
                client.announce(base: base, delay: delay)
                client.wait(delay)
                client.begin()
                client.refuse()
            }
            uniformity.add(ConformanceSuite.signalling.check(client.finish()), seed: seed)
        }
        return uniformity.verdict()
    }

    @Test("uniform jitter passes, whatever the seeds", arguments: [1, 101, 201, 301, 401] as [UInt64])
    func uniform(first: UInt64) {
        let verdict = verdict(seeds: first...(first + 49)) { $0 }
        #expect(verdict.count == 400)
        #expect(verdict.isUniform == true, "\(verdict.description)")
    }

    @Test("a ratio of 0.1 is too narrow")
    func half() {
        let verdict = verdict(seeds: 1...25) { 0.25 + 0.5 * $0 }
        #expect(verdict.isUniform == false)
        #expect(verdict.pValue < 0.0003)
    }

    @Test("a ratio of 0.18 is too narrow, by its range")
    func slightlyNarrow() {
        let verdict = verdict(seeds: 1...25) { 0.05 + 0.9 * $0 }
        #expect(verdict.isUniform == false)
        #expect(verdict.rangePValue < 0.0003)
    }

    @Test("a ratio of 0.25 leaves the band")
    func wide() {
        let verdict = verdict(seeds: 1...25) { -0.125 + 1.25 * $0 }
        #expect(verdict.isUniform == false)
        #expect(verdict.outside > 0)
    }

    @Test("three fixed values are not uniform")
    func discrete() {
        #expect(verdict(seeds: 1...25) { ($0 * 3).rounded(.down) / 2 }.isUniform == false)
    }

    @Test("a hundred fixed values are not uniform, by their ties")
    func finelyDiscrete() {
        let verdict = verdict(seeds: 1...25) { ($0 * 100).rounded(.down) / 99 }
        #expect(verdict.isUniform == false)
        #expect(verdict.tiesPValue < 0.0003)
    }

    @Test("no jitter is not uniform")
    func none() {
        #expect(verdict(seeds: 1...25) { _ in 0.5 }.isUniform == false)
    }

    @Test("a triangular distribution over the whole band is not uniform")
    func triangular() {
        #expect(verdict(seeds: 1...50) { $0 < 0.5 ? ($0 / 2).squareRoot() : 1 - ((1 - $0) / 2).squareRoot() }.isUniform == false)
    }

    @Test("too few draws are not judged")
    func tooFew() {
        let verdict = verdict(seeds: 1...2) { $0 }
        #expect(verdict.isUniform == nil)
        #expect(verdict.description == "jitter: 16 draws are not enough to judge; 100 are")
    }

    @Test("the same stream in two scenarios counts once")
    func duplicates() {
        var uniformity = JitterUniformity()
        let report = ConformanceSuite.signalling.check(FakeRuns.refusals(FakeValues()))
        uniformity.add(report, seed: 1)
        let count = uniformity.count
        uniformity.add(report, seed: 1)
        #expect(uniformity.count == count)
        uniformity.add(report, seed: 2)
        #expect(uniformity.count == 2 * count)
    }
}
