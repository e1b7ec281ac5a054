import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// Two ICE agents with a wire between them, in virtual time.
final class TwoAgents {
    let simulation: Simulation
    let left: AgentEnd
    let right: AgentEnd
    /// From one end to the other.
    var delay = TimeAmount.milliseconds(10)
    /// Whether a datagram is lost.
    var isLost: (_ from: AgentEnd, _ bytes: ByteBuffer, _ source: TransportAddress, _ destination: TransportAddress) -> Bool = {
        _, _, _, _ in
        false
    }
    /// Added to the delay of one datagram.
    var extraDelay: () -> TimeAmount = { .zero }

    init(
        _ profile: WebRTCProfile = .libwebrtc, and other: WebRTCProfile? = nil, seed: UInt64 = 1, leftControls: Bool = true,
        rightControls: Bool = false
    ) {
        simulation = Simulation(seed: seed)
        left = AgentEnd("left", profile.ice, controls: leftControls, host: 1, simulation)
        right = AgentEnd("right", (other ?? profile).ice, controls: rightControls, host: 2, simulation)
        left.peer = right
        right.peer = left
        for end in [left, right] { end.wire = self }
    }

    deinit { simulation.shutdown() }

    /// Both ends with so many host candidates each, told to the other at once.
    func connect(candidates: Int = 1) {
        for end in [left, right] { end.start(candidates: candidates) }
        for end in [left, right] { end.tellPeer() }
    }

    func run(for time: TimeAmount) { simulation.run(until: simulation.now + time) }

    /// Runs until the condition holds; nil if it does not within the limit.
    @discardableResult
    func runUntil(_ limit: TimeAmount = .seconds(60), _ condition: () -> Bool) -> TimeAmount? {
        let start = simulation.now
        while !condition() {
            guard simulation.now < start + limit else { return nil }
            run(for: .milliseconds(1))
        }
        return simulation.now - start
    }

    var isConnected: Bool { [left, right].allSatisfy { $0.agent.state == .connected || $0.agent.state == .completed } }

    /// Both ends use the same two addresses.
    var agrees: Bool {
        guard let ours = left.agent.route, let theirs = right.agent.route else { return false }
        return left.address(of: ours.transport) == theirs.remote && right.address(of: theirs.transport) == ours.remote
    }
}

/// One agent and its sockets, which are entries of an address book.
final class AgentEnd {
    var agent: ICEAgent
    let name: String
    unowned var peer: AgentEnd!
    unowned var wire: TwoAgents!
    private let simulation: Simulation
    private let hostNumber: UInt32
    private var random: RandomStream
    private var timer: EventHandle?
    private(set) var sockets: [(id: Int, address: TransportAddress, generation: Int)] = []
    private(set) var parameters: [ICEParameters] = []
    private var attributes: [(generation: Int, attribute: CandidateAttribute)] = []

    private(set) var states: [(time: NIODeadline, state: ICEConnectionState)] = []
    private(set) var checks: [NIODeadline] = []
    private(set) var actions: [ICEAgentAction] = []
    private(set) var data: [String] = []

    init(_ name: String, _ profile: ICEProfile, controls: Bool, host: UInt32, _ simulation: Simulation) {
        self.name = name
        self.simulation = simulation
        hostNumber = host
        random = simulation.random("\(name)/parameters")
        agent = ICEAgent(profile: profile, isControlling: controls, random: simulation.random(name))
    }

    var now: NIODeadline { simulation.now }

    func start(candidates: Int, interface: String = "eth0") {
        parameters.append(ICEParameters(random: &random))
        perform { $0.startGeneration(parameters[parameters.count - 1], now: now) }
        for _ in 0..<candidates { addSocket(interface: interface) }
        perform { $0.endOfLocalCandidates(now: now) }
    }

    /// - Parameter kind: a relayed candidate is a socket like any other here.
    @discardableResult
    func addSocket(interface: String = "eth0", kind: ICECandidateKind = .host, interfaceKind: InterfaceKind = .ethernet) -> Int {
        let id = (sockets.last?.id ?? 0) + 1
        let address = TransportAddress(.v4(0x0A00_0000 | hostNumber << 8 | (interface == "eth0" ? 1 : 2)), UInt16(50_000 + id))
        sockets.append((id, address, agent.generation))
        let candidate = ICELocalCandidate(
            kind: kind, address: address, base: address, interface: interface, interfaceKind: interfaceKind,
            networkIndex: sockets.count { $0.generation == agent.generation } - 1)
        perform { agent in
            if let attribute = agent.addLocal(candidate, transport: id, now: now) { attributes.append((agent.generation, attribute)) }
        }
        return id
    }

    func address(of transport: Int) -> TransportAddress? { sockets.first { $0.id == transport }?.address }

    /// What signalling does: parameters and candidates of the newest generation.
    func tellPeer() {
        guard let newest = parameters.last else { return }
        peer.perform { $0.setRemote(newest, now: now) }
        for (generation, attribute) in attributes where generation == agent.generation {
            peer.perform { $0.addRemote(attribute, now: now) }
        }
        peer.perform { $0.endOfRemoteCandidates(now: now) }
    }

    func send(_ text: String) {
        guard let (transport, remote) = agent.route else { return }
        carry(ByteBuffer(string: text), transport, remote)
    }

    func perform(_ body: (inout ICEAgent) -> Void) {
        body(&agent)
        while let action = agent.nextAction() { carryOut(action) }
        if let timer { simulation.cancel(timer) }
        timer = agent.nextDeadline.map { deadline in
            simulation.schedule(at: max(deadline, now)) { [weak self] in
                guard let self else { return }
                perform { $0.timerFired(now: self.now) }
            }
        }
    }

    private func carryOut(_ action: ICEAgentAction) {
        switch action {
        case .send(let bytes, let transport, let remote):
            if (try? STUNMessage(decoding: bytes))?.messageClass == .request { checks.append(now) }
            carry(bytes, transport, remote)
        case .stateChanged(let state): states.append((now, state))
        case .pairMade, .pairForgotten, .pairSelected, .pairLost, .writableChanged, .roleChanged, .generationEnded: actions.append(action)
        }
    }

    private func carry(_ bytes: ByteBuffer, _ transport: Int, _ remote: TransportAddress) {
        guard let source = address(of: transport), !wire.isLost(self, bytes, source, remote) else { return }
        simulation.schedule(in: wire.delay + wire.extraDelay()) { [weak peer] in peer?.arrive(bytes, from: source, to: remote) }
    }

    func arrive(_ bytes: ByteBuffer, from source: TransportAddress, to destination: TransportAddress) {
        guard let socket = sockets.first(where: { $0.address == destination }) else { return }
        perform { agent in
            if agent.receive(bytes, on: socket.id, from: source, now: now) == .data { data.append(String(buffer: bytes)) }
        }
    }

    /// When the state was first reached after a time.
    func time(of state: ICEConnectionState, after start: NIODeadline) -> TimeAmount? {
        states.first { $0.state == state && $0.time >= start }.map { $0.time - start }
    }
}
