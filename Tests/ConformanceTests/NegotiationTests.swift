import Conformance
import Testing
import Trace

@Suite("The negotiation checker")
struct NegotiationTests {
    private func connected(_ remote: String = "bob", options: TracedPeerOptions = TracedPeerOptions()) -> (FakePeer, FakeLink) {
        let peer = FakePeer(options: options)
        peer.join([remote])
        let link = peer.links[remote]!
        link.connect()
        peer.wait(10)
        return (peer, link)
    }

    private func findings(_ peer: FakePeer) -> [String] {
        ConformanceSuite.peer.check(peer.finish(after: 6)).findings.map { "\($0.rule)" }
    }

    @Test("the smaller id yields to a colliding offer, the other drops it", arguments: ["bob", "zoe"], [true, false])
    func collision(remote: String, drops: Bool) {
        let (peer, link) = connected(remote)
        link.offer()
        link.remoteGeneration += 1
        link.receive(.offer)
        if drops {
            link.drop(.offer, .collision)
            peer.wait(0.05)
            link.answered()
        } else {
            link.pc(.signaling, "have-remote-offer")
            link.pc(.signaling, "stable")
        }
        // `bob` is polite: we, the larger id, drop.
        #expect(findings(peer) == (drops == (remote == "bob") ? [] : ["ICE-08"]))
    }

    @Test("the 201st candidate of a generation is dropped, and one over 1,000 characters", arguments: [true, false])
    func candidates(drops: Bool) {
        let (peer, link) = connected()
        for _ in 0..<200 { link.receive(.ice, characters: 100) }
        link.receive(.ice, characters: 100)
        if drops { link.drop(.ice, .overCap) }
        link.remoteGeneration += 1
        link.receive(.ice, characters: 1_001)
        if drops { link.drop(.ice, .tooLong) }
        #expect(findings(peer) == (drops ? [] : ["ICE-09", "ICE-09"]))
    }

    @Test("an answer outside have-local-offer is dropped", arguments: [true, false])
    func unexpectedAnswer(drops: Bool) {
        let (peer, link) = connected()
        link.remoteGeneration += 1
        link.receive(.answer)
        if drops { link.drop(.answer, .unexpected) }
        #expect(findings(peer) == (drops ? [] : ["ICE-10"]))
    }

    @Test("an answer to an earlier offer is dropped", arguments: [true, false])
    func staleAnswer(drops: Bool) {
        let (peer, link) = connected()
        link.offer()
        link.receive(.answer)
        if drops { link.drop(.answer, .unexpected) }
        link.answered()
        #expect(findings(peer) == (drops ? [] : ["ICE-10"]))
    }

    @Test("a candidate of an earlier generation is dropped", arguments: [true, false])
    func staleCandidate(drops: Bool) {
        let (peer, link) = connected()
        link.offer()
        link.answered()
        link.receive(.ice, ufrag: "bob-theirs-1")
        if drops { link.drop(.ice, ufrag: "bob-theirs-1", .stale) }
        #expect(findings(peer) == (drops ? [] : ["ICE-10"]))
    }

    @Test("an offer with a new fingerprint replaces the connection, one with the old does not", arguments: [true, false], [true, false])
    func replacement(isNew: Bool, replaces: Bool) {
        let (peer, link) = connected()
        link.remoteGeneration += 1
        link.receive(.offer, fingerprint: isNew ? "f-2" : nil)
        if replaces {
            link.to("reconnecting")
            link.connection(.replaced)
            link.pc(.signaling, "have-remote-offer")
            link.pc(.signaling, "stable")
            link.connected()
        } else {
            link.pc(.signaling, "have-remote-offer")
            link.pc(.signaling, "stable")
        }
        #expect(findings(peer) == (isNew == replaces ? [] : ["ICE-11"]))
    }

    @Test("an offer that comes before the snapshot waits for the new connection")
    func offerDuringReconcile() {
        let (peer, link) = connected()
        peer.drop()
        peer.reconnect()
        link.remoteGeneration += 1
        link.receive(.offer, fingerprint: "f-2")
        peer.wait(4)
        peer.reconcile(["bob", "peer-1"])
        #expect(findings(peer).filter { $0 == "ICE-11" } == [])
    }

    @Test("two replacements within 2 s break ICE-11", arguments: [1.0, 3.0])
    func replacements(apart seconds: Double) {
        let (peer, link) = connected()
        for (place, fingerprint) in ["f-2", "f-3"].enumerated() {
            if place > 0 { peer.wait(seconds) }
            link.remoteGeneration += 1
            link.receive(.offer, fingerprint: fingerprint)
            link.to("reconnecting")
            link.connection(.replaced)
            link.pc(.signaling, "have-remote-offer")
            link.pc(.signaling, "stable")
            link.connected()
        }
        #expect(findings(peer) == (seconds > 2 ? [] : ["ICE-11"]))
    }

    /// An offer that nobody answers, and its repetitions.
    static func unanswered(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join()
        let link = peer.links["bob"]!
        link.offer()
        for _ in 0..<values.offerRepetitions {
            peer.wait(values.offerTimeout)
            link.offer(fresh: false, repetition: 1)
        }
        peer.wait(values.offerTimeout)
        if values.startsLadder {
            link.ladder(.started, cause: .offerUnanswered)
            link.rung(1)
        }
        return peer.finish(after: 0.5)
    }

