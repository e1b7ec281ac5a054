import Conformance
import Testing
import Trace

/// One habit of a peer, made wrong, and the rule that must say so.
struct PeerMutation: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: String
    let run: @Sendable (FakePeerValues) -> TraceLog
    let change: @Sendable (inout FakePeerValues) -> Void

    init(
        _ name: String, _ rule: String, _ run: @escaping @Sendable (FakePeerValues) -> TraceLog,
        _ change: @escaping @Sendable (inout FakePeerValues) -> Void
    ) {
        self.name = name
        self.rule = rule
        self.run = run
        self.change = change
    }

    var testDescription: String { "\(name) -> \(rule)" }

    func check() throws {
        let rule = try #require(RuleID(rule))
        let right = ConformanceSuite.peer.check(run(FakePeerValues()))
        #expect(right.findings.map(\.description) == [])
        #expect(right[rule].held > 0, "the run does not exercise the rule")
        var values = FakePeerValues()
        change(&values)
        let wrong = ConformanceSuite.peer.check(run(values))
        #expect(wrong[rule].violated > 0, "found instead: \(wrong.findings.map(\.description))")
    }
}

@Suite("The ladder checker")
struct LadderTests {
    static func connected(_ values: FakePeerValues, _ remote: String = "bob") -> (FakePeer, FakeLink) {
        let peer = FakePeer(values)
        peer.join([remote])
        let link = peer.links[remote]!
        link.connect()
        peer.wait(10)
        return (peer, link)
    }

    /// All rungs, and the give-up.
    static func whole(_ values: FakePeerValues) -> TraceLog {
        let (peer, link) = connected(values)
        link.disconnect()
        peer.wait(5)
        peer.serverList = 2
        peer.add(.iceServers(at: peer.now, who: peer.who, phase: .taken, urls: ["turn:t.example"], list: 2))
        link.fail()
        if values.startsLadder {
            link.rungs(2...values.ladderDelays.count)
            link.giveUp()
        }
        return peer.finish(after: 40)
    }

    /// Rung 3 heals; the link holds, fails, and begins anew.
    static func healing(_ values: FakePeerValues) -> TraceLog {
        let (peer, link) = connected(values)
        link.disconnect()
        peer.wait(5)
        link.fail()
        link.rungs(2...3)
        peer.wait(0.2)
        link.recover()
        link.hold()
        peer.wait(3)
        link.disconnect()
        link.fail()
        link.rungs(2...2)
        link.recover()
        return peer.finish(after: 1)
    }

    /// Signalling is gone while rungs 3 and 4 fall due.
    static func withoutSignalling(_ values: FakePeerValues) -> TraceLog {
        let (peer, link) = connected(values)
        link.disconnect()
        link.fail()
        link.rungs(2...2)
        peer.drop()
        link.rungs(3...4)
        return peer.finish(after: 1)
    }

    /// `connecting` for ever.
    static func stuck(_ values: FakePeerValues) -> TraceLog {
        let (peer, link) = connected(values)
        link.disconnect()
        peer.wait(values.stuckTimeout)
        if values.startsLadder {
            link.ladder(.started, cause: .stuck)
            link.rung(1)
            link.rungs(2...2)
        }
        return peer.finish(after: 1)
    }

