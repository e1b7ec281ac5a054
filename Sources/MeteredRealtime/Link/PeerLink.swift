import NIOCore

/// The connection to one remote peer: survives swaps and owns at most one live peer connection.
///
/// Confined to the event loop. Each input runs to completion before the next; inputs from inside a callback wait for the end of the step.
/// Life: `init`, the tracks so far with ``addTrack(_:)``, ``start()`` once, then anything, ``close()`` once. Nothing is told after `close()`.
final class PeerLink {
    /// The remote peer.
    let remoteID: String
    /// Whether our own offers yield (ICE-08). May change only right before ``swap()``, with our own id.
    var isPolite: Bool
    let options: PeerOptions
    let environment: LinkEnvironment

    var negotiation: PerfectNegotiation
    var gate = CandidateGate()
    var queue: SignalQueue
    var ladder: Ladder
    var stuck: StuckWatch
    var linkState = LinkState()
    /// The rung whose outcome is open.
    var rung: Int?

    /// The live connection, and how many there have been.
    var connection: (any PeerConnection)?
    var ordinal = 0
    var transportState = PeerConnectionState.new
    var iceServers: [ICEServer] = []
    var tracks: [AttachedTrack] = []
    var channels: [DataChannelCore] = []
    /// How many data channels there have been.
    var channelCount = 0
    /// Keeps an application section in the description without a channel of the application's (BEY-25).
    var placeholder: (any DataChannelTransport)?
    /// The kinds of media sections that the remote description in force has.
    var negotiationSections: [String] = []
    /// Whether a refused candidate of the present generation was reported: a flood must not become a flood of events (ICE-09).
    var hasReportedCandidate = false

    private(set) var isSignallingReady = true
    private(set) var isClosed = false
    private var isRunning = false
    private var deferred: CircularBuffer<() -> Void> = []
    private var timer: (deadline: NIODeadline, scheduled: Scheduled<Void>)?

    /// - Parameters:
    ///   - remoteID: The remote peer.
    ///   - isPolite: Whether our id is the smaller one.
    ///   - options: The SPEC's values.
    ///   - environment: The peer that owns the link. It must not hold the owner strongly if the owner holds the link.
    init(remoteID: String, isPolite: Bool, options: PeerOptions, environment: LinkEnvironment) {
        self.remoteID = remoteID
        self.isPolite = isPolite
        self.options = options
        self.environment = environment
        negotiation = PerfectNegotiation(options)
        queue = SignalQueue(isSerial: environment.serialSignals)
        ladder = Ladder(options)
        stuck = StuckWatch(options)
    }

    deinit { timer?.scheduled.cancel() }

    /// The public state.
    var state: RemotePeerState { linkState.state }

    /// Whether the peer connection itself is connected, whatever the public state is (BEY-22).
    var isTransportConnected: Bool { transportState == .connected }

    var now: NIODeadline { environment.eventLoop.now }

    // MARK: Inputs

    /// Makes the first connection, with the tracks added so far, and negotiates if there is something to negotiate.
    func start() {
        step { $0.makeConnection(.first, withApplicationSection: false) }
    }

    /// A signal from the remote peer came.
    func receive(_ signal: PeerSignal) {
        step { $0.take(signal) }
    }

    /// The signalling connection was lost: state `reconnecting` (ROS-01), rungs are skipped from now on (ICE-07).
    func signallingLost() {
        step { link in
            if !link.isSignallingReady { link.dropWaitingDescriptions() }
            link.isSignallingReady = false
            link.queue.isPaused = true
            link.report(link.linkState.signallingLost())
        }
    }

    /// Signalling is back and the roster reconciled, and the link is kept (BEY-22). A give-up that fell due meanwhile is reported now (ICE-07): call it
    /// after `joined` was reported.
    func signallingReady() {
        step { link in
            guard !link.isSignallingReady else { return }
            link.isSignallingReady = true
            link.queue.isPaused = false
            link.report(link.linkState.signallingReady(link.transportState))
            link.perform(link.ladder.signallingReady())
            link.negotiation.signallingReady(at: link.now)
        }
    }

    /// Signalling is back and the roster reconciled: gives the connection up for a new one (ROS-04, BEY-11, 24, 25). Not preceded or followed by
    /// ``signallingReady()``.
    func swap() {
        step { link in
            link.isSignallingReady = true
            link.queue.isPaused = false
            link.negotiation.connectionReplaced(signallingBroke: true)
            link.replaceConnection(.swap)
        }
    }

    /// Restarts ICE outside the ladder: the old network path is gone (SIG-19). A failure afterwards starts the ladder at its first rung.
    func restartICE() {
        step { link in
            guard link.connection != nil, link.transportState != .closed else { return }
            guard link.negotiation.hasNegotiated || link.negotiation.phase != .stable else { return }
            link.abandonLadder()
            link.diagnose(.iceRestart(.pathChanged))
            link.stuck.restarted(at: link.now, from: link.transportState)
            link.negotiation.restart()
        }
    }

    /// The peer left, or we do: ends everything. The state becomes `closed`, and nothing is told after that.
    func close() {
        step { link in
            link.abandonLadder()
            link.closeConnection()
            link.report(link.linkState.close())
            link.isClosed = true
        }
    }

    /// What has passed, and how; nil without a connection.
    func statistics(_ completion: @escaping (PeerConnectionStatistics?) -> Void) {
        guard let connection, !isClosed else { return completion(nil) }
        connection.statistics(completion)
    }

    // MARK: One step at a time

    /// Runs one input to completion, and what follows from it. An input that arrives meanwhile, from inside a callback, waits for its end.
    func step(_ body: @escaping (PeerLink) -> Void) {
        environment.eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        guard !isRunning else { return deferred.append { [weak self] in self.map(body) } }
        isRunning = true
        body(self)
        advance()
        while let next = deferred.popFirst(), !isClosed {
            next()
            advance()
        }
        deferred.removeAll()
        updateTimer()
        isRunning = false
    }

    /// A callback of the connection with this ordinal: late ones of its predecessors do not act.
    func step(of ordinal: Int, _ body: @escaping (PeerLink) -> Void) {
        step { link in
            guard link.ordinal == ordinal, link.connection != nil else { return }
            body(link)
        }
    }

    private func advance() {
        guard !isClosed else { return }
        repeat {
            runRecovery()
            runNegotiation()
            drainQueue()
        } while isRecoveryDue
    }

    private func updateTimer() {
        let now = now
        let deadlines = isClosed ? [] : [ladder.deadline, stuck.deadline, negotiation.deadline(after: now)]
        let deadline = deadlines.compactMap { $0 }.min()
        guard timer?.deadline != deadline else { return }
        timer?.scheduled.cancel()
        timer = deadline.map { deadline in
            let scheduled = environment.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
                self?.timer = nil
                self?.step { _ in }
            }
            return (deadline, scheduled)
        }
    }

    // MARK: Telling

    func diagnose(_ diagnostic: LinkDiagnostic) { environment.diagnose(diagnostic) }

    func report(_ change: LinkState.Change?) {
        guard let change else { return }
        environment.observe(.stateChanged(from: change.from, to: change.to))
    }

    func fail(_ error: NegotiationError) { environment.observe(.negotiationFailed(error)) }
}