    static let mutations = [
        PeerMutation("repeated after 5 s", "BEY-16", { unanswered($0) }, { $0.offerTimeout = 5 }),
        PeerMutation("repeated after 20 s", "BEY-16", { unanswered($0) }, { $0.offerTimeout = 20 }),
        PeerMutation("repeated twice", "BEY-16", { unanswered($0) }, { $0.offerRepetitions = 2 }),
        PeerMutation("repeated 4 times", "BEY-16", { unanswered($0) }, { $0.offerRepetitions = 4 }),
    ]

    @Test("names the rule that a wrong offer breaks", arguments: mutations)
    func mutation(_ mutation: PeerMutation) throws { try mutation.check() }

    @Test("signals are never shown as data", arguments: ["rtc-description", "rtc-ice", "__meteredTrackMeta"])
    func shownAsData(shape: String) {
        let (peer, _) = connected()
        peer.add(.peerData(at: peer.now, who: peer.who, kind: .direct, from: "bob", shape: "greeting"))
        #expect(findings(peer) == [])
        peer.add(.peerData(at: peer.now, who: peer.who, kind: .direct, from: "bob", shape: shape))
        #expect(findings(peer) == ["WIRE-09"])
    }

    @Test("a track's metadata goes ahead of its description", arguments: [true, false])
    func metadata(isAhead: Bool) {
        let (peer, link) = connected()
        var metadata = TracedSignal(.trackMetadata)
        metadata.trackID = "cam"
        var offer = TracedSignal(.offer, ufrag: "bob-own-1", sections: ["video"])
        offer.tracks = ["cam"]
        for signal in isAhead ? [metadata, offer] : [offer, metadata] {
            peer.add(.signalSent(at: peer.now, who: peer.who, remote: "bob", signal))
        }
        link.pc(.signaling, "have-local-offer")
        link.answered()
        #expect(findings(peer) == (isAhead ? [] : ["WIRE-11"]))
    }

    @Test("a rejected description ends its candidates")
    func rejected() {
        let (peer, link) = connected()
        link.offer()
        let offer = TracedSignal(.offer, ufrag: "bob-own-2")
        peer.add(.signalFailed(at: peer.now, who: peer.who, remote: "bob", offer, error: "peer_not_found"))
        peer.add(.signalSent(at: peer.now, who: peer.who, remote: "bob", TracedSignal(.ice, ufrag: "bob-own-2")))
        #expect(findings(peer) == ["WIRE-11"])
    }

    @Test("signals keep their order on the wire", arguments: [["s1", "s2"], ["s2", "s1"]])
    func order(wire: [String]) {
        let (peer, link) = connected()
        link.pc(.signaling, "have-local-offer")
        for id in ["s1", "s2"] {
            peer.add(.signalSent(at: peer.now, who: peer.who, remote: "bob", TracedSignal(.ice, ufrag: "bob-own-1"), requestID: id))
        }
        for id in wire { peer.client.send("send", id: id) }
        link.answered()
        let report = ConformanceSuite(named: ["negotiation"])!.check(peer.finish())
        #expect(report[RuleID("WIRE-11")!].violated == (wire == ["s1", "s2"] ? 0 : 1))
    }

    @Test("a swap offers an application section again", arguments: [true, false])
    func application(offers: Bool) {
        let peer = FakePeer()
        peer.join()
        let link = peer.links["bob"]!
        link.sections = ["application"]
        link.connect()
        peer.drop()
        peer.reconnect()
        if !offers { link.sections = ["audio"] }
        peer.reconcile(["bob", "peer-1"])
        #expect(findings(peer) == (offers ? [] : ["BEY-25"]))
    }

    @Test("who joins again owes no application section")
    func applicationOfTheOld() {
        let (peer, link) = connected()
        link.sections = ["audio", "application"]
        link.offer()
        link.answered()
        peer.presence(left: ["bob"])
        peer.left("bob")
        peer.wait(1)
        peer.presence(joined: ["bob"])
        peer.joined("bob")
        peer.links["bob"]!.connect()
        #expect(findings(peer) == [])
    }

    @Test("a link that carries nothing ends idle after a swap", arguments: [true, false])
    func idle(isIdle: Bool) {
        let peer = FakePeer()
        peer.join()
        let link = peer.links["bob"]!
        peer.drop()
        peer.reconnect()
        peer.presence(joined: ["bob", "peer-1"])
        peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["bob", "peer-1"]))
        peer.add(.peerRefreshed(at: peer.now, who: peer.who, remote: "bob", object: link.object))
        link.connection(.swap)
        if isIdle { link.to("idle") }
        peer.to("joined")
        #expect(findings(peer) == (isIdle ? [] : ["BEY-24"]))
    }

    @Test("a closed connection never counts as a collision")
    func closedConnection() {
        let (peer, link) = connected()
        link.pc("closed")
        link.to("closed")
        link.remoteGeneration += 1
        link.receive(.offer)
        link.drop(.offer, .collision)
        #expect(findings(peer) == ["BEY-27"])
    }
}
