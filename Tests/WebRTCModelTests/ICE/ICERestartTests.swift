import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("ICE: restart and switching") struct ICERestartTests {
    private func connected(_ profile: WebRTCProfile, candidates: Int = 1) -> TwoAgents {
        let agents = TwoAgents(profile)
        agents.connect(candidates: candidates)
        agents.run(for: .seconds(10))
        return agents
    }

    private func restart(_ agents: TwoAgents) {
        agents.left.start(candidates: 1)
        agents.left.tellPeer()
        agents.right.start(candidates: 1)
        agents.right.tellPeer()
    }

    @Test(
        "a restart keeps the old pair until the new one works, and then ends the old generation",
        arguments: ["libwebrtc", "libnice", "firefox"])
    func makeBeforeBreak(name: String) throws {
        let agents = connected(try #require(WebRTCProfile.named(name)))
        let start = agents.simulation.now
        let old = agents.left.agent.route?.transport
        // The new generation cannot connect for a second.
        agents.isLost = { _, _, source, destination in source.port == 50_002 || destination.port == 50_002 }
        restart(agents)
        agents.run(for: .seconds(1))
        #expect(agents.left.agent.route?.transport == old)
        agents.left.send("meanwhile")
        agents.run(for: .milliseconds(50))
        #expect(agents.right.data == ["meanwhile"])
        agents.isLost = { _, _, _, _ in false }
        // libwebrtc's controlled side follows the data.
        for _ in 0..<160 {
            agents.left.send("data")
            agents.run(for: .milliseconds(500))
        }
        #expect(agents.left.agent.route?.transport == 2 && agents.right.agent.route?.transport == 2)
        #expect(agents.agrees)
        #expect(agents.left.states.allSatisfy { $0.time < start }, "the state never changed")
        #expect(
            agents.left.actions.contains {
                if case .generationEnded(1) = $0 { return true }
                return false
            })
    }

    @Test("pion's restart breaks before it makes")
    func breakBeforeMake() {
        let agents = connected(.pion)
        agents.left.start(candidates: 1)
        #expect(agents.left.agent.route == nil && agents.left.agent.state == .checking)
        agents.left.tellPeer()
        agents.right.start(candidates: 1)
        agents.right.tellPeer()
        #expect(agents.runUntil(.seconds(5)) { agents.isConnected && agents.agrees } != nil)
    }

    @Test("a restart revives a failed transport", arguments: ["libwebrtc", "pion", "libnice", "firefox"])
    func afterFailure(name: String) throws {
        let agents = connected(try #require(WebRTCProfile.named(name)))
        agents.isLost = { _, _, _, _ in true }
        agents.run(for: .seconds(45))
        #expect(agents.left.agent.state == .failed && agents.right.agent.state == .failed)
        agents.isLost = { _, _, _, _ in false }
        restart(agents)
        #expect(agents.runUntil(.seconds(5)) { agents.isConnected && agents.agrees } != nil)
    }

    @Test("aioice does not restart")
    func unsupported() {
        let agents = connected(.aioice)
        let generation = agents.left.agent.generation
        agents.left.perform { $0.startGeneration(agents.right.parameters[0], now: agents.simulation.now) }
        #expect(agents.left.agent.generation == generation && agents.isConnected)
    }

    @Test("libwebrtc switches to a second network 2.5 s and 1 s after the last packet of the first")
    func switching() throws {
        let agents = TwoAgents()
        for end in [agents.left, agents.right] { end.start(candidates: 1) }
        agents.left.addSocket(interface: "wlan0", interfaceKind: .wifi)
        for end in [agents.left, agents.right] { end.tellPeer() }
        agents.run(for: .seconds(20))
        #expect(agents.left.agent.route?.transport == 1, "the cable costs less")
        let start = agents.simulation.now
        let dead = try #require(agents.left.address(of: 1))
        agents.isLost = { _, _, source, destination in source == dead || destination == dead }
        let time = try #require(agents.runUntil(.seconds(10)) { agents.left.agent.route?.transport == 2 && agents.agrees })
        #expect((.milliseconds(1_000) ... .milliseconds(7_000)).contains(time))
        #expect(agents.left.time(of: .disconnected, after: start) == nil)
    }

    @Test("a candidate of an old generation is ignored")
    func oldCandidates() {
        let agents = connected(.libwebrtc)
        let old = agents.right.parameters[0].usernameFragment
        restart(agents)
        let before = agents.left.agent.numberOfPairs
        let late = CandidateAttribute(
            foundation: "1", priority: 1, address: TransportAddress(.v4(0x0B00_0001), 5), kind: .host, usernameFragment: old)
        agents.left.perform { $0.addRemote(late, now: agents.simulation.now) }
        #expect(agents.left.agent.numberOfPairs == before)
    }

    @Test("an ICE-lite peer is nominated explicitly, and never checks")
    func lite() throws {
        for profile in WebRTCProfile.all {
            let agents = TwoAgents(profile)
            agents.left.start(candidates: 1)
            agents.right.start(candidates: 1)
            var parameters = agents.right.parameters[0]
            parameters.isLite = true
            let address = try #require(agents.right.address(of: 1))
            agents.left.perform { $0.setRemote(parameters, now: agents.simulation.now) }
            agents.left.perform {
                $0.addRemote(CandidateAttribute(foundation: "1", priority: 9, address: address, kind: .host), now: agents.simulation.now)
            }
            agents.left.perform { $0.endOfRemoteCandidates(now: agents.simulation.now) }
            // The right answers only: it never learns the left's parameters.
            #expect(agents.runUntil(.seconds(5)) { agents.left.agent.route != nil } != nil, "\(profile.name)")
            #expect(agents.right.checks.isEmpty)
            agents.run(for: .seconds(5))
            #expect(agents.right.agent.pairs.contains { $0.isNominatedByPeer }, "\(profile.name)")
        }
    }
}
