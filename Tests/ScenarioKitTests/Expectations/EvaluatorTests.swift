import CompactJSON
import Conformance
@testable import ScenarioKit
import Testing
import Trace

/// A trace written as lines of `seconds who what field=value ...`.
private func trace(_ text: String) -> TraceLog {
    let events = text.split(separator: "\n").map { line in
        let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        var fields = JSONObject()
        for word in words.dropFirst(3) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            fields[parts[0]] =
                Int64(parts[1]).map { .integer($0) }
                ?? (parts[1] == "true" || parts[1] == "false" ? .bool(parts[1] == "true") : .string(parts[1]))
            if parts[1].hasPrefix("[") {
                fields[parts[0]] = .array(parts[1].dropFirst().dropLast().split(separator: ",").map { .string(String($0)) })
            }
        }
        return TraceEvent(at: Int64(((Double(words[0]) ?? 0) * 1_000).rounded()) * 1_000_000, who: words[1], what: words[2], fields: fields)
    }
    return TraceLog(events: events)
}

/// The messages of the expectations that did not hold in a run of 100 s with `doors close` at 30 s.
private func misses(_ expectations: String, _ log: TraceLog, report: CheckReport = CheckReport()) throws -> [String] {
    let text = world(
        "duration: 100 s\ntimeline: [{ at: 30 s, name: doors close, publish: { peer: alice, channel: room } }, { at: 31 s, going-away: 1 s }]\nexpect: [\(expectations)]",
        peer: "on: phone, joins: room, app: [chat, banner], count: 2")
    let scenario = try scenario(
        text.replacingOccurrences(of: "alice: {", with: "crowd: { on: phone, count: 3, joins: room }\n  alice: {").replacingOccurrences(
            of: ", count: 2 }", with: " }"))
    return ExpectationEvaluator(scenario: scenario, trace: log).results(report: report).filter { !$0.passed }.map(\.message)
}

private let drop = trace(
    """
    0 alice state from=idle to=connecting
    0.2 alice state from=connecting to=connected
    35 alice disconnected code=4000 willReconnect=true
    35 alice state from=connected to=reconnecting
    35 alice backoff attempt=1 delayNs=541000000
    35.541 alice attempt n=1
    36.0 alice state from=reconnecting to=connected
    36.0 alice connected reconnect=true
    """)

@Suite("states in a trace")
struct StateExpectationTests {
    @Test(
        "a state is reached if it is there at some moment of the window",
        arguments: [
            "state: reconnecting, within: 5 s, after: doors close", "state: reconnecting, after: 35.9 s, within: 1 s",
            "state: connected, after: 30 s, within: 1 s",
            "state: connecting, before: 1 s", "state: connecting, after: 0.1 s, within: 2 s", "state: connected, after: 36 s, within: 1 s",
        ])
    func reached(text: String) throws {
        #expect(try misses("{ peer: alice, \(text) }", drop) == [])
    }

    @Test(
        "a state that is not reached is answered with what was there instead and the nearest miss",
        arguments: [
            (
                "state: reconnecting, within: 4 s, after: doors close",
                "alice was not reconnecting between doors close (30.000 s) and doors close + 4 s (34.000 s): it was connected all the time; it became reconnecting at 35.000 s, 1.000 s too late."
            ),
            (
                "state: reconnecting, after: 40 s, within: 4 s",
                "alice was not reconnecting between 40.000 s and 44.000 s: it was connected all the time; it was reconnecting last until 36.000 s, 4.000 s before."
            ),
            (
                "state: closed, after: 34 s, within: 3 s",
                "alice was not closed between 34.000 s and 37.000 s: it was connected, from 35.000 s reconnecting, from 36.000 s connected."
            ),
        ])
    func notReached(text: String, message: String) throws {
        #expect(try misses("{ peer: alice, \(text) }", drop) == [message])
    }

