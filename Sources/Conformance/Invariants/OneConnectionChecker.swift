import Trace

/// INV-05 and INV-06: at most one live peer connection to each remote peer, and none when that peer, or ours, is gone.
struct OneConnectionChecker: Checker {
    static let name = "one-connection"
    static let rules: [RuleID] = [.inv(5), .inv(6)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers where peer.kinds.contains(.connection) {
            for link in peer.links { check(link, peer, evidence, &report) }
        }
    }

    private func check(_ link: LinkHistory, _ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        var live: [Int] = []
        /// After this instant so many may be there.
        var limit: (mark: Mark, count: Int)?
        func settle(at time: Nanoseconds) {
            guard let due = limit, time - due.mark.at > evidence.tolerance.early else { return }
            limit = nil
            let rule: RuleID = due.count == 0 ? .inv(6) : .inv(5)
            report.expect(
                live.count <= due.count, rule, peer.who, due.mark,
                due.count == 0
                    ? "the connection to \(link.remote) was not closed with its end."
                    : "there are \(live.count) live peer connections to \(link.remote).")
        }
        for step in link.steps {
            settle(at: step.mark.at)
            switch step.kind {
            case .connection:
                live.append(step.event[.ordinal] ?? 0)
                limit = (step.mark, 1)
            case .connectionClosed: live.removeAll { $0 == step.event[.ordinal] }
            case .peerLeft: limit = (step.mark, 0)
            case .peerState where step.event[.to] == PeerState.closed.rawValue: limit = (step.mark, 0)
            default: break
            }
        }
        settle(at: evidence.end.at)
    }
}
