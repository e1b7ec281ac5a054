import Conformance
import Testing
import Trace

@Suite("What is not a mistake")
struct LenienceTests {
    private func findings(_ client: FakeClient) -> [String] {
        ConformanceSuite.signalling.check(client.finish()).findings.map(\.description)
    }

    @Test("an attempt that close() gives up has no end of its own")
    func closeWhileDialling() {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000)
        client.backoff()
        client.dial()
        client.wait(100)
        client.add(.closeCalled(at: client.now, who: client.who))
        client.to("closed")
        client.add(.closedDone(at: client.now, who: client.who))
        client.wait(1_000)
        client.connect()
        client.openAndWelcome()
        #expect(findings(client) == [])
    }

    @Test("the ping of a path probe may put off the next heartbeat, or not", arguments: [12_000.0, 20_000.0])
    func probePing(heartbeatAfter milliseconds: Double) {
        let client = FakeRuns.connected(FakeValues(), options: Self.slowProbe)
        client.wait(8_000)
        client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: false))
        client.send("ping")
        client.wait(milliseconds)
        client.send("ping")
        client.wait(100)
        client.receive("pong")
        #expect(findings(client) == [])
    }

    /// So that a heartbeat falls due while the probe is unanswered.
    private static let slowProbe: TracedOptions = {
        var options = TracedOptions()
        options.pathProbeTimeoutNs = 50_000_000_000
        return options
    }()

    @Test("a further path change need not begin the probe's time anew")
    func secondProbe() {
        let client = FakeRuns.connected(FakeValues())
        for wait in [8_000.0, 4_000] {
            client.wait(wait)
            client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: false))
            client.send("ping")
        }
        client.wait(1_000)
        client.add(.watchdog(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 4000, reason: ""))
        client.n = 0
        client.drop(4000, by: false)
        client.n = 1
        client.begin()
        client.openAndWelcome()
        #expect(findings(client) == [])
    }

    @Test("a subscription of an earlier session need not be replayed in the next")
    func earlierSession() {
        let client = FakeRuns.connected(FakeValues())
        FakeRuns.request(client, "r1", .subscribe, "room")
        client.wait(30)
        FakeRuns.done(client, "r1", .subscribe, .ok)
        client.live(10_000, code: 4020)
        client.wait(1_000)
        client.connect()
        client.openAndWelcome()
        client.live(10_000)
        client.backoff()
        client.openAndWelcome()
        client.wait(5_000)
        #expect(findings(client) == [])
    }

    @Test("a subscribe that never left the client leaves an earlier one tracked")
    func restored() {
        let client = FakeRuns.connected(FakeValues())
        FakeRuns.request(client, "r1", .subscribe, "room")
        client.wait(30)
        FakeRuns.done(client, "r1", .subscribe, .ok)
        client.add(.request(at: client.now, who: client.who, id: "r2", kind: .subscribe, channel: "room"))
        FakeRuns.done(client, "r2", .subscribe, .refused)
        client.live(10_000)
        client.backoff()
        client.openAndWelcome()
        client.wait(5_000)
        #expect(findings(client) == ["SIG-12  room was not replayed after the reconnect, though it is tracked."])
    }

    @Test("a new client of the same name begins idle")
    func newClient() {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000, code: 4020)
        client.wait(1_000)
        client.state = "idle"
        client.connect()
        client.openAndWelcome()
        #expect(findings(client) == [])
    }

    @Test("a producer may tell the welcome by its frame or its report alone", arguments: [[TraceKind.welcome], [.welcome, .received]])
    func withoutWelcome(missing: [TraceKind]) {
        let log = FakeRuns.flapping(FakeValues())
        let events = log.events.filter { event in event.kind.map { !missing.contains($0) } ?? true }
        let report = ConformanceSuite.signalling.check(TraceLog(header: log.header, events: events))
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("SIG-04")!].held == 5)
    }
}
