import MeteredRealtime
import NIOCore
import Testing

@testable import WebRTCModel

@Suite("ICE restart") struct RestartTests {
    private func connected(_ profile: WebRTCProfile = .libwebrtc) throws -> ConnectionPair {
        let pair = ConnectionPair(profile: profile)
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        pair.settle()
        try pair.connect()
        return pair
    }

    private func fragment(_ end: ConnectionEnd) throws -> String? {
        try sampleSession(end.connection.localDescription).transport?.usernameFragment
    }

    @Test("both ends have fresh credentials after it, and DTLS and the channel go on")
    func restarts() throws {
        let pair = try connected()
        let before = (try fragment(pair.a), try fragment(pair.b))
        pair.a.connection.restartICE()
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 2)
        try pair.connect()
        #expect(try fragment(pair.a) != before.0 && fragment(pair.b) != before.1)
        #expect(pair.a.events.filter { $0 == .dtls(phase: "started") }.count == 1)
        #expect(pair.b.channels[0].state == .open)
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 2)
    }

    @Test("it survives the rollback of its offer: the next offer has fresh credentials too")
    func survivesRollback() throws {
        let pair = try connected()
        let before = try fragment(pair.a)
        pair.a.connection.restartICE()
        try pair.setLocal(pair.a)
        #expect(try fragment(pair.a) != before)
        try pair.setLocal(pair.a, SessionDescription(kind: .rollback, sdp: ""))
        #expect(try fragment(pair.a) == before)
        #expect(pair.a.ice.localParameters.usernameFragment == before)
        pair.settle()
        #expect(pair.a.log.last == "negotiationneeded")
        try pair.negotiate(from: pair.a, to: pair.b)
        #expect(try fragment(pair.a) != before)
    }

    @Test("it survives glare with an offer that does not restart")
    func survivesGlare() throws {
        let pair = try connected()
        let before = try fragment(pair.a)
        pair.a.connection.restartICE()
        try pair.setLocal(pair.a)
        _ = try pair.b.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        try pair.setLocal(pair.a)
        #expect(try fragment(pair.a) == before)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        pair.settle()
        #expect(pair.a.log.last == "negotiationneeded")
        try pair.negotiate(from: pair.a, to: pair.b)
        #expect(try fragment(pair.a) != before)
        pair.settle()
        #expect(pair.a.connection.negotiationNeeded.isNeeded == false)
    }

    @Test("an answer to the peer's restart does for ours")
    func answeredRestart() throws {
        let pair = try connected()
        pair.a.connection.restartICE()
        pair.b.connection.restartICE()
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        try pair.setLocal(pair.a)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        pair.settle()
        #expect(pair.a.connection.negotiationNeeded.isNeeded == false)
    }

    @Test("a library without ICE restart ignores it, and the peer's")
    func unsupported() throws {
        let pair = ConnectionPair(profile: .aioice, otherProfile: .libwebrtc)
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        pair.settle()
        try pair.connect()
        let before = try fragment(pair.a)
        pair.a.connection.restartICE()
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 1)
        pair.b.connection.restartICE()
        try pair.negotiate(from: pair.b, to: pair.a)
        #expect(try fragment(pair.a) == before)
    }

    @Test("other servers make the next offer of libwebrtc a restart, and of others not", arguments: [WebRTCProfile.libwebrtc, .pion])
    func newServers(profile: WebRTCProfile) throws {
        let pair = try connected(profile)
        let before = try fragment(pair.a)
        try pair.a.connection.setConfiguration(PeerConnectionConfiguration(iceTransportPolicy: .relay))
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 1)
        try pair.negotiate(from: pair.a, to: pair.b)
        #expect(try (fragment(pair.a) != before) == profile.connection.restartsForNewServers)
    }

    @Test("a candidate of a generation that no description has fails")
    func staleCandidate() throws {
        let pair = try connected()
        let stale = try #require(pair.b.candidates.first ?? nil)
        pair.b.connection.restartICE()
        try pair.negotiate(from: pair.b, to: pair.a)
        #expect(throws: SimulatedPeerConnectionError.invalidCandidate) {
            try pair.result { pair.a.connection.addICECandidate(stale, $0) }
        }
    }

    @Test("a candidate that comes between a restart's offer and its answer is used after the answer")
    func earlyCandidate() throws {
        let pair = try connected()
        pair.b.connection.restartICE()
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        let known = pair.a.ice.remoteCandidates.count
        pair.run(.milliseconds(50))
        #expect(pair.a.ice.remoteCandidates.count == known)
        try pair.setLocal(pair.a)
        #expect(pair.a.ice.remoteCandidates.count > known)
    }

    @Test("the rollback of the first offer of all forgets its credentials and candidates")
    func rollbackOfFirstOffer() throws {
        let pair = ConnectionPair()
        _ = try pair.b.connection.createDataChannel(label: "chat", configuration: .init())
        try pair.setLocal(pair.b)
        pair.run(.milliseconds(50))
        let before = try fragment(pair.b)
        _ = try pair.a.connection.createDataChannel(label: "other", configuration: .init())
        try pair.setLocal(pair.a)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        try pair.setLocal(pair.b)
        #expect(try fragment(pair.b) != before)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        pair.run(.seconds(2))
        #expect(pair.a.connection.connectionState == .connected)
        #expect(pair.b.candidates.compactMap { $0?.usernameFragment }.last == pair.b.connection.transport.local.usernameFragment)
    }
}
