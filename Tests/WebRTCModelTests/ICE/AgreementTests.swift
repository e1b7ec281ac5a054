import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

/// Random loss, delay, order, candidates, roles: the ends always come to use the same pair.
@Suite("ICE: agreement") struct ICEAgreementTests {
    @Test("whatever is lost or reordered, both ends agree on a pair", arguments: ["libwebrtc", "pion", "aioice", "firefox"])
    func property(name: String) throws {
        let profile = try #require(WebRTCProfile.named(name))
        for seed in 1...25 as ClosedRange<UInt64> {
            let random = RandomStream(seed: seed, name: "agreement")
            let agents = TwoAgents(profile, seed: seed, leftControls: random.chance(0.7), rightControls: random.chance(0.3))
            let loss = 0.3 * random.nextUnit()
            agents.delay = random.uniform(.milliseconds(1) ... .milliseconds(60))
            agents.isLost = { _, _, _, _ in random.chance(loss) }
            agents.extraDelay = { random.uniform(.zero ... .milliseconds(40)) }
            agents.connect(candidates: Int(random.uniform(1...3)))
            let connecting = agents.runUntil(.seconds(30)) { agents.isConnected && agents.agrees }
            #expect(connecting != nil, "seed \(seed), loss \(loss)")
            #expect(agents.left.agent.isControlling != agents.right.agent.isControlling, "seed \(seed)")
            // And they stay with it once the network behaves.
            agents.isLost = { _, _, _, _ in false }
            agents.run(for: .seconds(6))
            #expect(agents.agrees, "seed \(seed)")
        }
    }

    @Test("two controlling or two controlled agents settle who controls", arguments: [true, false])
    func roles(both: Bool) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let agents = TwoAgents(seed: seed, leftControls: both, rightControls: both)
            agents.connect()
            #expect(agents.runUntil(.seconds(5)) { agents.isConnected } != nil, "seed \(seed)")
            #expect(agents.left.agent.isControlling != agents.right.agent.isControlling, "seed \(seed)")
        }
    }
}
