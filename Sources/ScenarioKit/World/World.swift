import CompactJSON
import DeterministicRuntime
import MeteredRealtime
import NIOCore
import NetworkModel
import ServiceModel
import SimulationKernel
import Trace

/// The simulated world of one run: a scenario's hosts, networks, service and clients, with one seed.
final class World {
    let scenario: Scenario
    let simulation: Simulation
    let recorder: TraceRecorder
    let network: Network
    private(set) var service: ServiceHost! = nil
    private(set) var tokens: TokenServer! = nil
    private(set) var turn: TURNHosts! = nil
    let iceServers: ICEServerDesk
    /// Everyone, in the order of the scenario.
    private(set) var participants: [any Participant] = []
    private(set) lazy var portals = CaptivePortals(network: network)
    private(set) lazy var vpn = VirtualPrivateNetworks(network: network)

    private var places: [String: Int] = [:]
    /// What others see of each peer, where a scenario says something.
    private var metadata: [String: JSONObject] = [:]
    /// The ids of the peers that have got another than their name.
    private var ids: [String: String] = [:]
    private var timeline: TimelineDriver! = nil

    /// Builds the world; nothing happens until ``run()``.
    ///
    /// - Parameter records: whether there is a trace; without one a large world takes less memory.
    init(scenario: Scenario, seed: UInt64, records: Bool = true) throws {
        DeterministicRuntime.install()
        self.scenario = scenario
        simulation = Simulation(seed: seed)
        recorder = TraceRecorder(header: TraceHeader(scenario: scenario.name, seed: seed))
        network = Network(simulation: simulation)
        iceServers = ICEServerDesk(scenario: scenario, simulation: simulation)
        for peer in scenario.peers { metadata[peer.name] = peer.metadata }
        try buildServers()
        let builder = NetworkBuilder(scenario: scenario, network: network)
        turn = try TURNHosts(builder, desk: iceServers)
        _ = builder.build()
        buildParticipants(records: records)
        if records { observe() }
        timeline = TimelineDriver(world: self)
        // Before the clients, so that at one instant a fault comes first.
        timeline.schedule()
        participants.forEach { $0.schedule() }
    }

    private func buildServers() throws {
        network.addResolvers()
        let signing = AccessKey(id: "kid-1", secret: Array("the secret of the simulated account".utf8), connectsByItself: false)
        service = try ServiceHost(scenario: scenario, network: network, signingKey: signing)
        let host = network.addServer("token-endpoint", hostNames: [TokenFetch.hostName])
        guard let key = signing.signingKey else { preconditionFailure("the key was made with a secret") }
        let simulation = simulation
        let mint = TokenMint(eventLoop: host.eventLoop, key: key, lifetime: scenario.service.tokenLifetime) {
            WallTime(unixNanoseconds: simulation.wallClock)
        }
        tokens = TokenServer(host: host, mint: mint, endpoint: scenario.tokenEndpoint)
        tokens.amend = { [unowned self] claims in
            claims.peerMetadata = metadata[claims.peerID]
            claims.metadata = iceServers.metadata(for: claims.peerID)
            claims.peerID = ids[claims.peerID] ?? claims.peerID
        }
        try tokens.start()
        handOutICEServersToKeys()
    }

    /// A token brings its ICE servers along; who connects with a key gets them from the service.
    private func handOutICEServersToKeys() {
        var withKey: [String: String] = [:]
        for peer in scenario.peers {
            guard case .key = peer.credential else { continue }
            for id in scenario.ids(of: [peer.name]) { withKey[id] = peer.name }
        }
        service.service.welcomeMetadata = { [iceServers] id in withKey[id].flatMap(iceServers.metadata) }
    }

    /// What others see of these peers, from their next connection on.
    func setMetadata(_ metadata: JSONObject, of peers: [String]) {
        for name in peers {
            self.metadata[name] = metadata
            if let peer = scenario.peer(name) { service.setMetadata(metadata, of: peer) }
        }
    }

