import Trace

/// ROS-04: a remote peer is one object from the event that it joined to the event that it left, as the recorder tells objects apart.
struct IdentityChecker: Checker {
    static let name = "identity"
    static let rules: [RuleID] = [.ros(4)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            var current: [String: Int] = [:]
            for step in peer.steps {
                guard [.peerJoined, .peerRefreshed, .peerLeft, .remoteState].contains(step.kind), let remote = step.event[.remote],
                    let object = step.event[.object]
                else { continue }
                if let known = current[remote], step.kind != .peerJoined {
                    report.expect(
                        known == object, .ros(4), peer.who, step.mark,
                        "\(remote) is object \(object) in \(step.event.what), but joined as object \(known); the spec says the same object (ROS-04)."
                    )
                }
                if step.kind == .peerJoined { current[remote] = object }
                if step.kind == .peerLeft { current[remote] = nil }
            }
        }
    }
}
