import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("A link recovers (ICE-01...07, BEY-13...17, SIG-19)")
struct RecoveringTests {
    private let wholeLadder = [
        "1000 started failed", "1000 rung 1", "2000 rung 2", "4000 rung 3", "8000 rung 4", "16000 rung 5", "32000 rung 6", "62000 rung 7",
        "92000 rung 8", "122000 rung 9", "137000 gave up 9",
    ]

    @Test("a failed link makes nine fresh offers on the same connection and gives up exactly once")
    func whole() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.run(until: 600_000)
        #expect(harness.ladder == wholeLadder)
        #expect(harness.errors == [.recoveryGaveUp(attempts: 9)])
        #expect(harness.descriptions.dropFirst().map { $0.split(separator: " ")[2] } == (2...10).map { "l1-\($0)" })
        #expect(harness.factory.made.count == 1)
        #expect(harness.states.last == "1000 connected > reconnecting")
    }

    @Test("each rung hands the newest ICE servers over and restarts ICE before its offer")
    func rung() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) {
            harness.iceServers = [ICEServer(urls: ["turn:two"])]
            harness.pc.set(.failed)
        }
        harness.run(until: 1_001)
        #expect(harness.pc.configurations.last?.iceServers == [ICEServer(urls: ["turn:two"])])
        #expect(harness.pc.restarts == 1)
        #expect(harness.outcomes(ofRung: 1) == [.offerSent])
    }

    @Test("an answered rung that connects suspends the ladder, and 5 s later it is over")
    func recovers() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(2_100) {
            harness.answer("r-2")
            harness.answer("r-3")
        }
        harness.at(2_200) { harness.pc.set(.connecting) }
        harness.at(2_300) { harness.pc.set(.connected) }
        harness.run(until: 60_000)
        #expect(harness.ladder == ["1000 started failed", "1000 rung 1", "2000 rung 2", "2300 suspended", "7300 reset"])
        #expect(harness.outcomes(ofRung: 1) == [.offerSent, .superseded])
        #expect(harness.outcomes(ofRung: 2) == [.offerSent, .answered, .connected])
        #expect(harness.states.suffix(2) == ["1000 connected > reconnecting", "2300 reconnecting > connected"])
    }

    @Test("a failure within 5 s goes on with the next rung after its delay")
    func flap() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(2_500) { harness.pc.set(.connected) }
        harness.at(5_000) { harness.pc.set(.failed) }
        harness.run(until: 7_000)
        #expect(harness.ladder.suffix(2) == ["5000 resumed failed", "7000 rung 3"])
    }

    @Test("20 s in connecting or disconnected start it", arguments: [PeerConnectionState.connecting, .disconnected])
    func stuck(state: PeerConnectionState) {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(state) }
        harness.run(until: 21_500)
        #expect(harness.ladder == ["21000 started stuck", "21000 rung 1"])
    }

    @Test("20 s in new after the first answer start it: neither side has found a candidate")
    func stuckInNew() {
        let harness = LinkHarness()
        harness.startWithTrack()
        harness.at(100) { harness.answer("r-1") }
        harness.run(until: 20_500)
        #expect(harness.ladder == ["20100 started stuck", "20100 rung 1"])
    }

    @Test("20 s in new after our own answer start it")
    func stuckAnswering() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(100) { harness.offer("r-1") }
        harness.run(until: 20_500)
        #expect(harness.ladder == ["20100 started stuck", "20100 rung 1"])
    }

    @Test("checking after an answer does not start the 20 s anew")
    func stuckInBoth() {
        let harness = LinkHarness()
        harness.startWithTrack()
        harness.at(100) { harness.answer("r-1") }
        harness.at(5_000) { harness.pc.set(.connecting) }
        harness.run(until: 20_500)
        #expect(harness.ladder.first == "20100 started stuck")
    }

    @Test("a link with nothing to negotiate stays in new for ever")
    func nothingToNegotiate() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.run(until: 100_000)
        #expect(harness.ladder.isEmpty)
    }

    @Test("rungs that come while signalling is down are skipped without an error, and a swap ends the ladder")
    func skipped() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(1_500) { harness.link.signallingLost() }
        harness.at(9_000) { harness.link.swap() }
        harness.run(until: 9_100)
        #expect(
            harness.ladder == [
                "1000 started failed", "1000 rung 1", "2000 skipped 2", "4000 skipped 3", "8000 skipped 4", "9000 abandoned",
            ])
        #expect(harness.errors.isEmpty)
        #expect(harness.descriptions.last == "9000 offer l2-1")
    }

    @Test("rungs go on in their places when signalling is back and the link was kept")
    func kept() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(1_500) { harness.link.signallingLost() }
        harness.at(5_000) { harness.link.signallingReady() }
        harness.run(until: 8_000)
        #expect(harness.ladder.suffix(3) == ["2000 skipped 2", "4000 skipped 3", "8000 rung 4"])
    }

    @Test("a give-up that falls due without signalling is reported when it is back")
    func postponedGiveUp() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(130_000) { harness.link.signallingLost() }
        harness.at(150_000) { harness.link.signallingReady() }
        harness.run(until: 149_999)
        #expect(harness.errors.isEmpty)
        harness.run(until: 150_000)
        #expect(harness.errors == [.recoveryGaveUp(attempts: 9)])
    }

    @Test("a link with only a data channel recovers in place")
    func dataChannelOnly() throws {
        let harness = LinkHarness()
        harness.at(0) {
            harness.link.start()
            #expect(throws: Never.self) { try harness.link.createDataChannel(label: "chat", configuration: DataChannelConfiguration()) }
        }
        harness.at(100) { harness.receive(.answer, "r-1", sections: ["application"]) }
        harness.at(200) { harness.pc.set(.connected) }
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(1_100) { harness.receive(.answer, "r-2", sections: ["application"]) }
        harness.at(1_200) { harness.pc.set(.connected) }
        harness.run(until: 10_000)
        #expect(harness.descriptions == ["0 offer l1-1", "1000 offer l1-2"])
        #expect(harness.states.last == "1200 reconnecting > connected")
    }

    @Test("a polite rung yields to the other side's offer")
    func yields() {
        let harness = LinkHarness(isPolite: true)
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(1_100) { harness.offer("r-2") }
        harness.run(until: 1_200)
        #expect(harness.outcomes(ofRung: 1) == [.offerSent, .yielded])
        #expect(harness.descriptions.last == "1100 answer l1-3")
    }

    @Test("unanswered offers are not repeated while the ladder makes new ones")
    func noRepeatsOnTheLadder() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.run(until: 61_999)
        #expect(harness.descriptions.count == 1 + 6)
    }

    @Test("a lost path restarts ICE at once, outside the ladder; a failure afterwards starts it at its first rung")
    func pathChanged() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.pc.set(.failed) }
        harness.at(5_000) { harness.link.restartICE() }
        harness.at(5_100) { for fragment in ["r-2", "r-3", "r-4", "r-5"] { harness.answer(fragment) } }
        harness.at(5_150) { harness.pc.set(.connecting) }
        harness.at(9_000) { harness.pc.set(.failed) }
        harness.run(until: 9_010)
        #expect(harness.ladder.suffix(3) == ["5000 abandoned", "9000 started failed", "9000 rung 1"])
        #expect(harness.diagnostics.contains { $0.at == 5_000 && $0.diagnostic == .iceRestart(.pathChanged) })
        #expect(harness.descriptions.contains("5000 offer l1-5"))
    }

    @Test("a lost path does nothing to a link that was never negotiated")
    func pathChangedIdle() {
        let harness = LinkHarness()
        harness.at(0) { harness.link.start() }
        harness.at(1_000) { harness.link.restartICE() }
        harness.run(until: 5_000)
        #expect(harness.sent.isEmpty)
    }

    @Test("an answer on a link that stayed connected ends the ladder which an unanswered offer began")
    func connectedAllTheWhile() {
        let harness = LinkHarness()
        harness.connect()
        harness.at(1_000) { harness.link.addTrack(LocalTrack(track: FakeTrack("cam", .video), streamIDs: ["s"])) }
        harness.at(41_100) { harness.receive(.answer, "r-2", sections: ["audio", "video"]) }
        harness.run(until: 41_099)
        #expect(harness.ladder == ["41000 started unanswered-offer", "41000 rung 1"])
        harness.run(until: 60_000)
        #expect(harness.ladder.last == "46600 reset")
        #expect(harness.errors.isEmpty)
    }
}
