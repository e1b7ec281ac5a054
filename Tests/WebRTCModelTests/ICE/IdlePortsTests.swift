import MeteredRealtime
import NIOCore
import NetworkModel
import Testing

@testable import WebRTCModel

@Suite("ICE: ports of earlier generations") struct IdlePortsTests {
    private static func transport(_ world: GatheringWorld) -> ICETransport {
        let server = ICEServer(
            urls: ["turn:turn0.example"], username: GatheringWorld.user.username, credential: GatheringWorld.user.password)
        let transport = ICETransport(
            host: world.client, profile: .libwebrtc,
            configuration: ICETransportConfiguration(iceServers: [server], transportPolicy: .relay), name: "one")
        transport.setRole(controlling: true)
        transport.gather()
        world.run(for: .seconds(2))
        return transport
    }

    /// A transport with one allocation, whose only pair has just been given up.
    private static func failed(_ world: GatheringWorld) -> ICETransport {
        let transport = transport(world)
        transport.setRemote(ICEParameters(usernameFragment: "them", password: String(repeating: "p", count: 22)))
        transport.addRemoteCandidate(
            CandidateAttribute(foundation: "1", priority: 1, address: TransportAddress(.v4(0xCB00_7163), 9), kind: .relayed))
        for _ in 0..<300 where transport.state != .failed { world.run(for: .milliseconds(100)) }
        return transport
    }

    private func world() throws -> GatheringWorld { try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)]) }

    @Test("after a restart an allocation is given back 44.75 s after its last pair, though nothing connects")
    func released() throws {
        let world = try world()
        let transport = Self.failed(world)
        #expect(transport.state == .failed)
        transport.restart()
        transport.gather()
        world.run(for: .seconds(44))
        #expect(world.turn[0].server.allocationCount == 2)
        world.run(for: .seconds(2))
        #expect(world.turn[0].server.allocationCount == 1)
        transport.close()
    }

    @Test("without a restart a failed transport keeps its allocation: the peer may still find it")
    func kept() throws {
        let world = try world()
        let transport = Self.failed(world)
        world.run(for: .seconds(120))
        #expect(world.turn[0].server.allocationCount == 1)
        transport.close()
    }

    @Test("an allocation that never had a pair goes with the next restart")
    func neverPaired() throws {
        let world = try world()
        let transport = Self.transport(world)
        transport.restart()
        transport.gather()
        world.run(for: .seconds(2))
        #expect(world.turn[0].server.allocationCount == 1)
        transport.close()
    }
}
