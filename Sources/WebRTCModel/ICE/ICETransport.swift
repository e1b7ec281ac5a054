public import MeteredRealtime
public import NIOCore
public import NetworkModel
import SimulationKernel

/// An ICE agent with its gatherer and its sockets on a host: one generation after the other.
///
/// Its timers run on the host's `eventLoop`, so that the sleep of the machine and the suspension of the application freeze them. Callbacks run there too;
/// they may come before the call that caused them has returned, and may call the transport.
public final class ICETransport {
    /// The parameters of the newest generation; changed by ``restart()``.
    public private(set) var localParameters: ICEParameters
    /// Whether candidates are looked for.
    public private(set) var gatheringState = ICEGatheringState.new
    /// Taken by the next gathering.
    public var configuration: ICETransportConfiguration

    /// A local candidate, to be told to the peer.
    public var onLocalCandidate: ((CandidateAttribute) -> Void)?
    /// A local candidate that exists no more (its interface has gone), with the policy `continually`.
    public var onLocalCandidateRemoved: ((CandidateAttribute) -> Void)?
    /// A server that could not be used.
    public var onCandidateError: ((ICECandidateError) -> Void)?
    /// ``gatheringState`` changed.
    public var onGatheringState: ((ICEGatheringState) -> Void)?
    /// ``state`` changed.
    public var onState: ((ICEConnectionState) -> Void)?
    /// ``selectedPair`` is another one; nil if there is none any more.
    public var onSelectedPair: ((ICESelectedPair?) -> Void)?
    /// ``isWritable`` changed.
    public var onWritable: ((Bool) -> Void)?
    /// A datagram of the peer that is no STUN (RFC 7983).
    public var onData: ((ByteBuffer) -> Void)?

    private let host: Host
    private let profile: WebRTCProfile
    private let observe: ((WebRTCEvent.Kind) -> Void)?
    private let gatherer: ICEGatherer
    private var agent: ICEAgent
    private var random: RandomStream
    private var transports: [(generation: Int, transport: any LocalTransport)] = []
    /// Transports that had pairs and have none any more, and since when.
    private var idle: [(transport: Int, since: NIODeadline)] = []
    /// The agent's generation of each of the gatherer's, from 1.
    private var gathered: [Int] = []
    private var timer: (handle: EventHandle, deadline: NIODeadline)?
    private var isClosed = false

    /// - Parameters:
    ///   - host: Where the sockets and timers are.
    ///   - profile: Whose behaviour.
    ///   - configuration: Servers and policies.
    ///   - name: Distinguishes the transport's random streams on its host.
    ///   - observe: Told what happens, for the trace.
    public init(
        host: Host, profile: WebRTCProfile, configuration: ICETransportConfiguration, name: String,
        observe: ((WebRTCEvent.Kind) -> Void)? = nil
    ) {
        self.host = host
        self.profile = profile
        self.configuration = configuration
        self.observe = observe
        random = host.simulation.random("\(host.name)/ice/\(name)")
        gatherer = ICEGatherer(host: host, profile: profile, random: host.simulation.random("\(host.name)/gathering/\(name)"))
        agent = ICEAgent(profile: profile.ice, isControlling: false, random: random)
        localParameters = ICEParameters(random: &random)
        agent.startGeneration(localParameters, now: host.eventLoop.now)
        connectGatherer()
    }

    private func connectGatherer() {
        gatherer.observe = observe
        gatherer.onCandidate = { [unowned self] in found($0, $1) }
        gatherer.onCandidateRemoved = { [unowned self] in removed($0, $1) }
        gatherer.onError = { [unowned self] in onCandidateError?($0) }
        gatherer.onComplete = { [unowned self] in gatheringEnded() }
    }

    // MARK: State

    /// The state of the transport (`RTCIceTransportState`).
    public var state: ICEConnectionState { isClosed ? .closed : agent.state }
    /// Whether this agent is the controlling one.
    public var isControlling: Bool { agent.isControlling }
    /// The pair that carries the data.
    public var selectedPair: ICESelectedPair? { agent.selectedPair }
    /// Whether ``send(_:)`` would try.
    public var isWritable: Bool { agent.isWritable }

    private var now: NIODeadline { host.eventLoop.now }

    // MARK: Configuration

