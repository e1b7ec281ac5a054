import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

/// Two peer connections of the factory on hosts of a network, with a signalling channel of 20 ms.
final class Call {
    let simulation: Simulation
    let network: Network
    let hosts: [Host]
    private(set) var connections: [SimulatedPeerConnection] = []
    private(set) var log: [[String]] = [[], []]
    private(set) var tracks: [[SimulatedMediaTrack]] = [[], []]
    private(set) var messages: [[DataChannelMessage]] = [[], []]
    private(set) var events: [[WebRTCEvent]] = [[], []]

    init(seed: UInt64 = 1, profiles: [WebRTCProfile] = [.libwebrtc, .libwebrtc]) throws {
        simulation = Simulation(seed: seed)
        network = Network(simulation: simulation)
        hosts = ["alice", "bob"].map { [network] in network.addClient($0, on: [("wifi", .homeWiFi)]) }
        for index in 0...1 {
            let factory = SimulatedPeerConnectionFactory(host: hosts[index], profile: profiles[index]) { [unowned self] in
                events[index].append($0)
            }
            let made = try factory.makePeerConnection(PeerConnectionConfiguration(), eventLoop: hosts[index].eventLoop)
            guard let connection = made as? SimulatedPeerConnection else { continue }
            connections.append(connection)
            connection.onEvent = { [unowned self] in handle($0, index) }
        }
    }

    deinit { simulation.shutdown() }

    private func deliver(_ body: @escaping () -> Void) { simulation.schedule(in: .milliseconds(20), body) }

    private func handle(_ event: PeerConnectionEvent, _ index: Int) {
        switch event {
        case .negotiationNeeded: offer(index)
        case .iceCandidate(let candidate): deliver { [self] in connections[1 - index].addICECandidate(candidate) { _ in } }
        case .iceConnectionStateChange(let state): log[index].append("ice \(state.rawValue)")
        case .connectionStateChange(let state): log[index].append("connection \(state.rawValue)")
        case .track(let track, _): if let track = track as? SimulatedMediaTrack { tracks[index].append(track) }
        case .dataChannel(let channel):
            channel.onEvent = { [unowned self] in if case .message(let message) = $0 { messages[index].append(message) } }
        case .signalingStateChange, .iceGatheringStateChange, .iceCandidateError, .trackRemoved: break
        }
    }

    private func offer(_ index: Int) {
        let (ours, theirs) = (connections[index], connections[1 - index])
        ours.setLocalDescription(nil) { [self] _ in
            guard let offer = ours.localDescription else { return }
            deliver { [self] in
                theirs.setRemoteDescription(offer) { _ in
                    theirs.setLocalDescription(nil) { [self] _ in
                        guard let answer = theirs.localDescription else { return }
                        deliver { ours.setRemoteDescription(answer) { _ in } }
                    }
                }
            }
        }
    }

    func run(_ time: TimeAmount) { simulation.run(until: simulation.now + time) }

    var isConnected: Bool { connections.allSatisfy { $0.connectionState == .connected } }
}

@Suite("A call over the model network") struct CallTests {
    @Test("connects through two home routers' network and exchanges frames and messages", arguments: WebRTCProfile.all)
    func connects(profile: WebRTCProfile) throws {
        let call = try Call(profiles: [profile, profile])
        let camera = SimulatedMediaTrack(id: "camera", kind: .video)
        _ = try call.connections[0].addTrack(camera, streamIDs: ["s"])
        let channel = try call.connections[0].createDataChannel(label: "chat", configuration: .init())
        channel.onEvent = { if case .open = $0 { try? channel.send(.text("hello")) } }
        call.run(.seconds(8))
        #expect(call.isConnected, "\(profile.name): \(call.log)")
        #expect(call.messages[1] == [.text("hello")], "\(profile.name)")
        #expect(call.tracks[1].first?.isFlowing == true, "\(profile.name)")
    }

    @Test("a restart in a running call interrupts neither frames nor the channel")
    func restart() throws {
        let call = try Call()
        _ = try call.connections[0].addTrack(SimulatedMediaTrack(id: "camera", kind: .video), streamIDs: ["s"])
        let channel = try call.connections[0].createDataChannel(label: "chat", configuration: .init())
        call.run(.seconds(5))
        let fragment = call.connections[0].transport.local.usernameFragment
        call.connections[0].restartICE()
        call.run(.seconds(5))
        #expect(call.connections[0].transport.local.usernameFragment != fragment)
        #expect(call.isConnected)
        #expect(call.tracks[1].first?.isFlowing == true)
        try channel.send(.text("after"))
        call.run(.seconds(1))
        #expect(call.messages[1] == [.text("after")])
        #expect(call.events[0].filter { $0.kind == .dtls(phase: "started") }.count == 1)
    }

    @Test("a blackout of 20 s fails ICE; a restart heals the call with the same DTLS and channel")
    func blackout() throws {
        let call = try Call()
        _ = try call.connections[0].addTrack(SimulatedMediaTrack(id: "camera", kind: .video), streamIDs: ["s"])
        let channel = try call.connections[0].createDataChannel(label: "chat", configuration: .init())
        call.run(.seconds(5))
        let fault = call.hosts[0].blackout(name: "lift")
        call.run(.seconds(20))
        #expect(call.connections.map(\.connectionState) == [.failed, .failed])
        fault.end()
        call.connections[0].restartICE()
        call.run(.seconds(6))
        #expect(call.isConnected, "\(call.log)")
        #expect(call.tracks[1].first?.isFlowing == true)
        try channel.send(.text("after"))
        call.run(.seconds(4))
        #expect(call.messages[1] == [.text("after")])
        #expect(call.events[0].filter { $0.kind == .dtls(phase: "started") }.count == 1)
    }

    @Test("the same seed gives the same events")
    func deterministic() throws {
        func play() throws -> [String] {
            let call = try Call(seed: 9)
            _ = try call.connections[0].addTrack(SimulatedMediaTrack(id: "camera", kind: .video), streamIDs: ["s"])
            call.run(.seconds(5))
            return (call.events[0] + call.events[1]).map { "\($0.time.uptimeNanoseconds) \($0.kind)" } + call.log.flatMap { $0 }
        }
        #expect(try play() == play())
    }
}
