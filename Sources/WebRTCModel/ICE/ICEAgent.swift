public import MeteredRealtime
public import NIOCore
public import NetworkModel
public import SimulationKernel

/// An ICE agent (RFC 8445) for one component, without sockets and clocks: everything goes in with the time, and comes out as actions.
///
/// After every call, take the actions with ``nextAction()`` and set a timer for ``nextDeadline``. One agent lives through all generations: a restart adds one
/// beside those that exist. Which figures and which of the habits are used is the profile's to say.
public struct ICEAgent {
    /// More remote candidates and pairs than this are not kept (RFC 8445 section 6.1.2.5).
    public static let maximumPairs = 100

    /// Whose behaviour.
    public let profile: ICEProfile
    /// Whether this agent nominates; a role conflict may change it.
    public internal(set) var isControlling: Bool
    /// The state.
    public internal(set) var state = ICEConnectionState.new
    /// Whether ``canSend`` has been told to be true.
    public internal(set) var isWritable = false

    var random: RandomStream
    let tieBreaker: UInt64
    var generations: [LocalGeneration] = []
    var remotes: [RemoteGeneration] = []
    var locals: [Local] = []
    var remoteCandidates: [RemoteCandidate] = []
    var pairs: [ICEPair] = []
    var selectedID: Int?
    var actions = CircularBuffer<ICEAgentAction>(initialCapacity: 4)
    var isRemoteDone = false
    var isLocalDone = false
    /// The peer's newest generation that a selected pair belonged to.
    var usedRemoteGeneration = -1
    var usesRelayOnly = false
    private var pairCount = 0

    // What each way of checking and watching remembers.
    var loop = PingLoopState()
    var list = CheckListState()
    var consent = ConsentState()

    /// One generation of our parameters.
    struct LocalGeneration {
        let number: Int
        let parameters: ICEParameters
        let key: STUNIntegrityKey
    }

    /// One generation of the peer's.
    struct RemoteGeneration {
        let parameters: ICEParameters
        let key: STUNIntegrityKey
    }

    /// A local transport and what the peer knows of it.
    struct Local {
        let transport: Int
        let generation: Int
        let candidate: ICELocalCandidate
        var priority: UInt32
        /// The priority of a peer-reflexive candidate with this base.
        var reflexivePriority: UInt32
        /// Its own address and the reflexive ones.
        var addresses: [TransportAddress]
        let foundation: String
        let networkCost: UInt16
        /// Where it is: pairs of one network stand in for each other.
        let network: String
        /// The interface has gone: no new pairs.
        var isRemoved = false
    }

    struct RemoteCandidate {
        var attribute: CandidateAttribute
        let generation: Int
    }

    /// - Parameters:
    ///   - profile: Whose behaviour.
    ///   - isControlling: Who nominates.
    ///   - random: Where transaction identifiers, the tie-breaker and random intervals come from.
    public init(profile: ICEProfile, isControlling: Bool, random: RandomStream) {
        self.profile = profile
        self.isControlling = isControlling
        self.random = random
        tieBreaker = random.next()
        if case .pingLoop(let figures) = profile.checking, let tick = figures.timerTick {
            loop.phase = random.uniform(TimeAmount.zero...tick)
        }
    }

    // MARK: Outputs

    /// The next thing to do; nil if there is nothing more.
    public mutating func nextAction() -> ICEAgentAction? { actions.popFirst() }

    /// The number of the newest generation, from 1; 0 before ``startGeneration(_:now:)``.
    public var generation: Int { generations.last?.number ?? 0 }

    /// The parameters of the newest generation of the peer.
    public var remoteParameters: ICEParameters? { remotes.last?.parameters }

    var selectedIndex: Int? { selectedID.flatMap { id in pairs.firstIndex { $0.id == id } } }

    /// The pair that carries the data.
    public var selectedPair: ICESelectedPair? {
        selectedIndex.map { index in
            ICESelectedPair(
                local: localCandidate(of: pairs[index]), remote: pairs[index].remote, roundTripTime: pairs[index].roundTripTime.measured)
        }
    }

    /// Where data goes: the transport and address of the selected pair, if it may be used.
    public var route: (transport: Int, remote: TransportAddress)? {
        guard let index = selectedIndex, canSend(on: pairs[index]) else { return nil }
        return (pairs[index].transport, pairs[index].remote.address)
    }

    /// How many pairs there are.
    public var numberOfPairs: Int { pairs.count }