    /// Begins a new generation beside the old one, which carries the data until the new one connects. Profiles without restarts ignore it.
    ///
    /// - Returns: the parameters from now on. ``gather()`` finds the new generation's candidates.
    @discardableResult
    public func restart() -> ICEParameters {
        guard !isClosed, profile.ice.restart != .unsupported else { return localParameters }
        restart(with: ICEParameters(random: &random))
        return localParameters
    }

    /// Begins a new generation with parameters that an offer or answer has named before, or with earlier ones again after its rollback.
    public func restart(with parameters: ICEParameters) {
        guard !isClosed, profile.ice.restart != .unsupported else { return }
        localParameters = parameters
        perform { $0.startGeneration(parameters, now: now) }
    }

    /// Looks for candidates of the newest generation, once per generation.
    public func gather() {
        guard !isClosed, gathered.last != agent.generation else { return }
        if configuration.transportPolicy == .relay { agent.useRelayOnly() }
        gathered.append(agent.generation)
        gatherer.gather(configuration)
        closeIdlePorts()
        setGatheringState(.gathering)
    }

    /// Who nominates (RFC 8445 section 6.1.1). A role conflict may change it later.
    public func setRole(controlling: Bool) { perform { $0.setRole(isControlling: controlling) } }

    /// Takes the peer's parameters; new ones begin the peer's next generation.
    public func setRemote(_ parameters: ICEParameters) { perform { $0.setRemote(parameters, now: now) } }

    /// Takes a candidate of the peer. Ignored are those of an older generation, those that come before ``setRemote(_:)``, and those over 100.
    public func addRemoteCandidate(_ candidate: CandidateAttribute) { perform { $0.addRemote(candidate, now: now) } }

    /// The peer has no more candidates.
    public func endOfRemoteCandidates() { perform { $0.endOfRemoteCandidates(now: now) } }

    /// Sends a datagram on the selected pair.
    ///
    /// - Returns: false if there is no pair that could carry it, or the host refuses.
    @discardableResult
    public func send(_ payload: ByteBuffer) -> Bool {
        guard !isClosed, let route = agent.route else { return false }
        return transport(route.transport)?.send(payload, to: route.remote) == .sent
    }

