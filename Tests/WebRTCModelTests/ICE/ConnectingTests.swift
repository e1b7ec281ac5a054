import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("ICE: connecting") struct ICEConnectingTests {
    @Test("two agents of any two profiles connect, agree on a pair and carry data", arguments: WebRTCProfile.all.map(\.name))
    func pairsOfProfiles(name: String) throws {
        for other in WebRTCProfile.all {
            let agents = TwoAgents(try #require(WebRTCProfile.named(name)), and: other)
            agents.connect(candidates: 2)
            #expect(agents.runUntil(.seconds(10)) { agents.isConnected && agents.agrees } != nil, "\(name) with \(other.name)")
            agents.left.send("hello")
            agents.right.send("welcome")
            agents.run(for: .milliseconds(50))
            #expect(agents.right.data == ["hello"] && agents.left.data == ["welcome"], "\(name) with \(other.name)")
        }
    }

    @Test("a candidate that the peer does not know becomes peer-reflexive, and its own once it is told")
    func peerReflexive() throws {
        let agents = TwoAgents()
        agents.left.start(candidates: 1)
        agents.right.start(candidates: 1)
        // The left knows the right, not the other way round: the right learns from the left's checks.
        agents.right.tellPeer()
        let parameters = try #require(agents.left.parameters.last)
        agents.right.perform { $0.setRemote(parameters, now: agents.simulation.now) }
        agents.run(for: .seconds(1))
        #expect(agents.isConnected)
        #expect(agents.right.agent.selectedPair?.remote.kind == .peerReflexive)
        agents.left.tellPeer()
        #expect(agents.right.agent.selectedPair?.remote.kind == .host)
    }

    @Test("checks that come before the answer are answered, and the pair is checked once the parameters are known")
    func earlyChecks() throws {
        let agents = TwoAgents()
        agents.left.start(candidates: 1)
        agents.right.start(candidates: 1)
        agents.right.tellPeer()
        agents.run(for: .seconds(1))
        #expect(agents.right.agent.numberOfPairs == 1 && agents.right.checks.isEmpty)
        #expect(agents.left.agent.state == .connected)
        agents.left.tellPeer()
        #expect(agents.runUntil(.seconds(1)) { agents.isConnected } != nil)
    }

    @Test("an address that NAT changed makes the own candidate peer-reflexive")
    func mapped() throws {
        let agents = TwoAgents()
        agents.left.start(candidates: 1)
        agents.right.start(candidates: 1)
        agents.right.tellPeer()
        agents.left.tellPeer()
        let outside = TransportAddress(.v4(0xCB00_7109), 4_000)
        let inside = try #require(agents.left.address(of: 1))
        // A NAT in front of the left end.
        agents.isLost = { [unowned agents] from, bytes, source, destination in
            if from === agents.left, source == inside {
                agents.right.arrive(bytes, from: outside, to: destination)
                return true
            }
            if destination == outside { agents.left.arrive(bytes, from: source, to: inside) }
            return true
        }
        #expect(agents.runUntil(.seconds(2)) { agents.isConnected } != nil)
        #expect(agents.left.agent.selectedPair?.local.kind == .peerReflexive)
        #expect(agents.left.agent.selectedPair?.local.address == outside)
        #expect(agents.right.agent.selectedPair?.remote.address == outside)
    }
}
