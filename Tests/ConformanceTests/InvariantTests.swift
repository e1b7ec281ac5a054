import CompactJSON
import Conformance
import Testing
import Trace

@Suite("Invariants")
struct InvariantTests {
    private func check(_ log: TraceLog, _ context: CheckContext = CheckContext()) -> CheckReport {
        ConformanceSuite.invariants.check(log, context: context)
    }

    @Test("a second attempt while a socket is there is found")
    func oneSocket() {
        let client = FakeRuns.connected(FakeValues())
        client.wait(1_000)
        client.n = 1
        client.begin()
        #expect(check(client.finish())[RuleID("INV-01")!].violated == 1)
        #expect(check(FakeRuns.refusals(FakeValues()))[RuleID("INV-01")!].held == 10)
    }

    @Test("nothing may be reported after closed")
    func afterClosed() {
        let client = FakeRuns.connected(FakeValues())
        client.add(.closeCalled(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 1000, reason: ""))
        client.wait(10)
        client.add(.closeReceived(at: client.now, who: client.who, code: 1000, reason: ""))
        client.add(.socketClosed(at: client.now, who: client.who, code: 1000, reason: "", opened: true))
        client.to("closed")
        client.add(.closedDone(at: client.now, who: client.who))
        #expect(check(client.finish()).passed)
        client.add(.message(at: client.now, who: client.who, channel: "room", from: "bob"))
        let finding = check(client.log).findings.first
        #expect(finding?.message == "message after the client was closed; nothing may follow but a new connect.")
    }

    @Test("a report between close() and closed is found")
    func duringClose() {
        let client = FakeRuns.connected(FakeValues())
        client.add(.closeCalled(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 1000, reason: ""))
        client.add(.message(at: client.now, who: client.who, channel: "room", from: "bob"))
        client.wait(10)
        client.to("closed")
        #expect(check(client.finish())[RuleID("SIG-16")!].violated == 1)
    }

    @Test("states must chain and change legally")
    func states() {
        let broken = TraceLog(events: [
            .state(at: 0, who: "a", from: "idle", to: "connecting"), .state(at: 1, who: "a", from: "connected", to: "closed"),
        ])
        #expect(check(broken).findings.map(\.message) == ["the state went from connected to closed, but it had been connecting."])
        let illegal = TraceLog(events: [
            .state(at: 0, who: "a", from: "idle", to: "connecting"), .state(at: 1, who: "a", from: "connecting", to: "reconnecting"),
        ])
        #expect(check(illegal).findings.map(\.message) == ["the state went from connecting to reconnecting, which is not a legal change."])
    }

    @Test("a secret is found in any field, nested ones included, and is not repeated")
    func secrets() throws {
        var context = CheckContext()
        context.secrets = ["pk_live_4711"]
        for field in [JSONValue.string("the pk_live_4711 one"), ["x", ["deep": "pk_live_4711"]], "wss://h/v1?token=eyJ", "a=ice-pwd:abc"] {
            let log = TraceLog(events: [TraceEvent(at: 0, who: "alice", what: "note", fields: ["text": field])])
            let finding = try #require(check(log, context).findings.first)
            #expect(finding.message == "a credential stands in \"text\" of note.")
        }
    }

    @Test("what was scrubbed is no secret")
    func scrubbed() {
        for text in ["wss://h/v1?token=***", "key=***&x", "monkey=3", "a=ice-pwd:***", "\"credential\":\"***\""] {
            let log = TraceLog(events: [.log(at: 0, who: "alice", level: "info", text: text)])
            #expect(check(log)[RuleID("SIG-17")!].held == 1, "\(text)")
        }
    }

    @Test("a request that never ends is found")
    func openRequest() {
        let client = FakeRuns.connected(FakeValues())
        FakeRuns.request(client, "r1", .publish, "room")
        #expect(check(client.finish(after: 16_000))[RuleID("INV-02")!].violated == 1)
    }

    @Test("a request that is young at the end of the run is left alone")
    func youngRequest() {
        let client = FakeRuns.connected(FakeValues())
        FakeRuns.request(client, "r1", .publish, "room")
        #expect(check(client.finish(after: 10_000)).passed)
    }

    @Test("a request that ends twice is found")
    func twice() {
        let client = FakeRuns.connected(FakeValues())
        FakeRuns.request(client, "r1", .publish, "room")
        FakeRuns.done(client, "r1", .publish, .ok)
        FakeRuns.done(client, "r1", .publish, .timeout)
        #expect(check(client.finish())[RuleID("INV-02")!].violated == 1)
    }

    @Test("a connected client has exactly one live connection at the service once all is quiet")
    func agreement() {
        for connections in 0...2 {
            let client = FakeRuns.connected(FakeValues())
            client.add(.accept(at: client.now, connection: 99, peer: "somebody"))
            for number in 0..<connections { client.add(.accept(at: client.now, connection: Int64(number), peer: "peer-1")) }
            #expect(check(client.finish(after: 120_000))[RuleID("INV-03")!].violated == (connections == 1 ? 0 : 1))
        }
    }

    @Test("agreement is not judged while the world is moving")
    func moving() {
        let client = FakeRuns.connected(FakeValues())
        client.add(.accept(at: client.now, connection: 99, peer: "somebody"))
        client.wait(100_000)
        client.add(.timeline(at: client.now, action: "blackout", phase: .end))
        #expect(check(client.finish(after: 100_000))[RuleID("INV-03")!].isExercised == false)
    }

    @Test("what the caller counted must be zero")
    func leaks() {
        var context = CheckContext()
        context.leaks = [("timers", 0), ("channels", 2)]
        let report = check(FakeRuns.refusals(FakeValues()), context)
        #expect(report.findings.map(\.message) == ["2 channels were left behind at the end."])
        #expect(report[RuleID("INV-04")!].held == 1)
    }
}
