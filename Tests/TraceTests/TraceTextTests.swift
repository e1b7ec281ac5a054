import CompactJSON
import Testing
import Trace

@Suite("A trace for a person")
struct TraceTextTests {
    private func line(_ event: TraceEvent) -> String { TraceText(for: [event]).line(event) }

    @Test("a backoff reads as time, who, what, and the wait in words")
    func backoff() {
        let event = TraceEvent.backoff(
            at: 12_018_000_000, who: "alice", attempt: 4, baseNs: 4_000_000_000, delayNs: 4_900_000_000, reason: "refused")
        #expect(line(event) == "12.018  alice  backoff   wait 4.900 (attempt 4, base 4.000, jitter +0.225)")
    }

    @Test("jitter is measured around the floor, if there is one")
    func floor() {
        let event = TraceEvent.backoff(
            at: 0, who: "alice", attempt: 1, baseNs: 500_000_000, floorNs: 30_000_000_000, delayNs: 24_000_000_000, reason: "4010")
        #expect(line(event) == " 0.000  alice  backoff   wait 24.000 (attempt 1, base 0.500, floor 30.000, jitter -0.200)")
    }

    @Test(
        "the ladder names its rungs",
        arguments: zip(
            [
                TraceEvent.ladder(at: 0, who: "alice", remote: "bob", phase: .started, cause: .failed),
                .ladder(at: 0, who: "alice", remote: "bob", phase: .rung, rung: 4, delayNs: 8_000_000_000),
                .ladder(at: 0, who: "alice", remote: "bob", phase: .outcome, rung: 4, outcome: .offerSent),
                .ladder(at: 0, who: "alice", remote: "bob", phase: .skipped, cause: .signallingDown, rung: 5),
                .ladder(at: 0, who: "alice", remote: "bob", phase: .gaveUp, rung: 9),
                .negotiationError(at: 0, who: "alice", remote: "bob", error: "no connection", isGiveUp: true, attempts: 9),
            ],
            [
                "ladder    bob  started (failed)", "ladder    bob  rung 4 of 9, ICE restart, next in 8.000",
                "ladder    bob  rung 4 of 9, offer sent", "ladder    bob  rung 5 of 9 skipped (signalling-down)",
                "ladder    bob  gave up after 9 rungs", "error     bob  recovery gave up after 9 attempts: no connection",
            ]))
    func ladder(event: TraceEvent, text: String) {
        #expect(line(event) == " 0.000  alice  \(text)")
    }

    @Test("a connection is told apart from those before it, its servers by URL alone")
    func connection() {
        let event = TraceEvent.connection(
            at: 0, who: "alice", remote: "bob", ordinal: 2, reason: .swap, iceServers: ["turn:t.example"], list: 3)
        #expect(line(event) == " 0.000  alice  pc        to bob, the 2nd: swap, turn:t.example (list 3)")
    }

    @Test("a certificate is told by its first octets, an offer's generation by its pseudonym")
    func offer() {
        let signal = TracedSignal(.offer, ufrag: "ufrag-1a2b3c4d", fingerprint: "sha-256 3f:9a:22:c1:00:11:22:33", sections: ["audio"])
        #expect(
            line(.signalSent(at: 0, who: "alice", remote: "bob", signal))
                == " 0.000  alice  signal    -> bob  offer (ufrag-1a2b3c4d, certificate 3f9a22c1, audio)")
    }

    @Test("a tile says whose it is and what becomes of it")
    func tile() {
        var event = TraceEvent.app(at: 0, who: "alice", .note("tile"))
        event.fields["remote"] = "bob"
        event.fields["phase"] = "shown"
        event.fields["object"] = 1
        #expect(line(event) == " 0.000  alice  app       tile bob shown (object 1)")
    }

    @Test("a redirection says where to")
    func redirection() {
        let event = TraceEvent.turn(at: 0, who: "alice", server: "203.0.113.4:3478", event: "redirected", code: 300)
        #expect(line(event) == " 0.000  alice  turn      redirected to 203.0.113.4:3478, 300")
    }

    @Test("columns are as wide as the widest entry")
    func columns() {
        let log = TraceLog(events: [
            .open(at: 1_000_000, who: "al"),
            .socketClosed(at: 123_456_000_000, who: "roberta", code: 1006, reason: "", opened: true),
        ])
        #expect(
            TraceText.text(log) == """
                  0.001  al       socket    open
                123.456  roberta  socket    closed, 1006

                """)
    }

    @Test("an unknown kind shows its fields, times in seconds")
    func unknown() {
        let event = TraceEvent(at: 0, who: "alice", what: "rung", fields: ["n": 4, "sinceNs": 31_200_000_000, "ok": true])
        #expect(line(event) == " 0.000  alice  rung      n 4, since 31.200, ok true")
    }

    @Test("every kind of the vocabulary has words, with and without its fields", arguments: TraceKind.allCases)
    func everyKind(kind: TraceKind) {
        let event = TraceEvent(at: 0, who: "who", kind: kind)
        #expect(line(event).hasPrefix(" 0.000  who   "))
    }

    @Test("a control character from the wire does not reach the terminal")
    func controlCharacters() {
        let event = TraceEvent.socketClosed(at: 0, who: "alice", code: 4000, reason: "\u{1B}[2Jgone\n", opened: true)
        #expect(line(event) == " 0.000  alice  socket    closed, 4000: \u{FFFD}[2Jgone\u{FFFD}")
    }

    @Test("seconds have three decimals and round to the nearest millisecond")
    func seconds() {
        #expect(SecondsText.text(ns: 1_499_999) == "0.001")
        #expect(SecondsText.text(ns: 999_500_000) == "1.000")
        #expect(SecondsText.text(ns: -1_250_000_000) == "-1.250")
        #expect(SecondsText.text(ns: -100) == "0.000")
        #expect(SecondsText.text(ns: .min) == "-9223372036.855")
        #expect(SecondsText.signedRatio(0.2254) == "+0.225")
        #expect(SecondsText.signedRatio(.infinity) == "?")
    }
}
