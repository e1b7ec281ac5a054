import MeteredRealtime
import Trace

/// Puts what a link to one remote peer decided into the trace.
struct LinkTrace {
    let who: String
    let remote: String
    let time: Int64
    /// Why a rung that comes now is skipped.
    let skipCause: TraceEvent.LadderCause

    /// - Parameter list: numbers lists of ICE servers.
    func event(for diagnostic: LinkDiagnostic, list: (ICEServersRecord) -> Int) -> TraceEvent? {
        switch diagnostic {
        case .connectionCreated(let ordinal, let reason, let servers):
            return .connection(
                at: time, who: who, remote: remote, ordinal: ordinal, reason: reason.traced, iceServers: servers.urls, list: list(servers))
        case .connectionClosed(let ordinal): return .connectionClosed(at: time, who: who, remote: remote, ordinal: ordinal)
        case .connectionStateChanged(let ordinal, let change): return state(change, ordinal)
        case .ladder(let diagnostic): return ladder(diagnostic)
        case .iceRestart(let cause): return .iceRestart(at: time, who: who, remote: remote, cause: cause.rawValue)
        case .iceServersUpdated(let ordinal, let servers):
            return .configuration(at: time, who: who, remote: remote, ordinal: ordinal, iceServers: servers.urls, list: list(servers))
        case .signalSent(let record):
            return .signalSent(
                at: time, who: who, remote: remote, TracedSignal(record), repetition: record.isRepeat ? 1 : nil, requestID: record.requestID
            )
        case .signalReceived(let record): return .signalReceived(at: time, who: who, remote: remote, TracedSignal(record))
        case .signalDropped(let record, let reason):
            return .signalDropped(at: time, who: who, remote: remote, TracedSignal(record), reason: reason)
        case .signalFailed(let record, let error):
            return .signalFailed(at: time, who: who, remote: remote, TracedSignal(record), error: error.description)
        case .localTrack(let ordinal, let track, let kind, let change):
            return .localTrack(
                at: time, who: who, phase: change == .added ? .attached : .detached, track: track, kind: kind.rawValue, remote: remote,
                ordinal: ordinal)
        case .dataChannel(let number, let label, let state, let origin):
            return .dataChannel(
                at: time, who: who, remote: remote, label: label, state: state.rawValue, origin: origin == .local ? .local : .remote,
                object: number)
        case .note: return nil
        }
    }

    private func state(_ change: PeerConnectionStateChange, _ ordinal: Int) -> TraceEvent {
        let (machine, state): (TraceEvent.PeerConnectionMachine, String) =
            switch change {
            case .signaling(let state): (.signaling, state.rawValue)
            case .ice(let state): (.ice, state.rawValue)
            case .gathering(let state): (.gathering, state.rawValue)
            case .connection(let state): (.connection, state.rawValue)
            }
        return .pcState(at: time, who: who, remote: remote, ordinal: ordinal, machine: machine, state: state)
    }

    private func ladder(_ diagnostic: LadderDiagnostic) -> TraceEvent {
        func event(
            _ phase: TraceEvent.LadderPhase, cause: TraceEvent.LadderCause? = nil, rung: Int? = nil, delayNs: Int64? = nil,
            outcome: TraceEvent.RungOutcome? = nil
        ) -> TraceEvent {
            .ladder(at: time, who: who, remote: remote, phase: phase, cause: cause, rung: rung, delayNs: delayNs, outcome: outcome)
        }
        switch diagnostic {
        case .started(let cause): return event(.started, cause: cause.traced)
        case .scheduled(let rung, let delay): return event(.scheduled, rung: rung, delayNs: delay.nanoseconds)
        case .rungStarted(let rung): return event(.rung, rung: rung)
        case .rungSkipped(let rung): return event(.skipped, cause: skipCause, rung: rung)
        case .rungOutcome(let rung, let outcome): return event(.outcome, rung: rung, outcome: outcome.traced)
        case .suspended: return event(.suspended)
        case .resumed(let cause): return event(.resumed, cause: cause.traced)
        case .reset: return event(.reset)
        case .abandoned: return event(.abandoned)
        case .giveUpPostponed: return event(.giveUpPostponed)
        case .gaveUp(let attempts): return event(.gaveUp, rung: attempts)
        }
    }
}

extension ConnectionReason {
    fileprivate var traced: TraceEvent.ConnectionReason {
        switch self {
        case .first: .first
        case .swap: .swap
        case .replaced: .replaced
        }
    }
}

extension LadderCause {
    fileprivate var traced: TraceEvent.LadderCause {
        switch self {
        case .failed: .failed
        case .stuck: .stuck
        case .unansweredOffer: .offerUnanswered
        }
    }
}

extension RungOutcome {
    fileprivate var traced: TraceEvent.RungOutcome {
        switch self {
        case .offerSent: .offerSent
        case .answered: .answered
        case .yielded: .yielded
        case .connected: .connected
        case .failed: .failed
        case .superseded: .superseded
        }
    }
}

extension TracedSignal {
    init(_ record: SignalRecord) {
        let kind: Kind =
            switch record.kind {
            case .offer: .offer
            case .answer: .answer
            case .candidate: .ice
            case .endOfCandidates: .iceEnd
            case .trackMetadata: .trackMetadata
            }
        let isDescription = kind == .offer || kind == .answer
        self.init(
            kind, ufrag: record.usernameFragment, fingerprint: record.fingerprint, sections: isDescription ? record.sections : nil,
            tracks: isDescription ? record.announcedTracks : nil)
        characters = record.characters
        trackID = record.trackID
    }
}
