import Conformance
import Testing
import Trace

@Suite("A host that sleeps")
struct SleepTests {
    /// A wait of 1 s during which the host sleeps from 0.5 s to 10.5 s; the attempt begins `milliseconds` after the drop.
    private func run(_ clock: TraceEvent.ClockDuringSleep, attemptAfter milliseconds: Double, host: String? = "phone") -> CheckReport {
        var options = TracedOptions()
        options.host = host
        let client = FakeRuns.connected(FakeValues(), options: options)
        client.live(10_000)
        client.backoff()
        client.refuse()
        client.n = 2
        let drop = client.now
        client.announce(base: 1_000, delay: 1_000)
        client.wait(500)
        client.add(.sleep(at: client.now, who: "phone", clock: clock))
        client.wait(10_000)
        client.add(.wake(at: client.now, who: "phone"))
        client.now = max(client.now, drop + Int64(milliseconds * 1e6))
        client.begin()
        client.openAndWelcome()
        return ConformanceSuite.signalling.check(client.finish())
    }

    @Test("whose clock goes on fires overdue timers on waking")
    func continues() {
        #expect(run(.continues, attemptAfter: 10_500).passed)
        #expect(!run(.continues, attemptAfter: 11_000).passed)
    }

    @Test("whose clock stops keeps what is left of a timer")
    func stops() {
        #expect(run(.stops, attemptAfter: 11_000).passed)
        #expect(!run(.stops, attemptAfter: 10_500).passed)
    }

    @Test("while its applications are suspended runs again when both are over")
    func nested() {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000)
        client.n = 1
        client.announce(base: 500, delay: 500)
        client.wait(100)
        client.add(.appSuspended(at: client.now, who: "phone", clock: .continues))
        client.wait(100)
        client.add(.sleep(at: client.now, who: "phone", clock: .continues))
        client.wait(5_000)
        client.add(.wake(at: client.now, who: "phone"))
        client.wait(5_000)
        client.add(.appResumed(at: client.now, who: "phone"))
        client.begin()
        client.openAndWelcome()
        #expect(ConformanceSuite.signalling.check(client.finish()).findings.map(\.description) == [])
    }

    @Test("does not excuse a client on another host")
    func otherHost() {
        #expect(!run(.continues, attemptAfter: 10_500, host: "laptop").passed)
    }

    @Test("a suspended application's watchdog fires when it is resumed")
    func watchdog() {
        let client = FakeRuns.connected(FakeValues())
        client.wait(5_000)
        client.add(.appSuspended(at: client.now, who: "phone", clock: .continues))
        client.wait(200_000)
        client.add(.appResumed(at: client.now, who: "phone"))
        client.add(.watchdog(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 4000, reason: ""))
        client.n = 0
        client.drop(4000, by: false)
        client.backoff()
        client.openAndWelcome()
        let report = ConformanceSuite.signalling.check(client.finish())
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("SIG-11")!].held > 0)
    }
}
