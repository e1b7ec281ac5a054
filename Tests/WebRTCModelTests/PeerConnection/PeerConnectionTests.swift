import MeteredRealtime
import NIOCore
import Testing

@testable import WebRTCModel

@Suite("A peer connection over a wire") struct PeerConnectionTests {
    @Test("two connections connect and exchange messages and frames")
    func connects() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "camera", kind: .video), streamIDs: ["s"])
        let channel = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        var received: [DataChannelMessage] = []
        pair.b.onChannel = { $0.onEvent = { if case .message(let message) = $0 { received.append(message) } } }
        channel.onEvent = { if case .open = $0 { try? channel.send(.text("hello")) } }
        try pair.connect()
        #expect(pair.a.connection.connectionState == .connected)
        #expect(pair.b.connection.connectionState == .connected)
        #expect(pair.b.channels.map(\.label) == ["chat"])
        #expect(received == [.text("hello")])
        #expect(pair.b.tracks.map(\.id) == ["camera"])
        #expect((10...21).contains(pair.b.tracks[0].framesReceived))
        #expect(pair.b.events.contains(.dtls(phase: "connected")))
        #expect(pair.b.events.contains(.sctp(phase: "connected")))
    }

    @Test("the states change in the order of webrtc-pc")
    func order() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        pair.settle()
        try pair.connect()
        #expect(
            pair.a.log == [
                "negotiationneeded", "signaling have-local-offer", "gathering gathering", "gathering complete", "signaling stable",
                "ice checking", "connection connecting", "ice connected", "connection connected",
            ])
        #expect(
            pair.b.log == [
                "signaling have-remote-offer", "signaling stable", "gathering gathering", "gathering complete", "ice checking",
                "connection connecting", "ice connected", "connection connected",
            ])
    }
}

@Suite("The end of a peer connection") struct ClosingTests {
    private func connected(_ profile: WebRTCProfile) throws -> ConnectionPair {
        let pair = ConnectionPair(profile: profile)
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        try pair.connect()
        return pair
    }

    @Test("close() raises no event here, and every state is closed")
    func closes() throws {
        let pair = try connected(.libwebrtc)
        let events = pair.a.log.count
        pair.a.connection.close()
        pair.run(.seconds(5))
        #expect(pair.a.log.count == events)
        #expect(pair.a.connection.signalingState == .closed && pair.a.connection.iceConnectionState == .closed)
        #expect(pair.a.connection.connectionState == .closed)
    }

    @Test("operations that were under way complete with an error, later ones too")
    func pendingOperations() throws {
        let pair = try connected(.libwebrtc)
        var failures = 0
        let count: (Result<SessionDescription, any Error>) -> Void = { if case .failure = $0 { failures += 1 } }
        pair.a.connection.createOffer(count)
        pair.a.connection.createOffer(count)
        pair.a.connection.close()
        pair.a.connection.createOffer(count)
        pair.settle()
        #expect(failures == 3)
    }

    @Test("aiortc and pion close with the remote peer's close_notify", arguments: [WebRTCProfile.aioice, .pion])
    func closesWithRemote(profile: WebRTCProfile) throws {
        let pair = try connected(profile)
        pair.a.connection.close()
        pair.run(.milliseconds(100))
        #expect(pair.b.connection.connectionState == .closed)
        #expect(pair.b.log.suffix(2) == ["ice closed", "connection closed"])
    }

    @Test(
        "libwebrtc and the others only close DTLS: the connection ends when ICE finds out", arguments: [WebRTCProfile.libwebrtc, .firefox])
    func outlivesRemote(profile: WebRTCProfile) throws {
        let pair = try connected(profile)
        pair.a.connection.close()
        pair.run(.milliseconds(100))
        #expect(pair.b.connection.connectionState == .connected)
        #expect(pair.b.events.contains(.dtls(phase: "closed")))
        pair.b.ice.change(.disconnected)
        #expect(pair.b.connection.connectionState == .disconnected)
    }

    @Test("a connection that does not trickle completes setLocalDescription with all candidates in it")
    func withoutTrickle() throws {
        let pair = ConnectionPair(profile: .aioice)
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        pair.a.ice.holdsGathering = true
        var isDone = false
        pair.a.connection.setLocalDescription(nil) { _ in isDone = true }
        pair.run(.milliseconds(100))
        #expect(!isDone)
        pair.a.ice.finishGathering()
        #expect(isDone)
        let session = try sampleSession(pair.a.connection.localDescription)
        #expect(session.sections[0].candidates.count == 1 && session.sections[0].isEndOfCandidates)
        #expect(pair.a.candidates.isEmpty)
    }

    @Test("a handshake over a line that loses connects the connection later", arguments: 1...5)
    func lossyHandshake(lost: Int) throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        var count = 0
        pair.wire.loses = { _, _ in
            count += 1
            return count == lost
        }
        try pair.connect()
        pair.run(.seconds(3))
        #expect(pair.a.connection.connectionState == .connected && pair.b.connection.connectionState == .connected)
        #expect(pair.b.channels.count == 1)
    }
}
