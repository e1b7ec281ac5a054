import Trace

/// Follows the generations of one link: ICE-08 to ICE-11, BEY-25, BEY-27.
struct NegotiationWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence
    private var ownID: String?
    private var signaling = "stable"
    private var hasConnection = false
    /// Of the remote description that the connection has.
    private var fingerprint: String?
    private var remoteUfrag: String?
    private var ownUfrag: String?
    /// Remote ufrags of earlier generations.
    private var oldUfrags: Set<String> = []
    private var candidates: [String: Int] = [:]
    private var lastOffer: (mark: Mark, signal: TracedSignal)?
    private var lastReplacement: Mark?
    private var isSwapped = false
    /// The old connection had an application section, and the new one has not offered yet (BEY-25).
    private var owesApplication = false
    private var hasApplication = false

    init(link: LinkHistory, peer: PeerHistory, evidence: Evidence) {
        self.link = link
        self.peer = peer
        self.evidence = evidence
        ownID = link.initialOwnID
    }

    private var who: String { peer.who }

    mutating func take(_ place: Int, _ report: inout CheckReport) {
        let step = link.steps[place]
        switch step.kind {
        case .welcome: ownID = step.event[.peerID] ?? ownID
        case .connection: connected(step, &report)
        case .connectionClosed: hasConnection = false
        case .pcState:
            if step.isState(.signaling) { signaling = step.event[.state] ?? signaling }
            if step.isState(.connection, "connected"), isSwapped {
                report.hold(.bey(27))
                isSwapped = false
            }
        case .signalSent: if let signal = step.signal { sent(signal, step.mark, &report) }
        case .signalReceived: if let signal = step.signal { received(signal, place, &report) }
        case .dataChannel: hasApplication = true
        default: break
        }
    }

    // MARK: Connections

    private mutating func connected(_ step: PeerStep, _ report: inout CheckReport) {
        let isReplaced = step.event[.reason] == TraceEvent.ConnectionReason.replaced.rawValue
        let cause = lastOffer.flatMap { evidence.isTogether($0.mark.at, step.mark.at) ? $0.signal : nil }
        if isReplaced { checkReplacement(step.mark, cause, &report) }
        isSwapped = isSwapped || (hasConnection && !isReplaced) || step.event[.reason] == TraceEvent.ConnectionReason.swap.rawValue
        owesApplication = hasApplication
        hasApplication = false
        fingerprint = isReplaced ? cause?.fingerprint : nil
        remoteUfrag = isReplaced ? cause?.ufrag : nil
        oldUfrags.removeAll()
        candidates.removeAll()
        signaling = "stable"
        hasConnection = true
    }

    private mutating func checkReplacement(_ mark: Mark, _ cause: TracedSignal?, _ report: inout CheckReport) {
        let known = fingerprint
        if let lastReplacement {
            let window = peer.clock.window(from: lastReplacement.at, after: peer.spec.replacementInterval)
            report.expect(
                !evidence.isEarly(mark, for: window), .ice(11), who, mark,
                "the connection to \(link.remote) was replaced \((mark.at - lastReplacement.at).text) s after the last time; the spec says at "
                    + "most once per \(peer.spec.replacementInterval.text) (ICE-11).")
        }
        lastReplacement = mark
        guard let told = cause?.fingerprint, let known else { return }
        report.expect(
            told != known, .ice(11), who, mark,
            "the connection to \(link.remote) was replaced for an offer with the same fingerprint; the spec restarts in place (ICE-11).")
    }

    // MARK: Ours

    private mutating func sent(_ signal: TracedSignal, _ mark: Mark, _ report: inout CheckReport) {
        guard signal.kind == .offer || signal.kind == .answer else { return }
        if let sections = signal.sections {
            if signal.kind == .offer, owesApplication {
                report.expect(
                    sections.contains("application"), .bey(25), who, mark,
                    "the first offer to \(link.remote) after the swap has no application section; the old connection had one (BEY-25).")
            }
            owesApplication = false
            hasApplication = hasApplication || sections.contains("application")
        }
        guard signal.kind == .offer, let ufrag = signal.ufrag, ufrag != ownUfrag else { return }
        // A restart of ours: what the remote peer said before is of an earlier generation.
        if ownUfrag != nil, let remoteUfrag { oldUfrags.insert(remoteUfrag) }
        ownUfrag = ufrag
    }

    // MARK: Theirs

    private mutating func received(_ signal: TracedSignal, _ place: Int, _ report: inout CheckReport) {
        let mark = link.steps[place].mark
        let drop = drop(of: signal, after: place)
        switch signal.kind {
        case .offer: receivedOffer(signal, mark, drop, place, &report)
        case .answer: receivedAnswer(signal, mark, isDropped: drop != nil, &report)
        case .ice: receivedCandidate(signal, mark, isDropped: drop != nil, &report)
        case .iceEnd, .trackMetadata: break
        }
    }

    /// The drop that directly follows: each signal is dealt with before the next.
    private func drop(of signal: TracedSignal, after place: Int) -> PeerStep? {
        let mark = link.steps[place].mark
        for step in link.steps[(place + 1)...] {
            guard evidence.isTogether(step.mark.at, mark.at), step.kind != .signalReceived else { return nil }
            if step.kind == .signalDropped, step.event[.signal] == signal.kind.rawValue { return step }
        }
        return nil
    }

    private mutating func receivedOffer(
        _ signal: TracedSignal, _ mark: Mark, _ drop: PeerStep?, _ place: Int, _ report: inout CheckReport
    ) {
        let isNew = signal.fingerprint.map { told in fingerprint.map { $0 != told } ?? false } ?? false
        if isNew {
            receivedForeignOffer(mark, drop, place, &report)
        } else if signaling == "have-local-offer" {
            checkCollision(mark, isDropped: drop != nil, &report)
        } else if let drop, drop.event[.reason] == TraceEvent.SignalDropReason.collision.rawValue,
            !hasConnection || signaling == "closed"
        {
            report.violate(
                .bey(27), who, mark, "an offer of \(link.remote) was dropped as a collision, but there is no connection that could collide."
            )
        }
        guard drop == nil else { return }
        lastOffer = (mark, signal)
        hasApplication = hasApplication || (signal.sections?.contains("application") ?? false)
        take(signal, isReplacement: isNew)
    }

    /// The remote peer's description is taken.
    private mutating func take(_ signal: TracedSignal, isReplacement: Bool) {
        if let ufrag = signal.ufrag, ufrag != remoteUfrag {
            if let remoteUfrag { oldUfrags.insert(remoteUfrag) }
            remoteUfrag = ufrag
            oldUfrags.remove(ufrag)
        }
        if !isReplacement { fingerprint = signal.fingerprint ?? fingerprint }
    }

    /// ICE-11: a new fingerprint is a new connection there.
    private func receivedForeignOffer(_ mark: Mark, _ drop: PeerStep?, _ place: Int, _ report: inout CheckReport) {
        if drop != nil {
            let isSoon = lastReplacement.map { mark.at - $0.at <= peer.spec.replacementInterval + evidence.tolerance.late } ?? false
            report.expect(
                isSoon, .ice(11), who, mark,
                "an offer of \(link.remote) with a new fingerprint was dropped; the spec replaces the connection (ICE-11).")
            return
        }
        let isReplaced = link.steps[place...].prefix { evidence.isTogether($0.mark.at, mark.at) }.contains { $0.kind == .connection }
        report.expect(
            isReplaced, .ice(11), who, mark,
            "an offer of \(link.remote) has a new fingerprint, but our connection was not replaced (ICE-11).")
    }

    /// ICE-08.
    private func checkCollision(_ mark: Mark, isDropped: Bool, _ report: inout CheckReport) {
        guard let ownID else { return }
        let isPolite = ownID < link.remote
        report.expect(
            isDropped != isPolite, .ice(8), who, mark,
            isPolite
                ? "a colliding offer of \(link.remote) was dropped, but the smaller id is polite and yields (ICE-08)."
                : "we yielded to a colliding offer of \(link.remote), but its id is the smaller one and polite (ICE-08).")
    }

    /// ICE-10: an answer belongs to the offer that stands.
    private mutating func receivedAnswer(_ signal: TracedSignal, _ mark: Mark, isDropped: Bool, _ report: inout CheckReport) {
        if isDropped { return report.hold(.ice(10)) }
        if peer.kinds.contains(.pcState) {
            report.expect(
                signaling == "have-local-offer", .ice(10), who, mark,
                "an answer of \(link.remote) was taken in \(signaling); the spec says only in have-local-offer (ICE-10).")
        }
        if let ufrag = signal.ufrag {
            report.expect(
                !oldUfrags.contains(ufrag), .ice(10), who, mark,
                "an answer of \(link.remote) with ufrag \(ufrag), of an earlier offer, was taken (ICE-10).")
        }
        take(signal, isReplacement: false)
    }

    /// ICE-09, ICE-10.
    private mutating func receivedCandidate(_ signal: TracedSignal, _ mark: Mark, isDropped: Bool, _ report: inout CheckReport) {
        let ufrag = signal.ufrag ?? remoteUfrag ?? ""
        if isDropped {
            if oldUfrags.contains(ufrag) { report.hold(.ice(10)) } else { report.hold(.ice(9)) }
            return
        }
        report.expect(
            !oldUfrags.contains(ufrag), .ice(10), who, mark,
            "a candidate of \(link.remote) with ufrag \(ufrag), of an earlier generation, was taken (ICE-10).")
        candidates[ufrag, default: 0] += 1
        let count = candidates[ufrag] ?? 0
        report.expect(
            count <= PeerSpec.maximumCandidates, .ice(9), who, mark,
            "candidate \(count) of \(link.remote) for one generation was taken; the spec says \(PeerSpec.maximumCandidates) (ICE-09).")
        if let characters = signal.characters {
            report.expect(
                characters <= PeerSpec.maximumCandidateCharacters, .ice(9), who, mark,
                "a candidate of \(characters) characters was taken; the spec says \(PeerSpec.maximumCandidateCharacters) (ICE-09).")
        }
    }
}
