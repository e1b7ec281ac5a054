import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("What diagnostics never tell (SIG-17)")
struct DiagnosticSecrecyTests {
    /// Everything that can hold a credential does: each one contains `secret`.
    private func world() throws -> PeerWorld {
        let turn: JSONValue = ["iceServers": [["urls": "turn:t.example", "username": "u", "credential": "secret-turn"]]]
        let world = try PeerWorld()
        world.welcome = { _ in ["metadata": turn] }
        world.snapshot = { _, _ in [["peerId": "p2", "metadata": ["credential": "secret-member"]]] }
        world.at(10) { core in _ = core.addTrack(TestTrack("camera"), to: MediaStream(id: "s"), metadata: ["credential": "secret-track"]) }
        world.join()
        let sdp: JSONValue = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret-pwd\r\n"
        world.direct(["type": "rtc-description", "description": ["type": "offer", "sdp": sdp]], from: "p2", at: 500)
        world.direct(["type": "rtc-description", "description": ["type": "offer", "sdp": sdp]], from: "stranger", at: 510)
        world.direct(["type": "rtc-ice", "candidate": ["candidate": "candidate:1 ice-pwd:secret-candidate"]], from: "p2", at: 520)
        world.direct(["credential": "secret-data"], from: "p2", at: 530)
        world.serve(at: 540) {
            $0.send(["type": "message", "channel": "room", "from": "p2", "data": ["x": "?token=secret-message"], "fromMetadata": turn])
            $0.send(["type": "error", "code": "odd", "message": "wss://x/v1?key=secret-error"])
            $0.send(["type": "odd token=secret-type"])
        }
        world.at(550) { core in core.send(["credential": "secret-sent"]) { _ in } }
        world.drop(at: 1_000)
        world.at(5_000) { core in core.close(reason: "token=secret-reason") {} }
        world.run(until: 6_000)
        return world
    }

    @Test("no diagnostic shows a credential, printed or dumped")
    func nothing() throws {
        let diagnostics = try world().log.diagnostics
        for diagnostic in diagnostics {
            var dumped = ""
            dump(diagnostic, to: &dumped)
            #expect(!"\(diagnostic) \(String(reflecting: diagnostic)) \(dumped)".contains("secret"))
        }
    }

    @Test("the diagnostics are told of everything that held one")
    func complete() throws {
        let events = try world().log.diagnostics.compactMap { diagnostic -> String? in
            guard case .signalling(.event(let event)) = diagnostic else { return nil }
            switch event {
            case .connected: return "connected"
            case .presence: return "presence"
            case .message: return "message"
            case .direct: return "direct"
            case .serverError: return "error"
            case .stateChanged, .disconnected, .goingAway, .tokenProviderFailed, .subscriptionReplayFailed, .upgradeRejected: return nil
            }
        }
        #expect(Set(events) == ["connected", "presence", "message", "direct", "error"])
    }

    @Test("the application gets what the diagnostics do not show")
    func application() throws {
        let world = try world()
        #expect(world.peer.core.value.signalling.iceServers?.first?.credential == "secret-turn")
    }
}
