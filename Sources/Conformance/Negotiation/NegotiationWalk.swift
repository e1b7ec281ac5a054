import Trace

/// Follows the generations of one link: ICE-08 to ICE-11, BEY-25, BEY-27.
struct NegotiationWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence
    private var ownID: String?
    private var signaling = "stable"
    private var hasConnection = false
    /// The remote peer ended it (DTLS): whatever it offers then needs a new one.
    private var isDead = false
    /// Of the remote description that the connection has.
    private var fingerprint: String?
    private var remoteUfrag: String?
    private var ownUfrag: String?
    /// A remote description that came and is not in force yet.
    private var pending: TracedSignal?
    /// Remote ufrags that a later description in force has superseded.
    private var oldUfrags: Set<String> = []
    /// The remote ufrags that answered, with the generation of ours that each was for.
    private var answers: [String: String] = [:]
    private var offers: Set<String> = []
    private var candidates: [String: Int] = [:]
    private var lastOffer: (mark: Mark, signal: TracedSignal)?
    private var lastReplacement: Mark?
    private var isSwapped = false
    /// Signalling is back and the snapshot is not there yet, or it is away: what comes waits for the new connection (ROS-04, ICE-07).
    private var isReconnecting: Bool
    /// The old connection had an application section, and the new one has not offered yet (BEY-25).
    private var owesApplication = false
    private var hasApplication = false

    init(link: LinkHistory, peer: PeerHistory, evidence: Evidence) {
        self.link = link
        self.peer = peer
        self.evidence = evidence
        ownID = link.initialOwnID
        isReconnecting = link.initialState == PeerState.reconnecting.rawValue
    }

    private var who: String { peer.who }

    mutating func take(_ place: Int, _ report: inout CheckReport) {
        let step = link.steps[place]
        switch step.kind {
        case .welcome: ownID = step.event[.peerID] ?? ownID
        case .peerState: isReconnecting = step.event[.to] == PeerState.reconnecting.rawValue
        case .connection: connected(step, &report)
        case .connectionClosed: hasConnection = false
        case .peerLeft: forget()
        case .pcState:
            if step.isState(.signaling) {
                signaling = step.event[.state] ?? signaling
                if signaling == "stable" || signaling == "have-remote-offer" { apply() }
            }
            if step.isState(.connection, "closed") { (hasConnection, isDead) = (false, true) }
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

    /// Who joins again is a new remote peer.
    private mutating func forget() {
        (hasConnection, isDead, isSwapped, owesApplication, hasApplication) = (false, false, false, false, false)
        (fingerprint, remoteUfrag, ownUfrag, pending, lastOffer, lastReplacement) = (nil, nil, nil, nil, nil, nil)
        (oldUfrags, offers, answers, candidates) = ([], [], [:], [:])
        signaling = "stable"
    }

    // MARK: Connections

    private mutating func connected(_ step: PeerStep, _ report: inout CheckReport) {
        let isReplaced = step.event[.reason] == TraceEvent.ConnectionReason.replaced.rawValue
        let cause = lastOffer.flatMap {
            step.mark.at - $0.mark.at <= PeerSpec.descriptionAllowance + peer.spec.replacementInterval ? $0.signal : nil
        }
        if isReplaced { checkReplacement(step.mark, cause, &report) }
        isSwapped = isSwapped || (hasConnection && !isReplaced) || step.event[.reason] == TraceEvent.ConnectionReason.swap.rawValue
        owesApplication = hasApplication
        hasApplication = false
        fingerprint = isReplaced ? cause?.fingerprint : nil
        remoteUfrag = isReplaced ? cause?.ufrag : nil
        pending = nil
        oldUfrags.removeAll()
        candidates.removeAll()
        answers.removeAll()
        offers.removeAll()
        signaling = "stable"
        (hasConnection, isDead) = (true, false)
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
        guard let told = cause?.fingerprint, let known, !isDead else { return }
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
        if signal.kind == .offer { ownUfrag = signal.ufrag ?? ownUfrag }
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

    /// The drop that belongs to it: of a candidate it directly follows, a description may wait for the library.
    private func drop(of signal: TracedSignal, after place: Int) -> PeerStep? {
        let mark = link.steps[place].mark
        let isDescription = signal.kind == .offer || signal.kind == .answer
        let allowance = isDescription ? PeerSpec.descriptionAllowance : .zero
        for step in link.steps[(place + 1)...] {
            guard step.mark.at - mark.at <= allowance + evidence.tolerance.early else { return nil }
            if step.kind == .signalDropped, step.event[.signal] == signal.kind.rawValue, step.event[.ufrag] == signal.ufrag { return step }
            if step.kind == .signalReceived, !isDescription { return nil }
        }
        return nil
    }

    private mutating func receivedOffer(
        _ signal: TracedSignal, _ mark: Mark, _ drop: PeerStep?, _ place: Int, _ report: inout CheckReport
    ) {
        let isNew = signal.fingerprint.map { told in fingerprint.map { $0 != told } ?? false } ?? false
        let isRepeated = signal.ufrag.map { !offers.insert($0).inserted } ?? false
        if isNew {
            receivedForeignOffer(mark, drop, place, &report)
        } else if !hasConnection || signaling == "closed" {
            checkNoCollision(drop, mark, &report)
        } else if signaling == "have-local-offer", pending == nil, !isRepeated {
            checkCollision(mark, isDropped: drop != nil, &report)
        } else if drop == nil, signal.ufrag != remoteUfrag, remoteUfrag != nil {
            report.hold(.ice(11))
        }
        guard drop == nil else { return }
        lastOffer = (mark, signal)
        hasApplication = hasApplication || (signal.sections?.contains("application") ?? false)
        if !isNew { take(signal) }
    }

    private func checkNoCollision(_ drop: PeerStep?, _ mark: Mark, _ report: inout CheckReport) {
        guard let drop, drop.event[.reason]?.contains(TraceEvent.SignalDropReason.collision.rawValue) == true else { return }
        report.violate(
            .bey(27), who, mark, "an offer of \(link.remote) was dropped as a collision, but there is no connection that could collide.")
    }

    /// The remote peer's description will be in force once the signaling state says so; a trace without it is taken at its word.
    private mutating func take(_ signal: TracedSignal) {
        pending = signal
        if !peer.kinds.contains(.pcState) { apply() }
    }

    private mutating func apply() {
        guard let signal = pending else { return }
        pending = nil
        fingerprint = signal.fingerprint ?? fingerprint
        guard let ufrag = signal.ufrag, ufrag != remoteUfrag else { return }
        if let remoteUfrag { oldUfrags.insert(remoteUfrag) }
        remoteUfrag = ufrag
        oldUfrags.remove(ufrag)
    }

    /// ICE-11: a new fingerprint is a new connection there.
    private func receivedForeignOffer(_ mark: Mark, _ drop: PeerStep?, _ place: Int, _ report: inout CheckReport) {
        guard !isReconnecting else { return }
        let deadline = mark.at + PeerSpec.descriptionAllowance + peer.spec.replacementInterval
        let following = link.steps[place...].prefix { $0.mark.at <= deadline }
        // A drop of signalling voids it: the new connection comes with the snapshot.
        let isVoid = following.contains { $0.kind == .peerState && $0.event[.to] == PeerState.reconnecting.rawValue }
        if drop != nil {
            if isVoid { return }
            let isSoon = lastReplacement.map { mark.at - $0.at <= peer.spec.replacementInterval + evidence.tolerance.late } ?? false
            report.expect(
                isSoon, .ice(11), who, mark,
                "an offer of \(link.remote) with a new fingerprint was dropped; the spec replaces the connection (ICE-11).")
            return
        }
        let isReplaced = following.contains { $0.kind == .connection || $0.kind == .connectionClosed || $0.kind == .peerLeft }
        guard isReplaced || (evidence.end.at > deadline && !isVoid) else { return }
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
        if let ufrag = signal.ufrag, let ownUfrag {
            let before = answers[ufrag]
            report.expect(
                before == nil || before == ownUfrag, .ice(10), who, mark,
                "an answer of \(link.remote) with ufrag \(ufrag), of an earlier offer, was taken (ICE-10).")
            answers[ufrag] = ownUfrag
        }
        take(signal)
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
