import Trace

/// BEY-16: an unanswered offer is sent again after its time, a few times, and then the ladder starts.
struct OfferRepeats {
    private struct Offer {
        var sent: Mark
        var repetitions = 0
    }

    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence
    private var offer: Offer?
    private var isReady: Bool
    /// A ladder runs, or has given up: nothing is repeated.
    private var hasLadder = false

    init(link: LinkHistory, peer: PeerHistory, evidence: Evidence) {
        self.link = link
        self.peer = peer
        self.evidence = evidence
        isReady = link.initialState == PeerState.joined.rawValue
    }

    mutating func take(_ step: PeerStep, _ report: inout CheckReport) {
        guard peer.spec.offerTimeout > .zero else { return }
        switch step.kind {
        case .ladder where step.event[.cause] == TraceEvent.LadderCause.offerUnanswered.rawValue: ladder(step, &report)
        case .signalSent where step.signal?.kind == .offer && (step.event[.repetition] ?? 0) > 0: repeated(step.mark, &report)
        default: advance(to: step.mark.at, &report)
        }
        switch step.kind {
        case .peerState:
            isReady = step.event[.to] == PeerState.joined.rawValue
            offer = nil
        case .connection, .connectionClosed, .peerLeft, .signalFailed, .negotiationError, .iceRestart: offer = nil
        case .ladder: ladderChanged(step.ladderPhase)
        case .pcState:
            if step.isState(.signaling), step.event[.state] != "have-local-offer" { offer = nil }
            if step.isState(.connection, "connected") { hasLadder = false }
        case .signalReceived: if step.signal?.kind == .answer { offer = nil }
        case .signalSent:
            guard step.signal?.kind == .offer, (step.event[.repetition] ?? 0) == 0 else { break }
            offer = isReady && !hasLadder ? Offer(sent: step.mark) : nil
        default: break
        }
    }

    private mutating func ladderChanged(_ phase: TraceEvent.LadderPhase?) {
        switch phase {
        case .started, .resumed, .rung:
            hasLadder = true
            offer = nil
        case .reset, .abandoned: hasLadder = false
        case .scheduled, .outcome, .skipped, .suspended, .giveUpPostponed, .gaveUp, nil: break
        }
    }

    private mutating func repeated(_ mark: Mark, _ report: inout CheckReport) {
        guard let offer else { return }
        let waited = (mark.at - offer.sent.at).text
        let window = peer.clock.window(from: offer.sent.at, after: peer.spec.offerTimeout)
        if offer.repetitions >= peer.spec.offerRepetitions {
            report.violate(
                .bey(16), peer.who, mark,
                "the offer to \(link.remote) was repeated \(offer.repetitions + 1) times; the spec says \(peer.spec.offerRepetitions).")
        } else {
            report.expect(
                !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window), .bey(16), peer.who, mark,
                "the offer to \(link.remote) was repeated after \(waited) s without an answer; the spec says \(peer.spec.offerTimeout.text)."
            )
        }
        self.offer = Offer(sent: mark, repetitions: offer.repetitions + 1)
    }

    private mutating func ladder(_ step: PeerStep, _ report: inout CheckReport) {
        guard let offer else { return }
        let window = peer.clock.window(from: offer.sent.at, after: peer.spec.offerTimeout)
        let isRight =
            offer.repetitions == peer.spec.offerRepetitions && !evidence.isEarly(step.mark, for: window)
            && !evidence.isLate(step.mark, for: window)
        report.expect(
            isRight, .bey(16), peer.who, step.mark,
            "the ladder to \(link.remote) began \((step.mark.at - offer.sent.at).text) s after the offer was repeated \(offer.repetitions) times;"
                + " the spec says \(peer.spec.offerTimeout.text) s after \(peer.spec.offerRepetitions).")
        self.offer = nil
    }

    mutating func advance(to time: Nanoseconds, _ report: inout CheckReport) {
        guard let offer else { return }
        let window = peer.clock.window(from: offer.sent.at, after: peer.spec.offerTimeout)
        guard time > window.latest + evidence.tolerance.late else { return }
        self.offer = nil
        report.violate(
            .bey(16), peer.who, offer.sent,
            "an offer to \(link.remote) had no answer for \((time - offer.sent.at).text) s and nothing was done; the spec repeats it after "
                + "\(peer.spec.offerTimeout.text).")
    }
}
