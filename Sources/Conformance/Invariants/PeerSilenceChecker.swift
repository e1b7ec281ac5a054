import Trace

/// SIG-16 for peers: nothing of any kind after `closed`, of the peer or of one remote peer.
struct PeerSilenceChecker: Checker {
    static let name = "peer-silence"
    static let rules: [RuleID] = [.sig(16)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            checkPeer(peer, evidence, &report)
            for link in peer.links { check(link, peer, evidence, &report) }
        }
    }

    private func checkPeer(_ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        guard let closed = peer.steps.first(where: { $0.kind == .peerState && $0.event[.to] == PeerState.closed.rawValue }) else { return }
        let late = peer.steps.first { step in
            guard step.mark.index > closed.mark.index, step.kind.source == .peer else { return false }
            switch step.kind {
            case .left: return !evidence.isTogether(step.mark.at, closed.mark.at)
            // Calls after the end are legal; they are refused.
            case .leave, .join: return false
            // A call that was under way fails.
            default: return !(step.kind == .peerDataDropped || step.kind == .signalDropped)
            }
        }
        report.expect(
            late == nil, .sig(16), peer.who, late?.mark ?? closed.mark, "\(late?.event.what ?? "") after the peer was closed (SIG-16).")
    }

    private func check(_ link: LinkHistory, _ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        var gone: Mark?
        for step in link.steps {
            switch step.kind {
            case .peerLeft: gone = step.mark
            case .peerJoined: gone = nil
            case .signalDropped, .memberIgnored, .peerState, .iceServers, .pathChanged, .leave, .welcome: break
            default:
                guard let left = gone, step.kind.source == .peer, !evidence.isTogether(left.at, step.mark.at) else { break }
                gone = nil
                report.violate(
                    .sig(16), peer.who, step.mark, "\(step.event.what) of \(link.remote) after it had left (SIG-16).")
            }
        }
    }
}
