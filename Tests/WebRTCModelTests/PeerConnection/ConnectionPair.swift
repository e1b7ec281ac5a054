import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// One end of a pair and what it reported.
final class ConnectionEnd {
    let connection: SimulatedPeerConnection
    let ice: WireTransport
    private(set) var log: [String] = []
    private(set) var candidates: [ICECandidate?] = []
    private(set) var tracks: [SimulatedMediaTrack] = []
    private(set) var channels: [any DataChannelTransport] = []
    private(set) var events: [WebRTCEvent.Kind] = []
    var onNegotiationNeeded: () -> Void = {}
    var onCandidate: (ICECandidate?) -> Void = { _ in }
    var onChannel: (any DataChannelTransport) -> Void = { _ in }

    init(_ name: String, wire: Wire, network: Network, profile: WebRTCProfile) {
        ice = wire.makeEnd()
        var record: (WebRTCEvent.Kind) -> Void = { _ in }
        connection = SimulatedPeerConnection(
            number: 1, host: network.addHost(name), profile: profile, options: .init(), ice: ice, observe: { record($0.kind) })
        record = { [unowned self] in events.append($0) }
        connection.onEvent = { [unowned self] in handle($0) }
    }

    private func handle(_ event: PeerConnectionEvent) {
        switch event {
        case .negotiationNeeded:
            log.append("negotiationneeded")
            onNegotiationNeeded()
        case .signalingStateChange(let state): log.append("signaling \(state.rawValue)")
        case .iceGatheringStateChange(let state): log.append("gathering \(state.rawValue)")
        case .iceConnectionStateChange(let state): log.append("ice \(state.rawValue)")
        case .connectionStateChange(let state): log.append("connection \(state.rawValue)")
        case .iceCandidate(let candidate):
            candidates.append(candidate)
            onCandidate(candidate)
        case .iceCandidateError: log.append("candidate error")
        case .track(let track, let streams):
            log.append("track \(track.id) \(streams)")
            if let track = track as? SimulatedMediaTrack { tracks.append(track) }
        case .trackRemoved(let track, _): log.append("track removed \(track.id)")
        case .dataChannel(let channel):
            channels.append(channel)
            onChannel(channel)
        }
    }

    /// Without what transports report.
    var signalingLog: [String] { log.filter { $0.hasPrefix("signaling") || $0 == "negotiationneeded" } }

    func count(_ entry: String) -> Int { log.filter { $0 == entry }.count }
}

/// Two connections on a wire, with a signalling channel that the test moves.
final class ConnectionPair {
    let simulation: Simulation
    let wire: Wire
    let a: ConnectionEnd
    let b: ConnectionEnd
    /// What failed in `negotiate` and the rest.
    var failures: [any Error] = []

    init(seed: UInt64 = 1, profile: WebRTCProfile = .libwebrtc, otherProfile: WebRTCProfile? = nil) {
        simulation = Simulation(seed: seed)
        let network = Network(simulation: simulation)
        wire = Wire(simulation)
        a = ConnectionEnd("a", wire: wire, network: network, profile: profile)
        b = ConnectionEnd("b", wire: wire, network: network, profile: otherProfile ?? profile)
        keep = network
        a.onCandidate = { [unowned self] in trickle($0, to: b) }
        b.onCandidate = { [unowned self] in trickle($0, to: a) }
    }

    private let keep: Network

    deinit { simulation.shutdown() }

    private func trickle(_ candidate: ICECandidate?, to end: ConnectionEnd) {
        simulation.schedule(in: .milliseconds(10)) { end.connection.addICECandidate(candidate) { _ in } }
    }

    func run(_ time: TimeAmount) { simulation.run(until: simulation.now + time) }

    /// Runs operations that need no time.
    func settle() { run(.nanoseconds(1)) }

    /// One operation to its end.
    func result<Value>(_ operation: (@escaping (Result<Value, any Error>) -> Void) -> Void) throws -> Value {
        var outcome: Result<Value, any Error>?
        operation { outcome = $0 }
        for _ in 0..<50 where outcome == nil { run(.milliseconds(1)) }
        guard let outcome else { throw SimulatedPeerConnectionError.invalidArgument("the operation did not complete") }
        return try outcome.get()
    }

    func setLocal(_ end: ConnectionEnd, _ description: SessionDescription? = nil) throws {
        try result { end.connection.setLocalDescription(description, $0) }
    }

    func setRemote(_ end: ConnectionEnd, _ description: SessionDescription?) throws {
        guard let description else { throw SimulatedPeerConnectionError.noRemoteDescription }
        try result { end.connection.setRemoteDescription(description, $0) }
    }

    /// Offer and answer from `offerer`.
    func negotiate(from offerer: ConnectionEnd, to answerer: ConnectionEnd) throws {
        try setLocal(offerer)
        try setRemote(answerer, offerer.connection.localDescription)
        try setLocal(answerer)
        try setRemote(offerer, answerer.connection.localDescription)
    }

    /// Negotiates from `a` and waits for the connection.
    func connect() throws {
        try negotiate(from: a, to: b)
        run(.seconds(2))
    }
}

func sampleSession(_ description: SessionDescription?) throws -> SDPSession {
    try SDPSession(parsing: description?.sdp ?? "")
}