    /// Whether a local transport has pairs.
    public func hasPairs(on transport: Int) -> Bool { pairs.contains { $0.transport == transport } }

    // MARK: Configuration

    /// Begins a generation of our parameters: the first, or a restart.
    public mutating func startGeneration(_ parameters: ICEParameters, now: NIODeadline) {
        guard generations.isEmpty || profile.restart != .unsupported else { return }
        let number = generation + 1
        generations.append(LocalGeneration(number: number, parameters: parameters, key: .shortTerm(password: parameters.password)))
        isLocalDone = false
        guard number > 1 else { return }
        list = CheckListState()
        if profile.restart == .breakBeforeMake {
            removePairs(reason: "restart") { _ in true }
            locals.removeAll { $0.generation < number }
            setState(.checking)
        } else if state == .failed, !isPingLoop {
            setState(.checking)
        }
        finish(now)
    }

    /// Takes the peer's parameters. New ones begin the peer's next generation; those of pairs that the peer's checks made earlier are completed.
    public mutating func setRemote(_ parameters: ICEParameters, now: NIODeadline) {
        guard remotes.last?.parameters != parameters else { return }
        let index = remotes.count
        remotes.append(RemoteGeneration(parameters: parameters, key: .shortTerm(password: parameters.password)))
        isRemoteDone = false
        if index > 0 { list = CheckListState() }
        for position in pairs.indices
        where pairs[position].remoteGeneration == nil && pairs[position].remoteFragment == parameters.usernameFragment {
            pairs[position].remoteGeneration = index
        }
        // What is older than the generation before this one is of no use to anybody.
        let oldest = index - 1
        remoteCandidates.removeAll { $0.generation < oldest }
        list.start(now)
        finish(now)
    }

    /// Sets the role, as negotiated. Pair priorities follow it.
    public mutating func setRole(isControlling: Bool) {
        guard self.isControlling != isControlling else { return }
        self.isControlling = isControlling
        for index in pairs.indices { updatePriority(at: index) }
        loop.needsSort = true
    }

    /// Only relayed candidates are used: no reason to wait for better ones.
    public mutating func useRelayOnly() { usesRelayOnly = true }

    /// All local candidates of the newest generation are there.
    public mutating func endOfLocalCandidates(now: NIODeadline) {
        isLocalDone = true
        finish(now)
    }

    /// The peer has no more candidates of its newest generation.
    public mutating func endOfRemoteCandidates(now: NIODeadline) {
        isRemoteDone = true
        finish(now)
    }

    // MARK: Time

    /// When ``timerFired(now:)`` wants to be called; nil if only datagrams and calls can change anything.
    public var nextDeadline: NIODeadline? {
        switch profile.checking {
        case .pingLoop(let figures): return loopDeadline(figures)
        case .everyPair, .checkList:
            guard state != .closed else { return nil }
            return [listDeadline, consent.deadline].compactMap { $0 }.min()
        }
    }

    /// The time has come to `now`.
    public mutating func timerFired(now: NIODeadline) {
        switch profile.checking {
        case .pingLoop(let figures): loopFired(figures, now)
        case .everyPair(let interval, let limit, let lifetime):
            everyPairFired(interval: interval, limit: limit, lifetime: lifetime, now)
            watch(now)
        case .checkList(let pacing, let schedule):
            checkListFired(pacing: pacing, schedule: schedule, now)
            watch(now)
        }
        finish(now)
    }

    /// What follows from the change that an input made.
    mutating func finish(_ now: NIODeadline) {
        loop.clock = now
        switch profile.checking {
        case .pingLoop(let figures): finishLoop(figures, now)
        case .everyPair, .checkList: finishList(now)
        }
        let writable = selectedIndex.map { canSend(on: pairs[$0]) } ?? false
        if writable != isWritable {
            isWritable = writable
            actions.append(.writableChanged(writable))
        }
    }

    // MARK: Helpers

    var isPingLoop: Bool {
        if case .pingLoop = profile.checking { return true }
        return false
    }

    mutating func setState(_ next: ICEConnectionState) {
        guard state != next, state != .closed else { return }
        state = next
        actions.append(.stateChanged(next))
    }

    mutating func makePairID() -> Int {
        pairCount += 1
        return pairCount
    }

    func canSend(on pair: ICEPair) -> Bool {
        switch profile.checking {
        case .pingLoop: pair.writeState == .writable || pair.writeState == .unreliable
        case .everyPair, .checkList: state != .failed && state != .closed
        }
    }
}