    /// By what id the service knows a peer from its next connection on.
    func setID(_ id: String, of name: String) {
        ids[name] = id
        if let peer = scenario.peer(name) { service.setID(id, of: peer) }
    }

    private func buildParticipants(records: Bool) {
        let pathEvents = Set(scenario.hosts.filter(\.pathEvents).map(\.name))
        let takesDataChannels = scenario.hasDataChannels
        for peer in scenario.peers {
            guard let host = network.host(peer.host) else { continue }
            places[peer.name] = participants.count
            let recorder = records ? recorder : nil
            let credential = credential(peer, on: host)
            let connector = HostConnector(host: host, tlsVersion: scenario.service.tls.version)
            let forwards = pathEvents.contains(host.name)
            if let call = peer.call {
                participants.append(
                    CallModel(
                        peer: peer, call: call, host: host, recorder: recorder, credential: credential, connector: connector,
                        takesDataChannels: takesDataChannels, forwardsPathEvents: forwards))
            } else {
                participants.append(
                    ClientModel(
                        peer: peer, host: host, recorder: recorder, credential: credential, connector: connector,
                        forwardsPathEvents: forwards))
            }
        }
    }

    private func credential(_ peer: Scenario.Peer, on host: Host) -> Credential {
        switch peer.credential {
        case .key(let name): return .publishableKey(ServiceHost.key(name, of: peer.name))
        case .token:
            let host = Confined(host)
            let name = peer.name
            return .tokenProvider { try await TokenFetch.token(for: name, from: host.value) }
        }
    }

    private func observe() {
        let recorder = recorder
        let simulation = simulation
        var networkTrace = NetworkTrace()
        network.observe = { event in
            guard let event = networkTrace.event(for: event) else { return }
            recorder.record(event)
        }
        var serviceTrace = ServiceTrace()
        service.service.observe = { event in
            guard let event = serviceTrace.event(for: event, at: simulation.nanoseconds) else { return }
            recorder.record(event)
        }
    }

    func participant(_ name: String) -> (any Participant)? { places[name].map { participants[$0] } }

    func client(_ name: String) -> ClientModel? { participant(name) as? ClientModel }

    func call(_ name: String) -> CallModel? { participant(name) as? CallModel }

    /// The host of that name; `service` and `token-endpoint` are hosts too.
    func host(_ name: String) -> Host? { network.host(name) }

    /// A party of a path as a host.
    func host(_ party: Scenario.Party) -> Host? {
        switch party {
        case .host(let name): return network.host(name)
        case .service: return service.host
        case .tokenEndpoint: return network.host("token-endpoint")
        case .turn(let name): return network.host(name)
        }
    }

    /// Lets the scenario's time pass.
    func run() { simulation.run(until: .start + scenario.duration) }

    /// Ends everything, so that nothing of the run is left in memory: a task that still waits for news keeps its app, and so its client and host.
    func shutDown() {
        network.observe = nil
        network.capture = nil
        service.service.observe = nil
        tokens.shutDown()
        participants.forEach { $0.stop() }
        simulation.run(until: simulation.now + Self.timeToClose)
        simulation.shutdown()
    }

    /// SIG-16: a client's close takes 1 s at most.
    private static let timeToClose = TimeAmount.seconds(2)
}

extension Simulation {
    /// Nanoseconds since the start, as the trace counts them.
    var nanoseconds: Int64 { Int64(now.uptimeNanoseconds) }
}

extension NIODeadline {
    /// The start of the simulation.
    static var start: NIODeadline { .uptimeNanoseconds(0) }
}

extension Scenario {
    /// Whether any application opens a data channel.
    fileprivate var hasDataChannels: Bool {
        peers.contains { $0.call?.data != nil }
            || timeline.contains { entry in if case .openChannel = entry.action { true } else { false } }
    }
}
