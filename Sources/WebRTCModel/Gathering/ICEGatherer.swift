import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

/// Finds the candidates of an ICE agent on a host: one generation after the other, each with transports of its own.
///
/// Callbacks come on the host's `eventLoop`, never before the call that caused them has returned. Transports belong to the agent from the moment
/// it is told of them; it closes them one by one or by ``close(generation:)``.
public final class ICEGatherer {
    /// A candidate was found. A server-reflexive one has the transport of its base.
    public var onCandidate: ((ICELocalCandidate, any LocalTransport) -> Void)?
    /// While gathering continually: the interface of a candidate has gone. Its transport is not closed.
    public var onCandidateRemoved: ((ICELocalCandidate, any LocalTransport) -> Void)?
    /// A server could not be used.
    public var onError: ((ICECandidateError) -> Void)?
    /// The newest generation has all it will find; never while gathering continually, as in libwebrtc.
    public var onComplete: (() -> Void)?
    /// For the trace.
    public var observe: ((WebRTCEvent.Kind) -> Void)?
    /// The number of the newest generation; 0 before the first.
    public private(set) var generation = 0

    let host: Host
    let profile: WebRTCProfile
    let random: RandomStream
    private var rounds: [GatheringRound] = []
    private var lastTransport = 0
    private var isClosed = false
    private var isWatching = false
    private var pollTimer: EventHandle?

    /// A gatherer that has not begun.
    ///
    /// - Parameters:
    ///   - host: whose interfaces.
    ///   - profile: whose phases and schedules.
    ///   - random: for transaction identifiers.
    public init(host: Host, profile: WebRTCProfile, random: RandomStream) {
        self.host = host
        self.profile = profile
        self.random = random
    }

    /// Begins a new generation; nothing more is looked for in the one before, whose transports stay.
    ///
    /// - Returns: its number, from 1.
    @discardableResult
    public func gather(_ configuration: ICETransportConfiguration) -> Int {
        precondition(!isClosed, "a closed gatherer was told to gather")
        rounds.last?.stopLooking()
        generation += 1
        let round = GatheringRound(generation, configuration: configuration, gatherer: self)
        rounds.append(round)
        host.eventLoop.schedule(at: host.eventLoop.now) { [weak self, weak round] in
            guard let self, let round, !isClosed else { return }
            round.start()
        }
        if configuration.gathering == .continually, !configuration.bindsAnyAddress { watch() }
        return generation
    }

    /// Looks for nothing more in the newest generation: what was found stays, and ``onComplete`` is not called.
    ///
    /// A STUN request or allocation that is under way finds nothing any more, even if its answer is only late: `BasicPortAllocatorSession::OnConfigStop` marks ports
    /// that are not complete as failed, and `OnCandidateReady` discards what they still find. So a call whose first STUN answer is lost may stay relayed.
    public func stopLooking() { rounds.last?.stopLooking() }

    /// Closes all transports of a generation. An earlier one may still carry the data: each ends by itself.
    public func close(generation: Int) {
        for round in rounds where round.generation == generation { round.close() }
        rounds.removeAll { $0.generation == generation }
    }

    /// Closes everything. Nothing is called afterwards.
    public func close() {
        isClosed = true
        for round in rounds { round.close() }
        rounds.removeAll()
        if let pollTimer { host.eventLoop.cancel(pollTimer) }
        pollTimer = nil
        (onCandidate, onCandidateRemoved, onError, onComplete, observe) = (nil, nil, nil, nil, nil)
    }

    // MARK: Interfaces

    private func watch() {
        if !isWatching {
            isWatching = true
            host.observePath { [weak self] _ in
                guard let self, !isClosed else { return }
                let loop = host.eventLoop
                loop.schedule(at: loop.now + profile.gathering.interfaceEventDelay) { [weak self] in self?.lookAtInterfaces() }
            }
        }
        if pollTimer == nil { poll() }
    }

    private func poll() {
        guard let interval = profile.gathering.interfacePollInterval else { return }
        let loop = host.eventLoop
        pollTimer = loop.schedule(at: loop.now + interval, target: self, argument: 0)
    }

    private func lookAtInterfaces() {
        guard !isClosed, let round = rounds.last, round.configuration.gathering == .continually else { return }
        round.interfacesMayHaveChanged()
    }

    // MARK: For the rounds

    func nextTransport() -> Int {
        lastTransport += 1
        return lastTransport
    }

    func report(_ url: String, code: Int, _ reason: String) {
        observe?(.serverFailed(url: url, code: code, reason: reason))
        onError?(ICECandidateError(url: url, errorCode: code, errorText: reason))
    }
}

extension ICEGatherer: EventTarget {
    /// For the simulation: it is time to look at the interfaces.
    public func fire(_ argument: UInt64) {
        pollTimer = nil
        lookAtInterfaces()
        if !isClosed, rounds.last?.configuration.gathering == .continually { poll() }
    }
}
