import Trace

/// Follows a peer's roster through drops and snapshots: what is taken for a snapshot, what comes of it and in which order, what if none comes.
struct ReconcileChecker: Checker {
    static let name = "reconcile"
    static let rules: [RuleID] =
        [.ros(1), .ros(2), .ros(3), .ros(4), .ros(5), .ros(6), .ros(7), .ros(8), .ros(9)]
        + [.bey(8), .bey(9), .bey(10), .bey(11), .bey(12), .bey(19), .bey(21), .bey(22)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            var walk = RoomWalk(peer: peer, evidence: evidence)
            for place in peer.steps.indices { walk.take(place, &report) }
            walk.checkWaiting(at: evidence.end.at, &report)
            walk.advance(to: evidence.end.at, &report)
        }
    }
}
