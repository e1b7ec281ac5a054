import DeterministicRuntime
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("The public face of a peer")
struct MeteredPeerTests {
    @Test("unusable options, URLs and credentials are refused")
    func construction() throws {
        let world = try PeerWorld()
        var options = PeerOptions()
        options.maximumRemotePeers = 0
        let connector = world.peer.core.value.signalling.connector
        #expect(throws: SignallingError.self) {
            try MeteredPeer(credential: .publishableKey("pk"), options: options, connector: connector, peerConnections: world.connections)
        }
        #expect(throws: SignallingError.invalidCredential) {
            try MeteredPeer(credential: .publishableKey(""), connector: connector, peerConnections: world.connections)
        }
        #expect(throws: SignallingError.self) {
            try MeteredPeer(url: "http://x", credential: .publishableKey("pk"), connector: connector, peerConnections: world.connections)
        }
    }

    @Test("nothing that is told carries the credential (SIG-17)")
    func noCredential() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2")] }
        world.join()
        world.serve(at: 1_000) { $0.send(close: 4001, reason: "bad ?key=pk_secret") }
        world.run(until: 2_000)
        #expect(!world.log.lines.isEmpty)
        #expect(!world.log.lines.joined().contains("pk_secret"))
        #expect(!world.log.diagnostics.map { "\($0)" }.joined().contains("pk_secret"))
    }
}

extension MeteredPeerTests {
    @Test("a whole life with async calls and a stream of events")
    func life() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2")] }
        let peer = world.peer!
        let stream = peer.events()
        let lines = try world.simulation.run {
            try await peer.addStream(MediaStream(id: "s", tracks: [TestTrack("camera")]))
            try await peer.join("room")
            var lines: [String] = []
            for await event in stream {
                switch event {
                case .stateChanged(_, let to): lines.append("\(to)")
                case .joined(let peerID, let channel): lines.append("joined \(peerID) \(channel)")
                case .peerJoined(let remote):
                    lines.append("+\(remote.id)")
                    try await remote.send("hi")
                    try await peer.send("all")
                    try await peer.send("one", to: "p9")
                    Task { await peer.close(reason: "done") }
                case .peerLeft(let remote): lines.append("-\(remote.id) \(remote.state)")
                case .left(_, _, let reason): lines.append("left \(reason ?? "-")")
                case .data, .error: lines.append("unexpected")
                }
            }
            return lines
        }
        #expect(
            lines == ["joining", "joined", "joined m room", "+p2", "leaving", "-p2 closed", "closed", "left done"], "and the stream ended")
    }

    @Test("a remote peer that left fails its calls, and its events end")
    func remoteLeft() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2")] }
        let peer = world.peer!
        world.presence(left: ["p2"], at: 1_000)
        let result = try world.simulation.run { () async throws -> (MeteredPeerError?, [RemotePeerState]) in
            try await peer.join("room")
            let remote = try #require(peer.remotePeers.first ?? nil)
            var states: [RemotePeerState] = []
            for await event in remote.events() { if case .stateChanged(_, let to) = event { states.append(to) } }
            do throws(MeteredPeerError) {
                try await remote.send("x")
                return (nil, states)
            } catch { return (error, states) }
        }
        #expect(result.0 == .remotePeerClosed(peerID: "p2"))
        #expect(result.1.last == .closed)
    }
}
