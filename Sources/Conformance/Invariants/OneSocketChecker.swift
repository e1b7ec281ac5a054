/// INV-01: a client has at most one socket at a time.
struct OneSocketChecker: Checker {
    static let name = "one-socket"
    static let rules: [RuleID] = [.inv(1)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients where !client.attempts.isEmpty {
            for overlap in client.overlaps { report.violate(.inv(1), client.who, overlap.mark, "\(overlap.message).") }
            if client.overlaps.isEmpty { report.hold(.inv(1), client.attempts.count) }
        }
    }
}