    /// Ends everything at once. Nothing is called afterwards.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        agent.close()
        if let timer { host.eventLoop.cancel(timer.handle) }
        timer = nil
        for (_, transport) in transports { (transport.onReceive, transport.onFailure) = (nil, nil) }
        transports = []
        gatherer.close()
        (onLocalCandidate, onLocalCandidateRemoved, onCandidateError, onGatheringState) = (nil, nil, nil, nil)
        (onState, onSelectedPair, onWritable, onData) = (nil, nil, nil, nil)
    }

    // MARK: Gathering

    private func found(_ candidate: ICELocalCandidate, _ transport: any LocalTransport) {
        guard let generation = gathered.last else { return }
        if !transports.contains(where: { $0.transport === transport }) {
            transports.append((generation, transport))
            transport.onReceive = { [unowned self, id = transport.id] in received($0, from: $1, on: id) }
            transport.onFailure = { [unowned self, id = transport.id] in failed($0, id) }
        }
        var attribute: CandidateAttribute?
        // The peer is told before the checks go out, as a candidate is before its port is used.
        perform({ attribute = $0.addLocal(candidate, transport: transport.id, generation: generation, now: now) }) { [unowned self] in
            if let attribute { onLocalCandidate?(attribute) }
        }
    }

    private func removed(_ candidate: ICELocalCandidate, _ transport: any LocalTransport) {
        agent.retireLocal(transport.id)
        if let attribute = agent.attribute(of: candidate, transport: transport.id) { onLocalCandidateRemoved?(attribute) }
    }

    private func gatheringEnded() {
        guard gatheringState == .gathering else { return }
        setGatheringState(.complete)
        perform { $0.endOfLocalCandidates(now: now) }
    }

    private func setGatheringState(_ state: ICEGatheringState) {
        guard gatheringState != state, !isClosed else { return }
        gatheringState = state
        onGatheringState?(state)
    }

    // MARK: The transports

    private func transport(_ id: Int) -> (any LocalTransport)? { transports.first { $0.transport.id == id }?.transport }

    private func received(_ bytes: ByteBuffer, from source: TransportAddress, on id: Int) {
        var isData = false
        perform { isData = $0.receive(bytes, on: id, from: source, now: now) == .data }
        if isData { onData?(bytes) }
    }

    private func failed(_ failure: LocalTransportFailure, _ id: Int) {
        switch failure {
        case .closed(let reason): perform { $0.removeLocal(id, reason: reason, now: now) }
        case .allocationLost(let code):
            perform { $0.removeLocal(id, reason: "allocation lost\(code.map { " (\($0))" } ?? "")", now: now) }
        case .peerRefused(let remote, let code):
            perform {
                $0.removePair(transport: id, remote: remote, reason: "refused by the relay\(code.map { " (\($0))" } ?? "")", now: now)
            }
        case .unreachable:
            // Nobody acts on ICMP here: checks tell what works (RFC 8445 section 7.2.5.2.4 leaves it open).
            break
        }
    }

    // MARK: The agent

    private func perform(_ body: (inout ICEAgent) -> Void, first: () -> Void = {}) {
        guard !isClosed else { return }
        body(&agent)
        first()
        while !isClosed, let action = agent.nextAction() { carryOut(action) }
        guard !isClosed else { return }
        stopGatheringIfConnected()
        schedule()
    }

    private func carryOut(_ action: ICEAgentAction) {
        switch action {
        case .send(let bytes, let id, let remote): transport(id)?.send(bytes, to: remote)
        case .pairMade(let id, let remote):
            idle.removeAll { $0.transport == id }
            transport(id)?.prepare(for: remote)
        case .pairForgotten(let id, let remote):
            transport(id)?.forget(remote)
            if !agent.hasPairs(on: id) { becameIdle(id) }
        case .stateChanged(let state): onState?(state)
        case .pairSelected: pairSelected()
        case .pairLost(let local, let remote, let reason): observe?(.pairLost(local: local, remote: remote, reason: reason))
        case .writableChanged(let isWritable): onWritable?(isWritable)
        case .roleChanged: break
        case .generationEnded(let generation): end(generation)
        }
    }

    private func pairSelected() {
        let pair = agent.selectedPair
        if let pair { observe?(.pairSelected(local: pair.local.summary, remote: pair.remote.summary)) }
        onSelectedPair?(pair)
    }

    private func end(_ generation: Int) {
        closeTransports { $0.generation == generation }
        for index in gathered.indices where gathered[index] == generation { gatherer.close(generation: index + 1) }
    }

    private func closeTransports(where isGone: ((generation: Int, transport: any LocalTransport)) -> Bool) {
        let gone = transports.filter(isGone)
        transports.removeAll(where: isGone)
        for (_, transport) in gone {
            (transport.onReceive, transport.onFailure) = (nil, nil)
            transport.close()
        }
    }

    private func becameIdle(_ id: Int) {
        guard let lifetime = profile.gathering.idlePortLifetime else { return }
        idle.removeAll { $0.transport == id }
        idle.append((id, now))
        host.eventLoop.schedule(at: now + lifetime) { [weak self] in self?.closeIdlePorts() }
    }

    /// libwebrtc's `Port::DestroyIfDead`: gathering anew makes the ports before dispensable. Those that never had a pair go at once, the others some time after
    /// their last, so that a TURN allocation is given back even if no restart ever connects.
    private func closeIdlePorts() {
        guard !isClosed, let lifetime = profile.gathering.idlePortLifetime, let newest = gathered.last else { return }
        closeTransports { generation, transport in
            guard generation < newest, !agent.hasPairs(on: transport.id) else { return false }
            return idle.first { $0.transport == transport.id }.map { now >= $0.since + lifetime } ?? true
        }
    }

    /// `GATHER_ONCE` ends with the first pair of the newest generation that is good.
    private func stopGatheringIfConnected() {
        guard gatheringState == .gathering, configuration.gathering == .once, gathered.last == agent.generation,
            agent.isNewestGenerationStrong
        else { return }
        gatherer.stopLooking()
        gatheringEnded()
    }

    private func schedule() {
        let deadline = agent.nextDeadline
        guard timer?.deadline != deadline else { return }
        if let timer { host.eventLoop.cancel(timer.handle) }
        timer = deadline.map { (host.eventLoop.schedule(at: $0, target: self, argument: 0), $0) }
    }
}

extension ICETransport: EventTarget {
    /// For the simulation: the agent's timer.
    public func fire(_ argument: UInt64) {
        timer = nil
        perform { $0.timerFired(now: now) }
    }
}