    @Test("a state that lasts may end at the window's last instant, not before")
    func stays() throws {
        #expect(try misses("{ peer: alice, state: connected, from: 1 s, until: 35 s }", drop) == [])
        #expect(try misses("{ peer: alice, state: connected, at: 36 s }", drop) == [])
        #expect(
            try misses("{ peer: alice, state: connected, from: doors close, until: 35.001 s }", drop) == [
                "alice was not connected all the time between doors close (30.000 s) and 35.001 s: it became reconnecting at 35.000 s."
            ])
        #expect(
            try misses("{ peer: alice, state: connected, from: 35.5 s, until: end }", drop) == [
                "alice was reconnecting at 35.500 s, not connected; it became connected at 36.000 s, 0.500 s later."
            ])
    }

    @Test("a state expected of a group is expected of each member; the others are named")
    func groups() throws {
        let log = trace("1 crowd-002 state from=idle to=connected")
        #expect(
            try misses("{ peer: crowd, state: connected, within: 5 s }", log) == [
                "crowd-001 was not connected between start (0.000 s) and start + 5 s (5.000 s): it was idle all the time. The same: crowd-003."
            ])
    }

    @Test("an outcome is the last state, or the code of the last report")
    func outcomes() throws {
        #expect(try misses("{ peer: alice, outcome: connected }", drop) == [])
        #expect(try misses("{ peer: alice, outcome: closed }", drop) == ["alice ended connected since 36.000 s, not closed."])
        #expect(
            try misses("{ peer: alice, outcome: terminal 4001 }", drop) == [
                "alice ended connected since 36.000 s, not closed for good by 4001."
            ])
        let closed = trace("1 alice disconnected code=4001 willReconnect=false\n1 alice state from=connected to=closed")
        #expect(try misses("{ peer: alice, outcome: terminal 4001 }", closed) == [])
        #expect(try misses("{ peer: alice, outcome: terminal 4003 }", closed) == ["alice was closed for good by 4001, not by 4003."])
        let refused = trace("1 alice socket-closed code=4001 reason=no opened=true\n1 alice state from=connecting to=closed")
        #expect(try misses("{ peer: alice, outcome: terminal 4001 }", refused) == [])
    }
}

@Suite("events in a trace")
struct EventExpectationTests {
    @Test(
        "an event is there if it is of the kind, about the peer, in the window and meets the conditions",
        arguments: [
            "{ peer: alice, event: disconnected, code: 4000, willReconnect: true, count: 1 }",
            "{ peer: alice, event: backoff, attempt: 1, delay: 400 ms...600 ms }",
            "{ event: attempt, attempt: 1 }", "{ never: { peer: alice, event: disconnected, code: 1006 } }",
            "{ never: { event: disconnected, before: 34 s } }",
            "{ peer: alice, event: state, was: connected, becomes: reconnecting, count: 1 }", "{ never: { peer: crowd, event: attempt } }",
            "{ peer: alice, order: [disconnected, { event: attempt, attempt: 1 }, { event: connected, reconnect: on }], after: doors close }",
        ])
    func holds(text: String) throws {
        #expect(try misses(text, drop) == [])
    }

    @Test(
        "an event that is not there is answered with the nearest miss",
        arguments: [
            (
                "{ peer: alice, event: disconnected, code: 4002 }",
                "alice: expected disconnected with code 4002 at least once between start (0.000 s) and end (100.000 s); there was one at 35.000 s, but with code 4000."
            ),
            (
                "{ peer: alice, event: disconnected, within: 4 s, after: doors close }",
                "alice: expected disconnected at least once between doors close (30.000 s) and doors close + 4 s (34.000 s); the nearest was at 35.000 s, 1.000 s too late."
            ),
            (
                "{ peer: alice, event: disconnected, after: 35.5 s, before: 40 s }",
                "alice: expected disconnected at least once between 35.500 s and 40.000 s; the nearest was at 35.000 s, 0.500 s too early."
            ),
            (
                "{ peer: alice, event: disconnected, count: 3 }",
                "alice: expected disconnected 3 times between start (0.000 s) and end (100.000 s), but it came once: at 35.000 s."
            ),
            (
                "{ peer: alice, event: backoff, delay: 1 s }",
                "alice: expected backoff with delay 1.000 s at least once between start (0.000 s) and end (100.000 s); there was one at 35.000 s, but with delay 0.541 s."
            ),
            (
                "{ peer: alice, event: watchdog }",
                "alice: expected watchdog at least once between start (0.000 s) and end (100.000 s), but it never came."
            ),
            (
                "{ never: { event: disconnected, after: 1 s } }",
                "disconnected must not be between 1.000 s and end (100.000 s), but came at 35.000 s (alice)."
            ),
            (
                "{ peer: alice, order: [attempt, disconnected] }",
                "alice: after attempt at 35.541 s no disconnected came until end (100.000 s)."
            ),
            (
                "{ peer: alice, order: [watchdog, disconnected] }",
                "alice: there was no watchdog between start (0.000 s) and end (100.000 s)."
            ),
        ])
    func nearestMiss(text: String, message: String) throws {
        #expect(try misses(text, drop) == [message])
    }

