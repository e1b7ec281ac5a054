import MeteredRealtime
import NIOCore
import Testing

@testable import WebRTCModel

@Suite("A peer connection over a wire") struct ConnectingTests {
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
                "signaling have-remote-offer", "gathering gathering", "signaling stable", "gathering complete", "ice checking",
                "connection connecting", "ice connected", "connection connected",
            ])
    }
}
