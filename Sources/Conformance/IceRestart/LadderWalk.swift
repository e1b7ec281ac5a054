import Trace

/// Follows one link's connection state and ladder through the trace.
struct LadderWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence
    /// Instants at which something else than the ladder ended it: a new connection, a closed one, a restart outside it.
    let interruptions: [Nanoseconds]
    let failures: [Nanoseconds]

    var run: LadderRun?
    /// The give-up holds until the link recovers (ICE-05).
    var isLatched = false
    var isReady: Bool
    var readyChanged: Nanoseconds?
    /// The state of the connection that is there, and since when.
    var connection: (state: String, since: Mark)?
    /// Since when the connection has been `connecting` or `disconnected`, the one after the other.
    var troubledSince: Mark?
    /// After the give-up: since when the link is connected again. Whether it must hold to have recovered, the spec does not say.
    var recoveredAt: Mark?
    /// The connection failed and no ladder runs: one must begin at this instant.
    var owesLadder: Mark?
    /// When the last ladder ended: until then the link was being helped.
    var ladderEnded: Mark?
    /// When ICE was restarted outside the ladder: a link that had failed before is stuck if nothing comes of it.
    var restartedAt: Mark?
    /// When the give-up fell due without signalling.
    var postponed: Mark?

    init(link: LinkHistory, peer: PeerHistory, evidence: Evidence) {
        self.link = link
        self.peer = peer
        self.evidence = evidence
        isReady = link.initialState == PeerState.joined.rawValue
        interruptions = link.steps.filter { step in
            [.connection, .connectionClosed, .iceRestart, .peerLeft].contains(step.kind)
                || (step.kind == .remoteState && step.event[.to] == RemoteState.closed.rawValue) || step.isState(.connection, "closed")
        }.map(\.mark.at)
        failures = link.steps.filter { $0.isState(.connection, "failed") }.map(\.mark.at)
    }

    var who: String { peer.who }
    var spec: PeerSpec { peer.spec }

    mutating func take(_ step: PeerStep, _ report: inout CheckReport) {
        checkOwed(at: step.mark.at, &report)
        switch step.kind {
        case .peerState:
            isReady = step.event[.to] == PeerState.joined.rawValue
            readyChanged = step.mark.at
        case .connection:
            interrupt(step.mark, &report)
            connection = ("new", step.mark)
        case .connectionClosed:
            interrupt(step.mark, &report)
            connection = nil
        case .peerLeft: interrupt(step.mark, &report)
        case .iceRestart:
            interrupt(step.mark, &report)
            // The restart begins the time in this state anew, or it does not: the spec does not say.
            if let state = connection?.state { connection = (state, step.mark) }
            restartedAt = step.mark
        case .pcState where step.isState(.connection): change(to: step.event[.state] ?? "", step.mark, &report)
        case .ladder: ladder(step, &report)
        case .negotiationError:
            if step.event[.isGiveUp] == true { gaveUp(step, &report) } else { checkBurnt(step, &report) }
        case .signalSent where step.event[.signal] == TracedSignal.Kind.offer.rawValue: run?.outcome("offer sent")
        case .signalReceived where step.event[.signal] == TracedSignal.Kind.answer.rawValue: run?.outcome("answered")
        default: break
        }
    }

    mutating func finish(_ report: inout CheckReport) {
        checkOwed(at: evidence.end.at, &report)
        checkStuck(at: evidence.end, &report)
        close(at: evidence.end, &report)
        end(nil, &report)
    }
}

// MARK: - The connection

extension LadderWalk {
    private mutating func change(to state: String, _ mark: Mark, _ report: inout CheckReport) {
        checkStuck(at: mark, &report)
        let isSame = connection?.state == state
        connection = (state, isSame ? connection?.since ?? mark : mark)
        let isTroubled = state == "connecting" || state == "disconnected"
        troubledSince = isTroubled ? troubledSince ?? mark : nil
        if !isTroubled { restartedAt = nil }
        switch state {
        case "connected": connected(mark, &report)
        case "failed" where !isSame: failed(mark, &report)
        case "disconnected": if run?.connectedAt != nil { run?.wavered = true }
        default: break
        }
    }

    private mutating func connected(_ mark: Mark, _ report: inout CheckReport) {
        if isLatched { recoveredAt = recoveredAt ?? mark }
        postponed = nil
        owesLadder = nil
        guard run != nil, run?.connectedAt == nil || run?.wavered == true else { return }
        if run?.connectedAt == nil { close(at: mark, &report) }
        run?.outcome("connected")
        if run?.connectedAt == nil { run?.connectedAt = mark }
    }

    private mutating func failed(_ mark: Mark, _ report: inout CheckReport) {
        if isLatched {
            guard let recovered = recoveredAt else { return }
            let held = peer.clock.window(from: recovered.at, after: spec.stableAfter)
            isLatched = false
            recoveredAt = nil
            if evidence.isLate(mark, for: held) { owesLadder = mark }
            return
        }
        guard let connectedAt = run?.connectedAt else {
            if run == nil { owesLadder = mark } else { run?.outcome("failed") }
            return
        }
        let held = peer.clock.window(from: connectedAt.at, after: spec.stableAfter)
        if evidence.isLate(mark, for: held), run?.wavered == false {
            // It had held: the ladder is over, and a new one begins.
            report.hold(.ice(4))
            end("reset", &report)
            owesLadder = mark
        } else {
            resume(mark, mayBeginAnew: run?.wavered == true && !evidence.isEarly(mark, for: held))
        }
    }

    /// The failure of a link that had not held: the next rung comes its own delay later.
    private mutating func resume(_ mark: Mark, mayBeginAnew: Bool) {
        run?.resumedAt = mark
        run?.mayBeginAnew = mayBeginAnew
        run?.connectedAt = nil
        run?.wavered = false
        run?.isOnTable = false
        run?.waitsFrom = mark.at
    }

    /// A ladder begins at the instant of the failure.
    private mutating func checkOwed(at time: Nanoseconds, _ report: inout CheckReport) {
        guard let failure = owesLadder, evidence.isOver(failure.at, at: time) else { return }
        owesLadder = nil
        if interruptions.contains(where: { evidence.isTogether(failure.at, $0) }) { return }
        guard !peer.clock.wasSuspended(from: failure.at - .milliseconds(1), to: failure.at + .milliseconds(1)) else { return }
        report.violate(
            .ice(1), who, failure, "the connection to \(link.remote) failed and no ladder began; the spec says rung 1 at once (ICE-01).")
    }

    /// BEY-15: too long in a state that does not heal by itself.
    private func checkStuck(at mark: Mark, _ report: inout CheckReport) {
        guard let connection, connection.state == "connecting" || connection.state == "disconnected", spec.stuckTimeout > .zero,
            run == nil, !isLatched
        else { return }
        let since = [connection.since, ladderEnded ?? connection.since].max { $0.index < $1.index } ?? connection.since
        let window = peer.clock.window(from: since.at, after: spec.stuckTimeout)
        guard evidence.isLate(mark, for: window) else { return }
        report.violate(
            .bey(15), who, since,
            "the connection to \(link.remote) stayed \(connection.state) for \((mark.at - since.at).text) s and no ladder began; "
                + "the spec says after \(spec.stuckTimeout.text) s.")
    }

    /// Something else ended what the ladder was there for.
    private mutating func interrupt(_ mark: Mark, _ report: inout CheckReport) {
        checkStuck(at: mark, &report)
        close(at: mark, &report)
        end("abandoned", &report)
        isLatched = false
        recoveredAt = nil
        troubledSince = nil
        postponed = nil
        owesLadder = nil
    }
}
