import Conformance
import Foundation
@testable import ScenarioKit
import Testing
import Trace

/// The messages of the expectations that did not hold.
private func misses(
    _ expectation: String, _ events: [TraceEvent], turn: String = "{ turn-a: {} }", alice: String = "on: phone, app: call, joins: room"
)
    throws -> [String]
{
    let text = callWorld("duration: 100 s\nexpect: [\(expectation)]", alice: alice, turn: turn)
    let results = ExpectationEvaluator(scenario: try scenario(text), trace: TraceLog(events: events)).results(report: CheckReport())
    return results.filter { !$0.passed }.map(\.message)
}

private func at(_ seconds: Double) -> Int64 { Int64(seconds * 1_000_000_000) }

/// Alice has bob from 1 s on; the link is lost at 40 s and back at 55 s, at the third rung.
private let lostAndBack: [TraceEvent] = [
    .peerJoined(at: at(1), who: "alice", remote: "bob", object: 1),
    .remoteState(at: at(2), who: "alice", remote: "bob", object: 1, from: "idle", to: "connected"),
    .pair(
        at: at(2), who: "alice", remote: "bob", phase: .selected, localCandidate: "host 10.0.0.1:1", remoteCandidate: "srflx 198.18.0.1:2"),
    .media(at: at(2), who: "alice", remote: "bob", track: "bob-camera", phase: .flowing),
    .media(at: at(2), who: "alice", remote: "bob", track: "bob-microphone", phase: .flowing),
    .media(at: at(36), who: "alice", remote: "bob", track: "bob-camera", phase: .stalled),
    .remoteState(at: at(40), who: "alice", remote: "bob", object: 1, from: "connected", to: "reconnecting"),
    .ladder(at: at(48), who: "alice", remote: "bob", phase: .rung, rung: 1),
    .ladder(at: at(49), who: "alice", remote: "bob", phase: .rung, rung: 2),
    .ladder(at: at(51), who: "alice", remote: "bob", phase: .rung, rung: 3),
    .pair(
        at: at(55), who: "alice", remote: "bob", phase: .selected, localCandidate: "relay 203.0.113.3:1", remoteCandidate: "host 10.0.0.2:2"
    ),
    .remoteState(at: at(55), who: "alice", remote: "bob", object: 1, from: "reconnecting", to: "connected"),
    .media(at: at(56), who: "alice", remote: "bob", track: "bob-camera", phase: .flowing),
]

@Suite("links in a trace")
struct LinkExpectationTests {
    @Test(
        "what was is found",
        arguments: [
            "{ link: alice -> bob, state: absent, at: 0.5 s }", "{ link: alice -> bob, state: connected, from: 2 s, until: 40 s }",
            "{ link: alice -> bob, state: reconnecting, after: 30 s, within: 12 s }",
            "{ link: alice -> bob, recoveredAtRung: 3, after: 30 s }", "{ link: alice -> bob, recoveredAtRung: 1...4, after: 30 s }",
            "{ link: alice -> bob, pair: direct, at: 40 s }", "{ link: alice -> bob, pair: relay, at: end }",
            "{ media: bob -> alice, state: stalled, at: 40 s }", "{ media: bob -> alice, track: microphone, state: flowing, at: 40 s }",
            "{ media: bob -> alice, state: flowing, at: end }", "{ link: alice -> bob, keeps: object }",
            "{ link: alice -> bob, outcome: connected }", "{ peer: alice, event: rung, remote: bob, count: 3 }",
        ])
    func holds(text: String) throws {
        #expect(try misses(text, lostAndBack) == [])
    }

    @Test("a recovery at another rung is told with its rung")
    func wrongRung() throws {
        #expect(
            try misses("{ link: alice -> bob, recoveredAtRung: 5, after: 30 s }", lostAndBack) == [
                "alice -> bob was connected again at 55.000 s at rung 3, not at rung 5."
            ])
    }

    @Test("a survivor that became another object is found, and one that left")
    func identity() throws {
        let other = [
            lostAndBack[0], .peerRefreshed(at: at(50), who: "alice", remote: "bob", object: 2),
        ]
        #expect(
            try misses("{ link: alice -> bob, keeps: object }", other) == [
                "alice -> bob was another object from 50.000 s on (number 2, not 1)."
            ])
        let left = [lostAndBack[0], .peerLeft(at: at(50), who: "alice", remote: "bob", object: 1)]
        #expect(try misses("{ link: alice -> bob, keeps: object }", left) == ["alice lost bob at 50.000 s."])
    }

    @Test("a link that cannot connect says why")
    func diagnosis() throws {
        let joined = [lostAndBack[0]]
        let state = "{ link: alice -> bob, state: connected, at: 50 s }"
        let relayOnly = "on: phone, app: call, joins: room, icePolicy: relay"
        #expect(
            try misses(state, joined, turn: "{}", alice: relayOnly)[0].hasSuffix(
                "alice may use relay candidates only (icePolicy: relay), so only relay candidates would work, and no TURN server was configured."
            ))
        #expect(
            try misses(state, joined, turn: "{ stun-a: { kind: stun } }", alice: relayOnly)[0].hasSuffix(
                "so only relay candidates would work, and no TURN server was configured."))
        let refused = joined + [.turn(at: at(3), who: "alice", server: "203.0.113.3:3478", event: "refused", code: 486)]
        #expect(try misses(state, refused, alice: relayOnly)[0].contains("203.0.113.3:3478 refused alice with 486"))
    }

    @Test("a link that is connected needs no reason for what else is amiss")
    func noDiagnosis() throws {
        let relayOnly = "on: phone, app: call, joins: room, icePolicy: relay"
        let stalled = Array(lostAndBack.dropLast())
        #expect(
            try misses("{ media: bob -> alice, state: flowing, at: end }", stalled, alice: relayOnly) == [
                "media of bob at alice was stalled at end (100.000 s), not flowing."
            ])
    }

    @Test("where only relays would work, it is told what became of them")
    func relays() throws {
        let state = "{ link: alice -> bob, state: connected, at: 50 s }"
        let relayOnly = "on: phone, app: call, joins: room, icePolicy: relay"
        func reason(_ events: [TraceEvent]) throws -> String {
            try misses(state, events, alice: relayOnly)[0].components(separatedBy: "so only relay candidates would work, and ").last ?? ""
        }
        let gathered = TraceEvent.candidate(
            at: at(3), who: "alice", remote: "bob", type: "relay", address: "203.0.113.3:1", transport: "udp")
        let lost = TraceEvent.turn(at: at(9), who: "alice", remote: "bob", server: "203.0.113.3:3478", event: "lost")
        #expect(try reason([lostAndBack[0]]) == "alice gathered none.")
        #expect(try reason([lostAndBack[0], gathered]) == "no pair with one worked.")
        #expect(try reason([lostAndBack[0], gathered, lost]) == "alice lost its allocation on 203.0.113.3:3478 at 9.000 s.")
        let once = [lostAndBack[0], lostAndBack[1], gathered, lostAndBack[6]]
        #expect(try reason(once) == "alice gathered none since it was lost at 40.000 s.")
    }

    @Test("a signal without a count of repeats is one that was not sent before")
    func firstOffer() throws {
        let sent = [0, 1].map { repetition in
            TraceEvent.signalSent(
                at: at(2), who: "alice", remote: "bob", TracedSignal(.offer), repetition: repetition == 0 ? nil : repetition)
        }
        for repetition in 0...1 {
            #expect(try misses("{ peer: alice, event: signal-sent, repeat: \(repetition), count: 1 }", sent) == [])
        }
    }
}
