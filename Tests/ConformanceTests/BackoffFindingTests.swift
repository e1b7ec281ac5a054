import Conformance
import Testing
import Trace

@Suite("What is said about a wrong wait")
struct BackoffFindingTests {
    /// Waits before attempts 1, 2 ... as given, in milliseconds, each attempt refused at once; nothing is announced.
    private func run(_ waits: [Double], path: (wait: Int, after: Double)? = nil) -> TraceLog {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000)
        for (place, wait) in waits.enumerated() {
            client.n += 1
            if let path, path.wait == place {
                client.wait(path.after)
                client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: false))
                client.wait(wait - path.after)
            } else {
                client.wait(wait)
            }
            client.begin()
            client.refuse(after: 0)
        }
        client.n += 1
        client.wait(500 * Double(1 << waits.count))
        client.begin()
        return client.log
    }

    @Test("names the attempt, the wait, the spec's value and band, and shows the ladder so far")
    func message() throws {
        let report = ConformanceSuite.signalling.check(run([541, 973, 2_112, 4_900]))
        let finding = try #require(report.findings.first)
        #expect(
            finding.description == """
                SIG-01  attempt 4 came 4.900 s after attempt 3 ended; the spec says 4.000 s ± 20 % (3.200 ... 4.800).

                    attempt   waited    spec          band   verdict
                          1    0.541   0.500   0.400-0.600   ok
                          2    0.973   1.000   0.800-1.200   ok
                          3    2.112   2.000   1.600-2.400   ok
                          4    4.900   4.000   3.200-4.800   late by 0.100

                """)
        #expect(finding.who == "alice")
        #expect(finding.timeNs == 18_646_000_000)
    }

    @Test("the trace's lines before it end with a mark")
    func context() throws {
        let log = run([541, 973, 2_112, 4_900])
        let finding = try #require(ConformanceSuite.signalling.check(log).findings.first)
        let lines = finding.context(in: log, count: 2)
        #expect(
            lines == ["13.746  alice  socket    failed: connection refused", "18.646  alice  attempt   reconnect attempt 4      <- here"])
    }

    @Test("one wrong wait is one finding, and the waits after it are judged on their own")
    func oneFinding() {
        let report = ConformanceSuite.signalling.check(run([500, 5_000, 2_000, 4_000]))
        #expect(report.findings.count == 1)
        #expect(report[RuleID("SIG-01")!].held == 4)
    }

    @Test("the band's ends are inside, a millisecond more than rounding is outside")
    func bandEnds() {
        #expect(ConformanceSuite.signalling.check(run([400, 1_200])).passed)
        #expect(!ConformanceSuite.signalling.check(run([397, 1_200])).passed)
        #expect(!ConformanceSuite.signalling.check(run([400, 1_203])).passed)
    }

    @Test("a wait may end at a path change, but not sooner than one initial delay after the attempt before")
    func pathChange() {
        #expect(ConformanceSuite.signalling.check(run([500, 1_000, 2_000, 4_000, 1_500], path: (4, 1_500)))[RuleID("SIG-19")!].held == 1)
        #expect(ConformanceSuite.signalling.check(run([500, 1_000, 2_000, 4_000, 500], path: (4, 100)))[RuleID("SIG-19")!].held == 1)
        #expect(ConformanceSuite.signalling.check(run([500, 1_000, 2_000, 4_000, 150], path: (4, 100)))[RuleID("SIG-19")!].violated == 1)
    }

    @Test("a wait that is not the announced one is found even inside the band")
    func announcement() throws {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000)
        client.n = 1
        client.announce(base: 500, delay: 450)
        client.wait(550)
        client.begin()
        let report = ConformanceSuite.signalling.check(client.finish())
        #expect(
            report.findings.map(\.message) == [
                "a wait of 0.450 s was announced before attempt 1, but it came 0.550 s after the first connection ended."
            ])
    }

    @Test("values that the scenario set replace the spec's")
    func options() {
        var values = FakeValues()
        values.initial = 1_000
        values.jitterRatio = 0.5
        var options = TracedOptions()
        options.reconnectInitialNs = 1_000_000_000
        options.reconnectJitter = 0.5
        let client = FakeRuns.connected(values, options: options)
        client.live(10_000)
        for _ in 0..<6 {
            client.backoff()
            client.refuse()
        }
        #expect(ConformanceSuite.signalling.check(client.finish()).passed)
    }
}
