import Testing

@testable import MeteredRealtime

@Suite("Remote candidates (ICE-09, ICE-10)")
struct CandidateGateTests {
    private func summary(_ fragment: String) -> DescriptionSummary {
        DescriptionSummary(FakePeerConnection.sdp(fragment, fingerprint: "f", sections: ["audio"]))
    }

    private func candidate(_ fragment: String?, _ line: String = "candidate:1") -> ICECandidate {
        ICECandidate(candidate: line, usernameFragment: fragment)
    }

    private func gate(applied fragments: String...) -> CandidateGate {
        var gate = CandidateGate()
        for fragment in fragments {
            gate.announce(summary(fragment))
            _ = gate.applied(summary(fragment))
        }
        return gate
    }

    @Test("a candidate of the generation in force acts, named by its member or by its attribute")
    func acts() {
        var gate = gate(applied: "a")
        #expect(gate.receive(candidate("a")) == .add)
        #expect(gate.receive(candidate(nil, "candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag a")) == .add)
    }

    @Test("one of an earlier generation does not")
    func earlier() {
        var gate = gate(applied: "a", "b")
        #expect(gate.receive(candidate("a")) == .drop(reason: "of an earlier generation"))
    }

    @Test("one that comes before its description is held for it")
    func held() {
        var gate = gate(applied: "a")
        #expect(gate.receive(candidate("b")) == .hold)
        gate.announce(summary("b"))
        #expect(gate.applied(summary("b")) == [candidate("b")])
    }

    @Test("one that names no generation belongs to the description that came last")
    func unnamed() {
        var gate = gate(applied: "a")
        gate.announce(summary("b"))
        #expect(gate.receive(candidate(nil)) == .hold)
        #expect(gate.receive(nil) == .hold)
        #expect(gate.applied(summary("b")) == [candidate(nil), nil])
        #expect(gate.receive(candidate(nil)) == .add)
    }

    @Test("before any description it belongs to the next one")
    func unnamedFirst() {
        var gate = CandidateGate()
        #expect(gate.receive(candidate(nil)) == .hold)
        gate.announce(summary("a"))
        #expect(gate.applied(summary("a")).count == 1)
    }

    @Test("candidates of a description that is not applied are dropped")
    func discarded() {
        var gate = gate(applied: "a")
        gate.announce(summary("b"))
        #expect(gate.receive(candidate("b")) == .hold)
        gate.discarded(summary("b"))
        #expect(gate.receive(candidate("b")) == .drop(reason: "of an earlier generation"))
        #expect(gate.receive(candidate(nil)) == .drop(reason: "of an earlier generation"))
        #expect(gate.receive(candidate("a")) == .add)
    }

    @Test("a description that comes again after it was discarded may have candidates")
    func reconsidered() {
        var gate = gate(applied: "a")
        gate.announce(summary("b"))
        gate.discarded(summary("b"))
        gate.announce(summary("b"))
        _ = gate.applied(summary("b"))
        #expect(gate.receive(candidate("b")) == .add)
    }

    @Test("those of a superseded description do not wait for ever")
    func superseded() {
        var gate = gate(applied: "a")
        gate.announce(summary("b"))
        _ = gate.receive(candidate("b"))
        gate.announce(summary("c"))
        #expect(gate.applied(summary("c")).isEmpty)
        #expect(gate.receive(candidate("b")) == .drop(reason: "of an earlier generation"))
    }

    @Test("200 act in a generation, held ones included; a renegotiation is not a new generation")
    func limit() {
        var gate = CandidateGate()
        for _ in 0..<50 { _ = gate.receive(candidate("a")) }
        gate.announce(summary("a"))
        #expect(gate.applied(summary("a")).count == 50)
        for _ in 50..<200 { #expect(gate.receive(candidate("a")) == .add) }
        #expect(gate.receive(candidate("a")) == .drop(reason: "over the limit of the generation"))
        gate.announce(summary("a"))
        _ = gate.applied(summary("a"))
        #expect(gate.receive(candidate("a")) == .drop(reason: "over the limit of the generation"))
        #expect(gate.receive(nil) == .add)
    }

    @Test("a new generation has 200 of its own")
    func limitPerGeneration() {
        var gate = gate(applied: "a")
        for _ in 0..<201 { _ = gate.receive(candidate("a")) }
        gate.announce(summary("b"))
        _ = gate.applied(summary("b"))
        #expect(gate.receive(candidate("b")) == .add)
    }

    @Test("1,000 characters are allowed, 1,001 are not, and what is no candidate is dropped")
    func malformed() {
        var gate = gate(applied: "a")
        let prefix = "candidate:"
        #expect(gate.receive(candidate("a", prefix + String(repeating: "x", count: 990))) == .add)
        #expect(gate.receive(candidate("a", prefix + String(repeating: "x", count: 991))) == .drop(reason: "too long"))
        #expect(gate.receive(candidate("a", "garbage")) == .drop(reason: "malformed"))
    }

    @Test("a flood of candidates without a description keeps a bounded number")
    func flood() {
        var gate = CandidateGate()
        for number in 0..<10_000 { _ = gate.receive(candidate("a", "candidate:\(number)")) }
        gate.announce(summary("a"))
        #expect(gate.applied(summary("a")).count == SignalLimits.candidatesPerGeneration)
    }

    @Test("nothing of the old connection acts on a new one, what waits for its description does")
    func replaced() {
        var gate = gate(applied: "a")
        gate.announce(summary("b"))
        _ = gate.receive(candidate("b"))
        gate.connectionReplaced()
        #expect(gate.receive(candidate("a")) == .drop(reason: "of an earlier generation"))
        #expect(gate.applied(summary("b")) == [candidate("b")])
    }
}
