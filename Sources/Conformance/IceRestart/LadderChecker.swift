import Trace

/// Names each rung of every ladder and holds it against the table: begun at t0, at its time, skipped only without signalling, suspended, reset, given up.
///
/// It follows the connection state by itself: what the ladder says of itself is what is judged.
struct LadderChecker: Checker {
    static let name = "ladder"
    static let rules: [RuleID] = [
        .ice(1), .ice(2), .ice(3), .ice(4), .ice(5), .ice(7), .bey(13), .bey(14), .bey(15), .bey(17), .bey(23), .sig(19),
    ]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            for link in peer.links {
                var walk = LadderWalk(link: link, peer: peer, evidence: evidence)
                for step in link.steps { walk.take(step, &report) }
                walk.finish(&report)
                RungOffers(link: link, peer: peer, evidence: evidence).check(&report)
            }
        }
        report.ladders.sort { ($0.timeNs, $0.who, $0.remote) < ($1.timeNs, $1.who, $1.remote) }
    }
}
