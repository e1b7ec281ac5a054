import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("A link negotiates (ICE-08...11, WIRE-11, BEY-16)")
struct NegotiatingTests {
    private let unanswered: Result<Void, SignallingError> = .failure(.rejectedByServer(code: "peer_not_found", message: nil))

    @Test("a link with a track makes one offer, its candidates follow, and the answer connects it")
    func first() {
        let harness = LinkHarness()
        harness.connect()
        #expect(harness.descriptions == ["0 offer l1-1"])
        #expect(harness.sentKinds == ["offer", "ice", "ice-end"])
        #expect(harness.pc.signalingState == .stable)
        #expect(harness.states == ["200 idle > connected"])
    }

    @Test("a link without anything makes no offer and stays idle")
    func nothing() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.run(until: 60_000)
        #expect(harness.sent.isEmpty)
        #expect(harness.link.state == .idle)
    }

    @Test("tracks added together are in one offer, with their metadata ahead of it")
    func burst() {
        let harness = LinkHarness()
        harness.at(0) {
            harness.link.start()
            harness.link.addTrack(LocalTrack(track: FakeTrack("mic"), streamIDs: ["s"], metadata: ["a": 1]))
            harness.link.addTrack(LocalTrack(track: FakeTrack("cam", .video), streamIDs: ["s"], metadata: ["b": 1]))
        }
        harness.run(until: 50)
        #expect(harness.sentKinds == ["track-metadata", "track-metadata", "offer", "ice", "ice-end"])
    }

    @Test("a remote offer is answered")
    func answers() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(10) { harness.offer("r-1") }
        harness.run(until: 50)
        #expect(harness.descriptions == ["10 answer l1-1"])
    }

    @Test("the impolite side ignores a colliding offer and its candidates")
    func impolite() {
        let harness = LinkHarness(isPolite: false)
        harness.startWithTrack()
        harness.at(10) {
            harness.offer("r-1")
            harness.candidate("r-1")
        }
        harness.at(20) { harness.answer("r-2") }
        harness.run(until: 50)
        #expect(harness.descriptions == ["0 offer l1-1"])
        #expect(harness.drops == ["offer collides with ours, which stands", "ice of an earlier generation"])
        #expect(harness.pc.rollbacks == 0)
        #expect(harness.pc.signalingState == .stable)
    }

    @Test("the polite side rolls back and answers, and does not offer again what the answer carried")
    func polite() {
        let harness = LinkHarness(isPolite: true)
        harness.startWithTrack()
        harness.at(10) { harness.offer("r-1") }
        harness.run(until: 5_000)
        #expect(harness.descriptions == ["0 offer l1-1", "10 answer l1-2"])
        #expect(harness.pc.rollbacks == 1)
    }

    @Test("an offer that comes while an answer is being applied is no collision")
    func offerDuringAnswer() {
        let harness = LinkHarness(isPolite: false)
        harness.startWithTrack()
        harness.at(10) {
            harness.answer("r-1")
            harness.offer("r-2")
        }
        harness.run(until: 50)
        #expect(harness.descriptions == ["0 offer l1-1", "10 answer l1-2"])
    }

    @Test("the polite side may wait for the other's first offer")
    func politeDefer() {
        var options = PeerOptions()
        options.politeDefer = .seconds(2)
        let harness = LinkHarness(isPolite: true, options)
        harness.startWithTrack()
        harness.run(until: 3_000)
        #expect(harness.descriptions == ["2000 offer l1-1"])
    }

    @Test("an offer that came while it waited takes the place of its own")
    func politeDeferred() {
        var options = PeerOptions()
        options.politeDefer = .seconds(2)
        let harness = LinkHarness(isPolite: true, options)
        harness.startWithTrack()
        harness.at(500) { harness.offer("r-1") }
        harness.run(until: 9_000)
        #expect(harness.descriptions == ["500 answer l1-1"])
    }

    @Test("an unanswered offer is sent again after 10, 20 and 30 s, and starts the ladder at 40 s")
    func unansweredOffer() {
        let harness = LinkHarness()
        harness.startWithTrack()
        harness.run(until: 40_000)
        #expect(harness.descriptions.prefix(4) == ["0 offer l1-1", "10000 offer l1-1", "20000 offer l1-1", "30000 offer l1-1"])
        #expect(harness.ladder == ["40000 started unanswered-offer", "40000 rung 1"])
        #expect(harness.descriptions.last == "40000 offer l1-2")
    }

    @Test("the repeats can be turned off")
    func noRepeats() {
        var options = PeerOptions()
        options.offerTimeout = .zero
        let harness = LinkHarness(options)
        harness.startWithTrack()
        harness.run(until: 100_000)
        #expect(harness.descriptions == ["0 offer l1-1"])
    }

    @Test("an answer without an offer is dropped")
    func strayAnswer() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.answer("r-9") }
        harness.run(until: 1_100)
        #expect(harness.drops == ["answer no offer stands"])
        #expect(harness.errors.isEmpty)
    }

    @Test("an answer of an earlier generation is not taken for a restart's offer")
    func staleAnswer() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.restartICE() }
        harness.at(1_100) { harness.answer("r-1") }
        harness.at(1_200) { harness.answer("r-2") }
        harness.run(until: 1_300)
        #expect(harness.drops == ["answer for an earlier offer"])
        #expect(harness.pc.remoteFragment == "r-2")
    }

    @Test("a renegotiation is answered in the generation that is in force")
    func renegotiation() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.addTrack(LocalTrack(track: FakeTrack("cam", .video), streamIDs: ["s"])) }
        harness.at(1_100) { harness.receive(.answer, "r-1", sections: ["audio", "video"]) }
        harness.run(until: 1_200)
        #expect(harness.descriptions.last == "1000 offer l1-1")
        #expect(harness.drops.isEmpty)
        #expect(harness.pc.signalingState == .stable)
    }

    @Test("of the answers to several offers the last one is taken")
    func severalAnswers() {
        let harness = LinkHarness()
        harness.connect()
        for moment in [1_000, 2_000, 3_000] as [Int64] { harness.at(moment) { harness.link.restartICE() } }
        harness.at(4_000) { for fragment in ["r-2", "r-3", "r-4"] { harness.answer(fragment) } }
        harness.run(until: 4_010)
        #expect(harness.pc.remoteFragment == "r-4")
        #expect(harness.drops == ["answer for an earlier offer", "answer for an earlier offer"])
    }

    @Test("if no later answer comes, the last one is taken after half a second")
    func settle() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.restartICE() }
        harness.at(2_000) { harness.link.restartICE() }
        harness.at(3_000) { harness.answer("r-3") }
        harness.run(until: 3_499)
        #expect(harness.pc.signalingState == .haveLocalOffer)
        harness.run(until: 3_500)
        #expect(harness.pc.signalingState == .stable)
    }

    @Test("an answer that turns out to have been for an earlier offer restarts ICE, once")
    func mismatch() {
        var options = PeerOptions()
        options.answerSettleTime = .zero
        let harness = LinkHarness(options)
        harness.connect()
        harness.at(900) { harness.pc.set(.failed) }
        harness.at(1_950) { harness.answer("r-2") }
        harness.at(1_960) { harness.answer("r-3") }
        harness.run(until: 1_970)
        #expect(harness.diagnostics.contains { $0.diagnostic == .iceRestart(.answerMismatch) })
        #expect(harness.descriptions.last == "1960 offer l1-4")
    }

    @Test("a remote restart with the same fingerprint is answered on the same connection")
    func remoteRestart() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.offer("r-2") }
        harness.run(until: 1_100)
        #expect(harness.factory.made.count == 1)
        #expect(harness.descriptions.last == "1000 answer l1-2")
        #expect(harness.states == ["200 idle > connected"])
    }

    @Test("an offer of an earlier generation is dropped")
    func staleOffer() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.offer("r-2") }
        harness.at(1_100) { harness.offer("r-1") }
        harness.run(until: 1_200)
        #expect(harness.drops == ["offer of an earlier generation"])
    }

    @Test("an offer with a new fingerprint replaces the connection and is answered on the new one, tracks included")
    func replaced() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.offer("n-1", fingerprint: "new") }
        harness.run(until: 1_100)
        #expect(harness.factory.made.count == 2)
        #expect(harness.factory.made[0].isClosed)
        #expect(harness.pc.senders.map { $0.track?.id } == ["mic"])
        #expect(harness.descriptions.last == "1000 answer l2-1")
        #expect(harness.eventTexts == ["idle > connected", "connected > reconnecting", "replaced replaced"])
    }

    @Test("replacements are at least 2 s apart; the one that came too early is made then")
    func replacementInterval() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.offer("n-1", fingerprint: "n1") }
        harness.at(1_500) { harness.offer("n-2", fingerprint: "n2") }
        harness.at(1_600) { harness.offer("n-3", fingerprint: "n3") }
        harness.run(until: 2_999)
        #expect(harness.factory.made.count == 2)
        harness.run(until: 3_100)
        #expect(harness.factory.made.count == 3)
        #expect(harness.descriptions.last == "3000 answer l3-1")
        #expect(harness.drops == ["offer a newer one asks for a new connection"])
    }

    @Test("the impolite side answers a new connection's colliding offer with an offer from a new connection")
    func replacedInCollision() {
        let harness = LinkHarness(isPolite: false)
        harness.connect()
        harness.at(1_000) { harness.link.restartICE() }
        harness.at(1_100) { harness.offer("n-1", fingerprint: "new") }
        harness.at(1_200) { harness.answer("n-2", fingerprint: "new") }
        harness.run(until: 2_000)
        #expect(harness.factory.made.count == 2)
        #expect(harness.descriptions.last == "1100 offer l2-1")
        #expect(harness.pc.signalingState == .stable)
    }

    @Test("an answer with a new fingerprint replaces the connection as well")
    func answerOfNewConnection() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.restartICE() }
        harness.at(1_100) { harness.answer("n-1", fingerprint: "new") }
        harness.run(until: 1_200)
        #expect(harness.factory.made.count == 2)
        #expect(harness.descriptions.last == "1100 offer l2-1")
    }

    @Test("a connection that the remote peer ended is no collision: its next offer gets a new connection", arguments: [false, true])
    func closedConnection(isPolite: Bool) {
        let harness = LinkHarness(isPolite: isPolite)
        harness.connect()
        harness.at(1_000) {
            harness.link.restartICE()
            harness.pc.set(.closed)
        }
        harness.at(2_000) { harness.offer("n-1", fingerprint: "new") }
        harness.run(until: 2_100)
        #expect(harness.states.last == "1000 connected > closed")
        #expect(harness.factory.made.count == 2)
        #expect(harness.descriptions.last == "2000 answer l2-1")
    }

    @Test("a refused offer is an error with its cause, scrubbed, and the next one is answered")
    func refusedOffer() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(10) {
            harness.pc.failsSetRemote = true
            harness.offer("r-1")
        }
        harness.at(20) { harness.offer("r-2") }
        harness.run(until: 50)
        #expect(harness.errors == [.descriptionRefused(.offer, RedactedError(FakeError()))])
        #expect("\(harness.errors)".contains("FakeError"))
        #expect(!"\(harness.errors)".contains("secret"))
        #expect(harness.descriptions == ["20 answer l1-1"])
    }

    @Test("an offer that was refused ends the polite side's wait")
    func refusedOfferEndsTheWait() {
        var options = PeerOptions()
        options.politeDefer = .seconds(2)
        let harness = LinkHarness(isPolite: true, options)
        harness.startWithTrack()
        harness.at(500) {
            harness.pc.failsSetRemote = true
            harness.offer("r-1")
        }
        harness.run(until: 9_000)
        #expect(harness.descriptions.first == "500 offer l1-1")
    }

    @Test("if the refused offer rolled ours back, ours is made again")
    func refusedAfterRollback() {
        let harness = LinkHarness(isPolite: true)
        harness.startWithTrack()
        harness.at(10) {
            harness.pc.failsSetRemote = true
            harness.offer("r-1")
        }
        harness.run(until: 50)
        #expect(harness.descriptions == ["0 offer l1-1", "10 offer l1-1"])
    }

    @Test("an offer that cannot be answered is rolled back")
    func unanswerable() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(10) {
            harness.offer("r-1")
            harness.pc.failsSetLocal = true
        }
        harness.at(20) { harness.offer("r-2") }
        harness.run(until: 50)
        #expect(harness.errors == [.descriptionNotMade(.answer, RedactedError(FakeError()))])
        #expect(harness.pc.rollbacks == 1)
        #expect(harness.descriptions == ["20 answer l1-1"])
    }

    @Test("an offer that the server rejects is an error with its code, and its candidates are not sent")
    func rejected() {
        let harness = LinkHarness(serialSignals: true)
        harness.service = { signal in if case .description = signal { unanswered } else { nil } }
        harness.startWithTrack()
        harness.run(until: 1_000)
        #expect(harness.sentKinds == ["offer"])
        #expect(harness.errors == [.notDelivered(.offer, .rejectedByServer(code: "peer_not_found", message: nil))])
        #expect(harness.drops == ["ice its description was rejected", "ice-end its description was rejected"])
    }

    @Test("signals wait for each other's acknowledgement only if asked for")
    func serial() {
        let harness = LinkHarness(serialSignals: true)
        harness.startWithTrack()
        harness.run(until: 1_000)
        #expect(harness.sent.map(\.at) == [0, 30, 60])
    }

    @Test("a candidate that the library refuses is reported once per generation")
    func refusedCandidates() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) {
            harness.pc.failsAddCandidate = true
            for _ in 0..<10 { harness.candidate("r-1") }
        }
        harness.run(until: 1_100)
        #expect(harness.eventTexts.count { $0 == "candidate failed" } == 1)
    }

    @Test("candidates that come before their description are added after it")
    func earlyCandidates() {
        let harness = LinkHarness()
        harness.at(0) {
            harness.link.start()
            harness.candidate("r-1")
            harness.offer("r-1")
        }
        harness.run(until: 50)
        #expect(harness.pc.candidates.count == 1)
    }

    @Test("a removed track's metadata are taken back, a replaced track keeps the name it was offered under")
    func tracks() {
        let harness = LinkHarness()
        let track = FakeTrack("mic")
        let other = FakeTrack("mic2")
        harness.at(0) {
            harness.link.addTrack(LocalTrack(track: track, streamIDs: ["s"], metadata: ["a": 1]))
            harness.link.start()
        }
        harness.at(1_000) {
            harness.link.replaceTrack(track, with: LocalTrack(track: other, streamIDs: ["s"], metadata: ["b": 1])) { _ in }
        }
        harness.at(2_000) { harness.link.removeTrack(other) }
        harness.run(until: 3_000)
        let metadata = harness.sent.compactMap { if case .trackMetadata(let metadata) = $0.signal { metadata } else { nil } }
        #expect(metadata.map(\.trackID) == ["mic", "mic", "mic"])
        #expect(metadata.map(\.metadata) == [["a": 1], ["b": 1], nil])
        #expect(harness.pc.senders.isEmpty)
    }

    @Test("a track that the library refuses is an error, and the others are sent")
    func refusedTrack() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(10) {
            harness.pc.failsAddTrack = true
            harness.link.addTrack(LocalTrack(track: FakeTrack("bad"), streamIDs: []))
            harness.pc.failsAddTrack = false
            harness.link.addTrack(LocalTrack(track: FakeTrack("good"), streamIDs: []))
        }
        harness.run(until: 50)
        #expect(harness.errors == [.trackRefused(trackID: "bad", RedactedError(FakeError()))])
        #expect(harness.pc.senders.map { $0.track?.id } == ["good"])
    }

    @Test("a flood of descriptions is bounded")
    func flood() {
        let harness = LinkHarness()
        harness.at(0) {
            harness.link.start()
            for number in 0..<1_000 { harness.offer("r-\(number)") }
        }
        harness.run(until: 1_000)
        #expect(harness.drops.count { $0 == "offer too many descriptions wait" } >= 900)
        #expect(harness.link.negotiation.inbox.isEmpty)
    }
}
