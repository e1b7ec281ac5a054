/// Counts attempts as the spec does (SIG-03, SIG-04, SIG-08) beside the numbers that the client gives.
struct AttemptCounter {
    let client: ClientHistory
    let session: Session
    private var count: Int

    init(client: ClientHistory, session: Session) {
        self.client = client
        self.session = session
        count = session.attempts.isEmpty ? 0 : client.attempts[session.attempts.lowerBound].n
    }

    /// Whether a connection held for long enough to reset the counter; nil if that cannot be told.
    static func held(_ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence) -> Bool? {
        guard let welcome = attempt.welcome, let end = attempt.end else { return false }
        if client.spec.stableAfter == .zero { return true }
        let window = client.clock.window(from: welcome.at, after: client.spec.stableAfter)
        if evidence.isLate(end, for: window) { return true }
        return evidence.isEarly(end, for: window) ? false : nil
    }

    mutating func check(before: Int, after: Int, _ evidence: Evidence, _ report: inout CheckReport) {
        let previous = client.attempts[before]
        let next = client.attempts[after]
        let held = Self.held(previous, client, evidence)
        let expected = (held == true ? 0 : count) + 1
        let isRight = next.n == expected || (held == nil && next.n == 1)
        // From here on the client's own number is taken, so that one mistake is one finding.
        count = next.n
        if isRight {
            if previous.welcome != nil {
                report.hold(.sig(4))
                report.hold(.bey(6))
            }
            if previous.tokenFailed { report.hold(.sig(8)) }
            report.hold(.sig(3))
            return
        }
        let rule: RuleID = previous.welcome != nil ? .sig(4) : previous.tokenFailed ? .sig(8) : .sig(3)
        report.violate(rule, client.who, next.start, message(previous, next, held, expected))
    }

    private func message(_ previous: Attempt, _ next: Attempt, _ held: Bool?, _ expected: Int) -> String {
        let start = "this is attempt \(next.n), but attempt \(expected) was due"
        if let welcome = previous.welcome, let end = previous.end {
            let lived = "the connection before it held for \((end.at - welcome.at).text) s"
            let rule = "the counter is reset by one that held for \(client.spec.stableAfter.text) s"
            return "\(start): \(lived), and \(rule)" + (held == true ? "." : ", not sooner.")
        }
        return previous.tokenFailed ? "\(start): a failed call of the token provider counts as an attempt." : "\(start)."
    }
}
