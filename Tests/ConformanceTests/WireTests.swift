import Conformance
import Testing
import Trace

@Suite("The wire")
struct WireTests {
    private func check(_ change: (FakeClient) -> Void) -> CheckReport {
        let client = FakeRuns.connected(FakeValues())
        client.wait(100)
        change(client)
        return ConformanceSuite.signalling.check(client.finish())
    }

    private func violated(_ rule: String, _ change: (FakeClient) -> Void) -> Int { check(change)[RuleID(rule)!].violated }

    @Test("a second welcome is not reported again")
    func secondWelcome() {
        let right = check { $0.receive("welcome") }
        #expect(right.passed)
        #expect(right[RuleID("WIRE-03")!].held > 0)
        let wrong = check { client in
            client.receive("welcome")
            client.add(.connected(at: client.now, who: client.who, peerID: "peer-2", reconnect: false))
        }
        #expect(wrong[RuleID("WIRE-03")!].violated == 1)
    }

    @Test("a malformed frame must not end the connection")
    func malformed() {
        #expect(check { $0.add(.droppedFrame(at: $0.now, who: $0.who, reason: "bad JSON", binary: false)) }[RuleID("WIRE-04")!].held == 1)
        #expect(
            violated("WIRE-04") { client in
                client.add(.droppedFrame(at: client.now, who: client.who, reason: "bad JSON", binary: false))
                client.add(.closeSent(at: client.now, who: client.who, code: 1002, reason: ""))
            } == 1)
    }

    @Test("an error without a request is reported with its code, unknown_type is swallowed")
    func errors() {
        func told(_ code: String, as told: String?) -> Int {
            violated("WIRE-04") { client in
                client.receive("error", code: code)
                if let told { client.add(.serverError(at: client.now, who: client.who, code: told)) }
            }
        }
        #expect(told("brand_new_code", as: "brand_new_code") == 0)
        #expect(told("brand_new_code", as: "unknown") == 1)
        #expect(told("brand_new_code", as: nil) == 1)
        #expect(told("unknown_type", as: nil) == 0)
        #expect(told("unknown_type", as: "unknown_type") == 1)
    }

    @Test("names and sizes at the cap may be sent, beyond it not")
    func caps() {
        func sent(channel: Int = 4, to: Int = 4, data: Int) -> CheckReport {
            check { client in
                client.add(
                    .sent(
                        at: client.now, who: client.who, frame: "publish", channel: String(repeating: "é", count: channel),
                        to: String(repeating: "x", count: to), bytes: data + 100, dataBytes: data))
            }
        }
        #expect(sent(channel: 256, to: 128, data: 65_536)[RuleID("WIRE-05")!].held == 3)
        #expect(sent(channel: 257, data: 1)[RuleID("WIRE-05")!].violated == 1)
        #expect(sent(to: 129, data: 1)[RuleID("WIRE-05")!].violated == 1)
        #expect(sent(data: 65_537)[RuleID("WIRE-05")!].violated == 1)
        #expect(violated("WIRE-05") { $0.send("subscribe", channel: "a\u{7F}b") } == 1)
    }

    @Test("a frame over 1 MiB must not be taken")
    func oversized() {
        #expect(violated("WIRE-05") { $0.add(.received(at: $0.now, who: $0.who, frame: "message", bytes: (1 << 20) + 1)) } == 1)
    }

    @Test("a reserved channel is refused, in any case of its letters")
    func reserved() {
        #expect(violated("WIRE-06") { $0.send("subscribe", channel: "_Metered/x") } == 1)
        let refused = check { client in
            client.add(.request(at: client.now, who: client.who, id: "r", kind: .subscribe, channel: "_SYSTEM/x"))
            FakeRuns.done(client, "r", .subscribe, .refused)
        }
        #expect(refused[RuleID("WIRE-06")!].held == 1)
    }

    @Test("a peer's join of a reserved channel fails at once", arguments: [true, false])
    func reservedJoin(fails: Bool) {
        let peer = FakePeer()
        peer.add(.join(at: peer.now, who: peer.who, phase: .called, channel: "_Metered/x"))
        if !fails { peer.to("joining") }
        peer.wait(fails ? 0 : 1)
        peer.add(.join(at: peer.now, who: peer.who, phase: .failed, channel: "_Metered/x", error: "reserved"))
        let result = ConformanceSuite.signalling.check(peer.finish())[RuleID("WIRE-06")!]
        #expect((result.held, result.violated) == (fails ? (1, 0) : (0, 1)))
    }

    @Test("only localhost is dialled without TLS")
    func plain() {
        for (host, count) in [("localhost", 0), ("rms.metered.ca", 1)] {
            let client = FakeClient()
            client.connect()
            client.add(.dial(at: client.now, who: client.who, host: host, port: 80, tls: false))
            #expect(ConformanceSuite.signalling.check(client.finish())[RuleID("WIRE-10")!].violated == count)
        }
    }

    @Test("a going_away must be reported")
    func goingAway() {
        #expect(violated("SIG-18") { $0.receive("going_away") } == 1)
    }

    @Test("a subscription that was tracked is restored, one that was rejected is not")
    func replays() {
        #expect(ConformanceSuite.signalling.check(FakeRuns.replay(FakeValues(), replays: []))[RuleID("SIG-12")!].violated == 1)
        let rejected = ConformanceSuite.signalling.check(FakeRuns.replay(FakeValues(), replays: ["room", "hall"]))
        #expect(rejected[RuleID("SIG-13")!].violated == 1)
        #expect(rejected[RuleID("BEY-26")!].violated == 1)
    }

    @Test("with the old path gone the socket is abandoned and redialled at once")
    func pathGone() {
        func run(keeps milliseconds: Double) -> CheckReport {
            check { client in
                client.wait(10_000)
                client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: true))
                client.wait(milliseconds)
                client.n = 0
                client.drop(1006)
                client.n = 1
                if milliseconds > 0 { client.wait(500) }
                client.begin()
                client.openAndWelcome()
            }
        }
        let right = run(keeps: 0)
        #expect(right.findings.map(\.description) == [])
        #expect(right[RuleID("SIG-19")!].held == 2)
        #expect(run(keeps: 300)[RuleID("SIG-19")!].violated == 1)
    }
}