    static let mutations = [
        PeerMutation("rung 2 after 2 s", "ICE-01", { whole($0) }, { $0.ladderDelays[1] = 2 }),
        PeerMutation("rung 4 after 4.5 s", "ICE-02", { whole($0) }, { $0.ladderDelays[3] = 4.5 }),
        PeerMutation("rung 6 after 8 s", "ICE-01", { whole($0) }, { $0.ladderDelays[5] = 8 }),
        PeerMutation("rung 9 after 60 s", "ICE-02", { whole($0) }, { $0.ladderDelays[8] = 60 }),
        PeerMutation("the first rung after 1 s", "ICE-01", { whole($0) }, { $0.ladderDelays[0] = 1 }),
        PeerMutation("8 rungs", "ICE-05", { whole($0) }, { $0.ladderDelays.removeLast() }),
        PeerMutation("10 rungs", "ICE-01", { whole($0) }, { $0.ladderDelays.append(30) }),
        PeerMutation("no ladder", "ICE-01", { whole($0) }, { $0.startsLadder = false }),
        PeerMutation("the same ufrag", "ICE-03", { whole($0) }, { $0.freshUfrags = false }),
        PeerMutation("a new connection for a rung", "ICE-03", { whole($0) }, { $0.restartsInPlace = false }),
        PeerMutation("old servers", "ICE-03", { whole($0) }, { $0.newestServers = false }),
        PeerMutation("old servers", "BEY-23", { whole($0) }, { $0.newestServers = false }),
        PeerMutation("no offers", "ICE-03", { whole($0) }, { $0.offers = false }),
        PeerMutation("reset after 2 s", "ICE-04", { healing($0) }, { $0.stableAfter = 2 }),
        PeerMutation("reset after 8 s", "ICE-04", { healing($0) }, { $0.stableAfter = 8 }),
        PeerMutation("give-up after 5 s", "ICE-05", { whole($0) }, { $0.giveUpAfter = 5 }),
        PeerMutation("give-up after 30 s", "ICE-05", { whole($0) }, { $0.giveUpAfter = 30 }),
        PeerMutation("two give-ups", "ICE-05", { whole($0) }, { $0.giveUps = 2 }),
        PeerMutation("no give-up", "ICE-05", { whole($0) }, { ($0.giveUps, $0.giveUpAfter) = (0, 15) }),
        PeerMutation("rungs without signalling", "ICE-07", { withoutSignalling($0) }, { $0.skipsWithoutSignalling = false }),
        PeerMutation("rungs without signalling", "BEY-14", { withoutSignalling($0) }, { $0.skipsWithoutSignalling = false }),
        PeerMutation("stuck for 10 s", "BEY-15", { stuck($0) }, { $0.stuckTimeout = 10 }),
        PeerMutation("stuck for 40 s", "BEY-15", { stuck($0) }, { $0.stuckTimeout = 40 }),
        PeerMutation("the hop is shown", "ICE-06", { healing($0) }, { $0.hidesConnecting = false }),
        PeerMutation("disconnected is hidden", "ICE-06", { healing($0) }, { $0.reportsReconnecting = false }),
    ]

    @Test("names the rule that a wrong ladder breaks", arguments: mutations)
    func mutation(_ mutation: PeerMutation) throws { try mutation.check() }