    @Test("what the application shows is told by its verb")
    func sights() throws {
        let log = trace("31 alice app shows=banner\n33 alice app hides=banner")
        #expect(
            try misses(
                "{ peer: alice, shows: banner, within: 2 s, after: doors close }, { peer: alice, order: [{ shows: banner }, { hides: banner }] }",
                log) == [])
        #expect(
            try misses("{ never: { peer: alice, shows: banner } }", log) == [
                "alice: app with shows banner must not be between start (0.000 s) and end (100.000 s), but came at 31.000 s."
            ])
    }

    @Test("who joined and left is told by presence")
    func presence() throws {
        let log = trace("5 alice presence channel=room joined=[bob,carol] left=[]\n9 alice presence channel=room joined=[] left=[bob]")
        #expect(
            try misses(
                "{ peer: alice, event: peer-joined, id: bob, count: 1 }, { peer: alice, event: peer-left, count: 1 }, { never: { event: peer-left, id: carol } }",
                log) == [])
        #expect(try misses("{ never: { event: peer-left } }", log).count == 1)
    }

    @Test("a host's links are about the host")
    func links() throws {
        let log = trace("5 phone/wifi packet-dropped reason=blackout\n6 phone2 packet-dropped reason=loss")
        #expect(try misses("{ host: phone, event: packet-dropped, count: 1 }", log) == [])
    }

    @Test("a rate counts in every stretch of its length, wherever it begins")
    func rates() throws {
        let log = trace((0..<40).map { "\(30.5 + Double($0) * 0.1) service accept peer=x" }.joined(separator: "\n"))
        #expect(try misses("{ service: accept, atMost: 10, per: 1 s }", log) == [])
        #expect(
            try misses("{ service: accept, atMost: 9, per: 1 s }", log) == [
                "10 times accept within 1 s from 30.500 s on; at most 9 are allowed."
            ])
        #expect(try misses("{ service: accept, atMost: 9, per: 1 s, before: 31.3 s }", log) == [])
    }

    @Test("a miss tells the event that shows it")
    func evidence() throws {
        let scenario = try scenario(world("duration: 100 s\nexpect: [{ never: { peer: alice, event: disconnected } }]"))
        let result = try #require(ExpectationEvaluator(scenario: scenario, trace: drop).results(report: CheckReport()).first)
        #expect(result.traceIndex == 2)
        #expect(result.timeNs == 35_000_000_000)
        #expect(result.position.description == "a.yaml:10:10")
    }
}

@Suite("conformance as an expectation")
struct ConformanceExpectationTests {
    @Test("a run that never brings up the rules' situation does not conform by default")
    func nothingExercised() throws {
        #expect(try misses("{ conforms: pacing }", trace("")) == ["this run says nothing about SIG-20: their situation never came up."])
    }
}

@Suite("the language and the trace")
struct VocabularyAgreementTests {
    @Test("every event of the language is one of the trace, and so is every field of it")
    func events() {
        for word in EventWord.all {
            guard let kind = TraceKind(name: word.kind), let entry = TraceVocabulary.entries.first(where: { $0.kind == kind }) else {
                Issue.record("the trace has no \(word.kind)")
                continue
            }
            for field in word.fields { #expect(entry.fields.contains { $0.name == field.traceField }, "\(word.name): \(field.traceField)") }
        }
    }
}
