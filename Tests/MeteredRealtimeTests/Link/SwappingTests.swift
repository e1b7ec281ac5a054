import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("A link is swapped and closed (ROS-01, ROS-04, ROS-11, BEY-11, BEY-22...25, SIG-16)")
struct SwappingTests {
    private func swapped(_ harness: LinkHarness) {
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(2_000) {
            harness.iceServers = [ICEServer(urls: ["turn:two"])]
            harness.link.swap()
        }
        harness.run(until: 2_100)
    }

    @Test("a swap makes a new connection with the newest ICE servers and the same tracks, and closes the old one")
    func swap() {
        let harness = LinkHarness()
        harness.connect()
        swapped(harness)
        #expect(harness.factory.made.count == 2)
        #expect(harness.factory.made[0].isClosed)
        #expect(harness.pc.configurations == [PeerConnectionConfiguration(iceServers: [ICEServer(urls: ["turn:two"])])])
        #expect(harness.pc.senders.map { $0.track?.id } == ["mic"])
        #expect(harness.descriptions.last == "2000 offer l2-1")
        harness.at(2_200) { harness.answer("n-1", fingerprint: "new") }
        harness.at(2_300) { harness.pc.set(.connecting) }
        harness.at(2_400) { harness.pc.set(.connected) }
        harness.run(until: 2_500)
        #expect(harness.states == ["200 idle > connected", "1000 connected > reconnecting", "2400 reconnecting > connected"])
    }

    @Test("a connection is reported once it is made, and one that could not be made is not")
    func reported() {
        let harness = LinkHarness()
        var madeWhenReported: [Int] = []
        harness.onDiagnostic = { diagnostic in
            if case .connectionCreated = diagnostic { madeWhenReported.append(harness.factory.made.count) }
        }
        harness.connect()
        harness.at(500) {
            harness.factory.failure = FakeError()
            harness.link.swap()
            harness.factory.failure = nil
        }
        swapped(harness)
        #expect(madeWhenReported == [1, 2])
        #expect(harness.errors.count == 1)
    }