    @Test("a late rung is named with its time and the spec's, with the rungs as a table")
    func sentence() throws {
        var values = FakePeerValues()
        values.ladderDelays[3] = 28.2
        let report = ConformanceSuite(named: ["ladder"])!.check(Self.whole(values))
        let finding = try #require(report.findings.first { $0.rule == RuleID("ICE-02") })
        #expect(finding.message == "rung 4 to bob began at +31.200 s, the spec says 7.000 (ICE-02).")
        #expect(
            finding.table?.lines == [
                "rung     due   started      outcome   verdict",
                "   1   0.000     0.000   offer sent   ok",
                "   2   1.000     1.000   offer sent   ok",
                "   3   3.000     3.000   offer sent   ok",
                "   4   7.000    31.200        begun   late by 24.200",
            ])
    }

    @Test("one late rung is one finding of a rule; what follows is judged from it on")
    func once() {
        var values = FakePeerValues()
        values.ladderDelays[1] = 2
        let report = ConformanceSuite(named: ["ladder"])!.check(Self.whole(values))
        #expect(report[RuleID("ICE-01")!].violated == 1)
        #expect(report[RuleID("ICE-02")!].violated == 1)
    }

    @Test("a whole ladder is told rung by rung")
    func summary() throws {
        let report = ConformanceSuite.peer.check(Self.whole(FakePeerValues()))
        let ladder = try #require(report.ladders.first)
        #expect(ladder.rungs.map(\.n) == Array(1...9))
        #expect(ladder.rungs.compactMap { $0.came?.value } == [0, 1, 3, 7, 15, 31, 61, 91, 121].map { $0 * 1_000_000_000 })
        #expect(ladder.rungs.allSatisfy { $0.verdict == "ok" && $0.outcome == "offer sent" })
        #expect(ladder.ending == "gave up")
    }

    @Test("a failure before the link has held goes on with the next rung after its delay")
    func resumes() {
        let (peer, link) = Self.connected(FakePeerValues())
        link.disconnect()
        link.fail()
        link.rungs(2...3)
        link.recover()
        peer.wait(3)
        link.disconnect()
        link.pc("failed")
        link.ladder(.resumed, cause: .failed, rung: 4)
        link.rungs(4...5)
        let report = ConformanceSuite.peer.check(peer.finish())
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("BEY-17")!].held == 1)
    }

    @Test("a ladder that begins anew after a short recovery breaks ICE-04")
    func flapping() {
        let (peer, link) = Self.connected(FakePeerValues())
        link.disconnect()
        link.fail()
        link.recover()
        peer.wait(1)
        link.disconnect()
        link.fail()
        let report = ConformanceSuite.peer.check(peer.finish())
        #expect(report[RuleID("ICE-04")!].violated == 1)
        #expect(report[RuleID("BEY-17")!].violated == 1)
    }

    @Test("a rung skipped although signalling is there breaks ICE-07")
    func needlessSkip() {
        let (peer, link) = Self.connected(FakePeerValues())
        link.disconnect()
        link.fail()
        peer.wait(1)
        link.ladder(.skipped, rung: 2)
        #expect(ConformanceSuite.peer.check(peer.finish())[RuleID("ICE-07")!].violated == 1)
    }

    @Test("a give-up that fell due without signalling is right at joined, and wrong before")
    func postponed() {
        for isEarly in [false, true] {
            var values = FakePeerValues()
            values.swaps = false
            var options = TracedPeerOptions()
            options.keepsConnectedLinks = true
            let peer = FakePeer(values, options: options)
            peer.join()
            let link = peer.links["bob"]!
            link.connect()
            link.disconnect()
            link.fail()
            link.rungs(2...9)
            peer.drop()
            peer.wait(15)
            if isEarly { link.giveUpNow() }
            peer.reconnect()
            peer.presence(joined: ["bob", "peer-1"])
            peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["bob", "peer-1"]))
            peer.add(.peerRefreshed(at: peer.now, who: peer.who, remote: "bob", object: link.object, kept: true))
            peer.to("joined")
            if !isEarly { link.giveUpNow() }
            let report = ConformanceSuite(named: ["ladder"])!.check(peer.finish())
            #expect(report.findings.map { "\($0.rule)" } == (isEarly ? ["ICE-07"] : []))
        }
    }

    @Test("what a swap interrupts is abandoned, and owes nothing more")
    func abandoned() {
        let (peer, link) = Self.connected(FakePeerValues())
        link.disconnect()
        link.fail()
        link.rungs(2...2)
        peer.drop()
        link.rungs(3...6)
        peer.reconnect()
        peer.reconcile(["bob", "peer-1"])
        let report = ConformanceSuite.peer.check(peer.finish(after: 60))
        #expect(report.findings.map(\.description) == [])
        #expect(report.ladders.map(\.ending) == ["abandoned"])
    }

    @Test("a link whose ladder runs is not stuck, though it stays disconnected until the swap")
    func notStuck() {
        let (peer, link) = Self.connected(FakePeerValues())
        link.disconnect()
        peer.wait(20)
        link.ladder(.started, cause: .stuck)
        link.rung(1)
        link.rungs(2...4)
        peer.drop()
        peer.reconnect()
        link.ladder(.abandoned)
        peer.reconcile(["bob", "peer-1"])
        let report = ConformanceSuite.peer.check(peer.finish(after: 1))
        #expect(report[RuleID("BEY-15")!].violated == 0)
    }

    @Test("the old path gone restarts every link at once, outside the ladder")
    func pathChange() {
        for restarts in [true, false] {
            let (peer, link) = Self.connected(FakePeerValues())
            peer.add(.pathChanged(at: peer.now, who: peer.who, oldPathGone: true))
            if restarts {
                peer.add(.iceRestart(at: peer.now, who: peer.who, remote: "bob", cause: "path-changed"))
                link.offer()
            }
            let report = ConformanceSuite(named: ["ladder"])!.check(peer.finish())
            #expect(report[RuleID("SIG-19")!].violated == (restarts ? 0 : 1))
        }
    }
}

extension FakeLink {
    func giveUpNow() {
        add(.negotiationError(at: peer.now, who: peer.who, remote: remote, error: "gave-up", isGiveUp: true, attempts: 9))
    }
}
