import Conformance
import Testing
import Trace

@Suite("Going on and stopping")
struct EndingTests {
    private func check(_ client: FakeClient) -> CheckReport { ConformanceSuite.signalling.check(client.finish()) }

    @Test("every code of the table leads to what the table says", arguments: CloseCodes.rows)
    func codes(row: CloseCodes.Row) {
        let report = ConformanceSuite.signalling.check(FakeRuns.closes(with: row.code, FakeValues()))
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("SIG-05")!].held == 1 + (row.reaction == .stop ? 1 : 0) || row.reaction != .stop)
        #expect(report[RuleID("SIG-06")!].isExercised == (row.reaction == .reconnectSlowly))
    }

    @Test("an unknown code reconnects")
    func unknownCode() {
        #expect(ConformanceSuite.signalling.check(FakeRuns.closes(with: 4999, FakeValues())).passed)
    }

    @Test("a first connect that fails and closes holds; one that is retried does not")
    func firstConnect() {
        let right = FakeClient()
        right.connect()
        right.refuse()
        right.to("closed")
        #expect(check(right)[RuleID("SIG-14")!].held > 0)

        let wrong = FakeClient()
        wrong.connect()
        wrong.refuse()
        wrong.backoff()
        wrong.refuse()
        #expect(check(wrong)[RuleID("SIG-14")!].violated == 1)
    }

    @Test("a terminal code before the first welcome is not reported as a disconnect")
    func terminalAtFirst() {
        for isReported in [false, true] {
            let client = FakeClient()
            client.connect()
            client.open()
            client.add(.socketClosed(at: client.now, who: client.who, code: 4001, reason: "", opened: true))
            if isReported {
                client.add(.disconnected(at: client.now, who: client.who, code: 4001, reason: "", willReconnect: false))
            }
            client.to("closed")
            #expect(check(client).passed == !isReported)
        }
    }

    @Test("a socket that had opened is reported once, a dial that failed is not")
    func reports() throws {
        let twice = FakeRuns.connected(FakeValues())
        twice.live(10_000)
        twice.add(.disconnected(at: twice.now, who: twice.who, code: 1006, reason: "", willReconnect: true))
        twice.backoff()
        twice.openAndWelcome()
        #expect(
            check(twice).findings.map(\.message) == [
                "2 disconnect reports for a socket that ended with 1006 (abnormal_closure); the spec says 1."
            ])

        let dial = FakeRuns.connected(FakeValues())
        dial.live(10_000)
        dial.backoff()
        dial.refuse()
        dial.add(.disconnected(at: dial.now, who: dial.who, code: 1006, reason: "", willReconnect: true))
        dial.backoff()
        dial.openAndWelcome()
        #expect(check(dial)[RuleID("SIG-15")!].violated == 1)
    }

    @Test("a rejected upgrade is reported with its status; with a key, 401 ends the client")
    func rejections() {
        for (credential, goesOn) in [(TracedOptions.Credential.key, false), (.key, true)] {
            var options = TracedOptions()
            options.credential = credential
            let client = FakeRuns.connected(FakeValues(), options: options)
            client.live(10_000)
            client.backoff()
            client.refuse(error: "HTTP 401", status: 401)
            client.add(.upgradeRejected(at: client.now, who: client.who, status: 401))
            if goesOn {
                client.backoff()
                client.openAndWelcome()
            } else {
                client.to("closed")
            }
            #expect(check(client)[RuleID("BEY-07")!].violated == (goesOn ? 1 : 0))
        }
    }

    @Test("what was due after the last event is not judged")
    func endOfTrace() {
        let client = FakeRuns.connected(FakeValues())
        client.wait(10_000)
        client.add(.socketClosed(at: client.now, who: client.who, code: 1006, reason: "", opened: true))
        #expect(ConformanceSuite.signalling.check(client.log).findings.map(\.description) == [])
    }

    @Test("a log that begins in the middle of a session is judged from there on")
    func middle() {
        let client = FakeClient()
        client.state = "reconnecting"
        client.welcomed = true
        client.n = 5
        client.begin()
        client.refuse()
        client.backoff()
        client.openAndWelcome()
        #expect(check(client).findings.map(\.description) == [])
    }

    @Test("a session after close() counts from 1 again, without the floor of the one before")
    func nextSession() {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000, code: 4010)
        client.wait(5_000)
        client.add(.closeCalled(at: client.now, who: client.who))
        client.to("closed")
        client.add(.closedDone(at: client.now, who: client.who))
        client.wait(1_000)
        client.connect()
        client.openAndWelcome()
        client.live(10_000)
        client.backoff()
        client.openAndWelcome()
        let report = check(client)
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("SIG-06")!].isExercised == false)
    }
}