    @Test("an offer that waits for the snapshot is void if signalling is lost again (ROS-08)")
    func staleOffer() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(1_500) { harness.offer("n-1", fingerprint: "new") }
        harness.at(1_600) { harness.candidate("n-1") }
        harness.at(1_700) { harness.link.signallingLost() }
        harness.at(2_000) { harness.link.swap() }
        harness.run(until: 3_000)
        #expect(harness.drops == ["offer signalling was lost since"])
        #expect(harness.descriptions.dropFirst() == ["2000 offer l2-1"])
        #expect(harness.pc.candidates.isEmpty)
    }

    @Test("an offer that waits for the snapshot is answered after it")
    func waitingOffer() {
        let harness = LinkHarness(isPolite: true)
        harness.connect()
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(1_500) { harness.offer("n-1", fingerprint: "new") }
        harness.at(2_000) { harness.link.swap() }
        harness.run(until: 3_000)
        #expect(harness.descriptions.contains { $0.hasPrefix("2000 answer") })
    }

    @Test("late callbacks of the old connection do not act")
    func late() {
        let harness = LinkHarness()
        harness.connect()
        let old = harness.pc
        let listener = old.onEvent
        swapped(harness)
        let count = harness.events.count
        harness.at(2_200) {
            listener?(.connectionStateChange(.connected))
            listener?(.track(FakeTrack("ghost"), streamIDs: []))
            listener?(.iceCandidate(nil))
        }
        harness.run(until: 2_300)
        #expect(harness.events.count == count)
        #expect(old.onEvent == nil)
    }

    @Test("a link that carries nothing ends in idle, without an offer")
    func nothing() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        swapped(harness)
        #expect(harness.states == ["1000 idle > reconnecting", "2000 reconnecting > idle"])
        #expect(harness.sent.isEmpty)
    }

    @Test("a link with a data channel offers an application section again, with a channel that nobody sees")
    func application() {
        let harness = LinkHarness()
        var channel: DataChannel?
        harness.at(0) {
            harness.link.start()
            channel = try? harness.link.createDataChannel(label: "chat", configuration: DataChannelConfiguration())
        }
        harness.at(100) { harness.receive(.answer, "r-1", sections: ["application"]) }
        swapped(harness)
        #expect(channel?.state == .closed)
        #expect(harness.pc.channels.map(\.configuration.negotiatedID) == [1_023])
        #expect(harness.descriptions.last == "2000 offer l2-1")
        #expect(harness.link.state == .reconnecting)
    }

    @Test("it does so at every further swap")
    func applicationAgain() {
        let harness = LinkHarness()
        harness.at(0) {
            harness.link.start()
            _ = try? harness.link.createDataChannel(label: "chat", configuration: DataChannelConfiguration())
        }
        swapped(harness)
        harness.at(3_000) { harness.link.swap() }
        harness.run(until: 3_100)
        #expect(harness.pc.channels.count == 1)
        #expect(harness.descriptions.last == "3000 offer l3-1")
    }

    @Test("a link that only received tells the remote peer of its new connection by an application section")
    func receiver() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(10) { harness.offer("r-1") }
        swapped(harness)
        #expect(harness.descriptions.last == "2000 offer l2-1")
        #expect(harness.link.state == .reconnecting)
    }

    @Test("a connection that the remote peer ended is swapped like any other")
    func closedSurvivor() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(500) { harness.pc.set(.closed) }
        swapped(harness)
        #expect(harness.states.suffix(2) == ["500 connected > closed", "1000 closed > reconnecting"])
        #expect(harness.descriptions.last == "2000 offer l2-1")
    }

    @Test("an offer that came before the snapshot is answered on the new connection")
    func offerBeforeSnapshot() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_500) { harness.offer("n-1", fingerprint: "new") }
        swapped(harness)
        #expect(harness.factory.made.count == 2)
        #expect(harness.descriptions.last == "2000 answer l2-1")
    }

    @Test("candidates of the old connection do not act on the new one")
    func oldCandidates() {
        let harness = LinkHarness()
        harness.connect()
        swapped(harness)
        harness.at(2_200) { harness.candidate("r-1") }
        harness.at(2_300) { harness.answer("n-1", fingerprint: "new") }
        harness.run(until: 2_400)
        #expect(harness.pc.candidates.isEmpty)
    }

    @Test("a kept link shows connected again and sends what waited")
    func kept() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(1_500) {
            #expect(harness.link.isTransportConnected)
            harness.pc.raise(.iceCandidate(ICECandidate(candidate: "candidate:2", usernameFragment: "l1-1")))
        }
        harness.at(2_000) { harness.link.signallingReady() }
        harness.run(until: 2_100)
        #expect(harness.factory.made.count == 1)
        #expect(harness.states.suffix(2) == ["1000 connected > reconnecting", "2000 reconnecting > connected"])
        #expect(harness.sent.last?.at == 2_000)
    }

    @Test("a kept link sends an offer that stands again")
    func keptOffer() {
        let harness = LinkHarness()
        harness.startWithTrack()
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(2_000) { harness.link.signallingReady() }
        harness.run(until: 2_100)
        #expect(harness.descriptions == ["0 offer l1-1", "2000 offer l1-1"])
    }

    @Test("no offer is made while signalling is down")
    func noOffer() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.signallingLost() }
        harness.at(1_100) { harness.link.addTrack(LocalTrack(track: FakeTrack("cam", .video), streamIDs: ["s"])) }
        harness.run(until: 100_000)
        #expect(harness.descriptions == ["0 offer l1-1"])
    }

    @Test("close ends everything: the channels, the connection, the timers, and nothing is told after closed")
    func close() {
        let harness = LinkHarness()
        harness.connect()
        var channel: DataChannel?
        harness.at(400) { channel = try? harness.link.createDataChannel(label: "chat", configuration: DataChannelConfiguration()) }
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(1_500) {
            harness.link.close()
            harness.link.close()
            harness.answer("r-2")
            harness.link.signallingLost()
            harness.link.swap()
        }
        harness.run(until: 500_000)
        #expect(harness.states.last == "1500 reconnecting > closed")
        #expect(harness.events.last?.at == 1_500)
        #expect(harness.diagnostics.last?.at == 1_500)
        #expect(harness.pc.isClosed)
        #expect(channel?.state == .closed)
        #expect(harness.factory.made.count == 1)
    }

    @Test("after close, data channels and statistics are refused")
    func afterClose() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) {
            harness.link.statistics { #expect($0?.bytesSent == 7) }
            harness.link.close()
            #expect(throws: DataChannelError.noConnection) {
                try harness.link.createDataChannel(label: "x", configuration: DataChannelConfiguration())
            }
            harness.link.statistics { #expect($0 == nil) }
        }
        harness.run(until: 1_100)
    }

    @Test("a factory that fails is an error, and the next offer or swap tries again")
    func factoryFails() {
        let harness = LinkHarness()
        harness.factory.failure = FakeError()
        harness.startWithTrack()
        harness.at(1_000) { harness.offer("r-1") }
        harness.at(4_000) {
            harness.factory.failure = nil
            harness.offer("r-2")
        }
        harness.run(until: 4_100)
        #expect(harness.errors == Array(repeating: .connectionNotMade(RedactedError(FakeError())), count: 2))
        #expect(harness.descriptions == ["4000 answer l1-1"])
    }

    @Test("events of a connection are passed on")
    func passedOn() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) {
            let track = FakeTrack("theirs")
            harness.pc.raise(.track(track, streamIDs: ["s"]))
            harness.pc.raise(.trackRemoved(track, streamIDs: ["s"]))
            harness.pc.raise(.iceCandidateError(ICECandidateError(url: "turn:one", errorCode: 701, errorText: "")))
            harness.pc.raise(.dataChannel(FakeDataChannel(label: "theirs")))
            harness.link.receive(.trackMetadata(TrackMetadata(trackID: "t", metadata: nil)))
        }
        harness.run(until: 1_100)
        #expect(
            harness.eventTexts.dropFirst() == [
                "track theirs [\"s\"]", "track removed theirs", "candidate failed", "channel theirs", "metadata t",
            ])
        #expect(harness.offeredChannels.first?.label == "theirs")
    }

    @Test("no diagnostic shows a credential")
    func redaction() {
        let harness = LinkHarness()
        harness.iceServers = [ICEServer(urls: ["turn:one"], username: "user-secret", credential: "turn-secret")]
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.run(until: 5_000)
        #expect(!"\(harness.diagnostics)".contains("secret"))
    }
}
