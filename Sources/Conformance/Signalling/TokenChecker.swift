/// SIG-07 and SIG-08: when the token provider is called, for how long, and what its failures lead to.
struct TokenChecker: Checker {
    static let name = "token"
    static let rules: [RuleID] = [.sig(7), .sig(8), .bey(7)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            let usesTokens = client.spec.credential.map { $0 == .token } ?? client.attempts.contains { !$0.tokenCalls.isEmpty }
            guard usesTokens else { continue }
            for session in client.sessions {
                var streaks = Streaks()
                for place in session.attempts {
                    let attempt = client.attempts[place]
                    checkCalls(attempt, session, client, evidence, &report)
                    checkErrors(attempt, &streaks, client, evidence, &report)
                }
            }
        }
    }

    /// Failures in a row: of the provider, and of the tokens it gave (a count of its own).
    private struct Streaks {
        var failures = 0
        var rejections = 0
    }

    private func checkCalls(
        _ attempt: Attempt, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        if let dial = attempt.dial {
            let count = attempt.tokenCalls.count { $0.call.index < dial.index }
            report.expect(
                count == 1, .sig(7), client.who, dial,
                "the token provider was called \(count) times before this attempt; the spec says once.")
        }
        for call in attempt.tokenCalls {
            let window = client.clock.window(from: call.call.at, after: client.spec.tokenTimeout)
            let limit = client.spec.tokenTimeout.text
            if session.closeCalled.map({ $0.at <= window.latest }) ?? false { continue }
            let taken = ((call.answer ?? evidence.end).at - call.call.at).text
            if evidence.isLate(call.answer, for: window) {
                report.violate(
                    .sig(7), client.who, call.answer ?? call.call,
                    "a call of the token provider took \(taken) s; the spec gives it \(limit) s.")
            } else if let answer = call.answer, call.error == TokenChecker.timeout {
                report.expect(
                    !evidence.isEarly(answer, for: window), .sig(7), client.who, answer,
                    "a call of the token provider was given up after \(taken) s; the spec gives it \(limit) s.")
            }
        }
    }

    /// What `error` says when the client's own limit ended a call or a dial.
    static let timeout = "timeout"

    private func checkErrors(
        _ attempt: Attempt, _ streaks: inout Streaks, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        if attempt.tokenFailed { streaks.failures += 1 } else if !attempt.tokenCalls.isEmpty { streaks.failures = 0 }
        if attempt.open != nil { streaks.rejections = 0 }
        let isRejected = attempt.rejectedStatus.map(Fate.isRefusal) ?? false
        if isRejected { streaks.rejections += 1 }
        guard attempt.n > 0, let end = attempt.end, !evidence.isSame(end.at, evidence.end.at) else { return }
        if attempt.tokenFailed {
            expect(streaks.failures, .sig(8), "failures of the token provider", attempt, end, client, &report)
        } else if isRejected, client.spec.reportsUpgradeRejections {
            expect(streaks.rejections, .bey(7), "rejected tokens", attempt, end, client, &report)
        } else if let error = attempt.tokenErrors.first {
            report.violate(.sig(8), client.who, error.mark, "a token-provider error was raised without a failure of the token provider.")
        }
    }

    private func expect(
        _ streak: Int, _ rule: RuleID, _ what: String, _ attempt: Attempt, _ end: Mark, _ client: ClientHistory, _ report: inout CheckReport
    ) {
        let threshold = client.spec.tokenErrorThreshold
        let expected = streak >= threshold ? [streak] : []
        let raised = attempt.tokenErrors.map(\.count)
        report.expect(
            raised == expected, rule, client.who, attempt.tokenErrors.first?.mark ?? end,
            "after \(streak) \(what) in a row \(raised.count) token-provider errors were raised"
                + (raised.first.map { " (count \($0))" } ?? "") + "; the spec says one from the \(threshold). on, none before.")
    }
}
