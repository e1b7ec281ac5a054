import NetworkModel
import Testing

@testable import WebRTCModel

/// The ICE agent against PyPI's aioice, on real UDP sockets.
@Suite(
    "ICE with aioice", .serialized, .timeLimit(.minutes(1)),
    .enabled(if: AioicePeer.python != nil, "FAULTLINE_PYTHON does not name a Python that has aioice; .ci/test installs one"))
struct AioiceTests {
    private static let profiles = WebRTCProfile.all.map(\.name)

    @Test("connects as the controlling agent and carries data", arguments: profiles)
    func controlling(profile: String) async throws { try await connect(profile, isControlling: true) }

    @Test("connects as the controlled agent and carries data", arguments: profiles)
    func controlled(profile: String) async throws { try await connect(profile, isControlling: false) }

    @Test("a role conflict ends with one controlling agent", arguments: [true, false])
    func conflict(bothControl: Bool) async throws {
        let peer = try AioicePeer(isControlling: bothControl)
        let agent = try await RealAgent.start(profile: .libwebrtc, isControlling: bothControl)
        try await agent.connect(to: peer)
        #expect(peer.outcome() == "connected")
        try await agent.close()
    }

    private func connect(_ name: String, isControlling: Bool) async throws {
        let profile = try #require(WebRTCProfile.named(name))
        let peer = try AioicePeer(isControlling: !isControlling)
        let agent = try await RealAgent.start(profile: profile, isControlling: isControlling)
        try await agent.connect(to: peer)
        #expect(peer.outcome() == "connected")
        try await agent.send("hello", until: "echo:hello")
        #expect(try await agent.selectedPair()?.remote.address == peer.candidates.first?.address)
        try await agent.close()
    }
}

/// The same through coturn.
@Suite(
    "ICE with aioice through coturn", .serialized, .timeLimit(.minutes(1)),
    .enabled(if: AioicePeer.python != nil, "FAULTLINE_PYTHON does not name a Python that has aioice; .ci/test installs one"),
    .enabled(if: CoturnServer.path != nil, "FAULTLINE_TURNSERVER does not name a coturn binary; .ci/test installs one"))
struct AioiceThroughCoturnTests {
    @Test("connects between relayed candidates only, and carries data", arguments: ["libwebrtc", "pion", "aioice"], [true, false])
    func relayed(profile name: String, isControlling: Bool) async throws {
        let profile = try #require(WebRTCProfile.named(name))
        let probe = try await LoopbackSocket.udp()
        await probe.close()
        let server = try CoturnServer(port: probe.local.port, ["--lt-cred-mech", "--user", "ann:secret"])
        let peer = try AioicePeer(isControlling: !isControlling, turnPort: server.port, user: "ann", password: "secret")
        let agent = try await RealAgent.start(
            profile: profile, isControlling: isControlling, turnPort: server.port, user: "ann", password: "secret")
        try await agent.connect(to: peer)
        #expect(peer.outcome() == "connected")
        let pair = try #require(try await agent.selectedPair())
        #expect(pair.local.kind == .relayed && pair.remote.kind == .relayed)
        try await agent.send("hello", until: "echo:hello")
        try await agent.close()
    }
}
