import Trace

/// ICE-03: each rung restarts ICE in place, with the newest servers, and makes a fresh offer. Also SIG-19's restart outside the ladder.
struct RungOffers {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence

    private struct Restart {
        var mark: Mark
        var name: String
        var ordinal: Int?
        var isRung: Bool
    }

    func check(_ report: inout CheckReport) {
        var newest = link.initialServerList
        var inForce: Int?
        var isStale = false
        var ordinal: Int?
        var signaling = "stable"
        var isConnected = false
        var sections: [String] = []
        var ufrags: Set<String> = []
        var owed: Restart?
        /// Without signalling no offer can leave: a restart outside the ladder waits for it.
        var isReady = link.initialState == PeerState.joined.rawValue
        var waiting: Restart?
        for step in link.steps {
            if let restart = owed, evidence.isOver(restart.mark.at + PeerSpec.offerAllowance, at: step.mark.at),
                !peer.client.spec.serialSignals
            {
                report.violate(
                    .ice(3), peer.who, restart.mark,
                    "\(restart.name) to \(link.remote) made no offer within \(PeerSpec.offerAllowance.text) s (ICE-03).")
                owed = nil
            }
            switch step.kind {
            case .iceServers: newest = step.event[.serverList] ?? newest
            case .connection:
                if let restart = owed, restart.isRung, evidence.isTogether(restart.mark.at, step.mark.at),
                    step.event[.reason] == TraceEvent.ConnectionReason.first.rawValue
                {
                    report.violate(
                        .ice(3), peer.who, step.mark, "\(restart.name) to \(link.remote) made a new peer connection; it restarts in place.")
                }
                (owed, waiting) = (nil, nil)
                ordinal = step.event[.ordinal]
                signaling = "stable"
                isConnected = false
                inForce = step.event[.serverList]
                isStale = false
            case .configuration:
                isStale = false
                inForce = step.event[.serverList] ?? inForce
            case .connectionClosed: if let restart = owed, !evidence.isTogether(restart.mark.at, step.mark.at) { owed = nil }
            case .pcState:
                if step.isState(.signaling) { signaling = step.event[.state] ?? signaling }
                if step.isState(.connection) { isConnected = step.event[.state] == "connected" }
                // What heals or is answered meanwhile needs no offer of its own.
                if isConnected || signaling == "have-remote-offer" { owed = nil }
            case .ladder where step.ladderPhase == .rung:
                owed = Restart(mark: step.mark, name: "rung \(step.event[.rung] ?? 0)", ordinal: ordinal, isRung: true)
            case .iceRestart:
                let restart = Restart(mark: step.mark, name: "the restart", ordinal: ordinal, isRung: false)
                if isReady { owed = restart } else { waiting = restart }
            case .negotiationError, .signalFailed, .signalReceived:
                let isOffer = step.event[.signal] == TracedSignal.Kind.offer.rawValue
                if step.kind != .signalReceived || isOffer { owed = nil }
            case .peerState:
                isReady = step.event[.to] == PeerState.joined.rawValue
                owed = isReady ? waiting.map { Restart(mark: step.mark, name: $0.name, ordinal: $0.ordinal, isRung: false) } : nil
                waiting = nil
            case .signalSent:
                guard let signal = step.signal, signal.kind == .offer, let ufrag = signal.ufrag, (step.event[.repetition] ?? 0) == 0
                else { break }
                if let restart = owed {
                    report.expect(
                        !ufrags.contains(ufrag), .ice(3), peer.who, step.mark,
                        "\(restart.name) to \(link.remote) offered ufrag \(ufrag) again; the spec says a fresh one (ICE-03).")
                    checkServers(restart, newest, inForce, &isStale, &report)
                    checkSections(restart, sections, signal.sections, step.mark, &report)
                    if !restart.isRung { report.hold(.sig(19)) }
                }
                owed = nil
                ufrags.insert(ufrag)
                sections = signal.sections ?? sections
            default: break
            }
        }
        checkPathChanges(&report)
    }

    /// The servers that the connection has when the rung is run are the newest (ICE-03, BEY-23).
    private func checkServers(
        _ restart: Restart, _ newest: Int?, _ inForce: Int?, _ isStale: inout Bool, _ report: inout CheckReport
    ) {
        guard let newest, let inForce else { return }
        if newest == inForce { return report.hold(.ice(3)) }
        guard !isStale else { return }
        isStale = true
        let message =
            "\(restart.name) to \(link.remote) used ICE servers of list \(inForce); the newest is list \(newest) (ICE-03)."
        report.violate(.ice(3), peer.who, restart.mark, message)
        report.violate(.bey(23), peer.who, restart.mark, message)
    }

    /// BEY-13: a link of data channels alone restarts with its application section.
    private func checkSections(
        _ restart: Restart, _ before: [String], _ now: [String]?, _ mark: Mark, _ report: inout CheckReport
    ) {
        guard let now, before == ["application"] else { return }
        report.expect(
            now.contains("application"), .bey(13), peer.who, mark,
            "\(restart.name) to \(link.remote) offered no application section, though the link has only data channels.")
    }

    /// SIG-19: with the old path gone every link that has a connection restarts at once.
    private func checkPathChanges(_ report: inout CheckReport) {
        guard peer.kinds.contains(.connection) else { return }
        var live = false
        var isNegotiated = false
        for (place, step) in link.steps.enumerated() {
            switch step.kind {
            case .connection: (live, isNegotiated) = (true, false)
            case .connectionClosed, .peerLeft: live = false
            case .signalSent, .signalReceived:
                if [.offer, .answer].contains(step.signal?.kind) { isNegotiated = true }
            case .pathChanged where step.event[.oldPathGone] == true && live && isNegotiated:
                let isRestarted = link.steps[place...].prefix { !evidence.isOver(step.mark.at, at: $0.mark.at) }
                    .contains { [.iceRestart, .connection, .connectionClosed].contains($0.kind) }
                report.expect(
                    isRestarted, .sig(19), peer.who, step.mark,
                    "the old path is gone, but the link to \(link.remote) did not restart ICE (SIG-19).")
            default: break
            }
        }
    }
}
