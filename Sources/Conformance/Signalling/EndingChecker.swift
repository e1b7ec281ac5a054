/// Whether the client goes on or stops after each attempt as the spec says, and tells the application so.
struct EndingChecker: Checker {
    static let name = "endings"
    static let rules: [RuleID] = [.sig(3), .sig(5), .sig(14), .sig(15), .bey(1), .bey(7)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            for session in client.sessions {
                for place in session.attempts {
                    check(place, session, client, evidence, &report)
                }
            }
        }
    }

    private func check(
        _ place: Int, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let attempt = client.attempts[place]
        guard let end = attempt.end else { return }
        let next = place + 1 < session.attempts.upperBound ? client.attempts[place + 1] : nil
        let fate = Fate(of: attempt, client, session, evidence)
        switch fate {
        case .open: return
        case .reconnect: checkReconnect(attempt, end, next, session, client, evidence, &report)
        case .close(let final): checkClose(final, end, next, session, client, evidence, &report)
        }
        checkReport(attempt, end, fate, client, evidence, &report)
        checkRejection(attempt, end, client, evidence, &report)
    }

    private func checkReconnect(
        _ attempt: Attempt, _ end: Mark, _ next: Attempt?, _ session: Session, _ client: ClientHistory, _ evidence: Evidence,
        _ report: inout CheckReport
    ) {
        if next == nil, let closed = session.closed, !session.isApplicationClosing(at: closed) {
            let cause = attempt.closeCode.map { CloseCodes.text($0) } ?? "a failed attempt"
            // A code that ends the ladder at its first occurrence is taken for terminal; otherwise the budget was too small.
            let isBudget = attempt.closeCode == nil || attempt.n > 1
            let message =
                isBudget
                ? "the client closed after attempt \(attempt.n); the spec allows \(client.spec.maximumAttempts) attempts."
                : "the client closed after \(cause), which is transient: it must reconnect."
            report.violate(isBudget ? .sig(3) : .sig(5), client.who, closed, message)
        } else if next != nil, attempt.closeCode != nil {
            report.hold(.sig(5))
        }
    }

    private func checkClose(
        _ final: Fate.Final, _ end: Mark, _ next: Attempt?, _ session: Session, _ client: ClientHistory, _ evidence: Evidence,
        _ report: inout CheckReport
    ) {
        if let next {
            let message = "attempt \(next.n) was made although \(final.text(client.spec))."
            report.violate(final.rule, client.who, next.start, message)
        } else if let closed = session.closed, evidence.isSame(end.at, closed.at) {
            report.hold(final.rule)
            if final == .exhausted { report.hold(.bey(1)) }
        } else if session.closed != nil || !evidence.isSame(end.at, evidence.end.at) {
            if let asked = session.closeCalled, let closed = session.closed, asked.index < closed.index, final == .firstConnectFailed {
                return
            }
            report.violate(final.rule, client.who, end, "the client did not close at once although \(final.text(client.spec)).")
        }
    }

    /// SIG-15: one disconnect report for each socket that had opened in a welcomed session, and one when the budget is spent.
    private func checkReport(
        _ attempt: Attempt, _ end: Mark, _ fate: Fate, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let expected = Self.expectedReport(attempt, fate, client.spec) else { return }
        // Whether the report would still have come at the very end of a trace cannot be told.
        if attempt.disconnects.isEmpty, evidence.isSame(end.at, evidence.end.at) { return }
        let rule = expected.rule
        if attempt.disconnects.count != expected.count {
            let cause = attempt.closeCode.map { "a socket that ended with \(CloseCodes.text($0))" } ?? "an attempt that never opened"
            let message = "\(attempt.disconnects.count) disconnect reports for \(cause); the spec says \(expected.count)."
            report.violate(rule, client.who, end, message)
            if fate == .close(.exhausted) { report.violate(.bey(1), client.who, end, message) }
            return
        }
        guard let told = attempt.disconnects.first else { return }
        let isRight = told.code == expected.code && told.willReconnect == expected.willReconnect && evidence.isSame(end.at, told.mark.at)
        report.expect(
            isRight, rule, client.who, told.mark,
            "the application was told \(told.code), willReconnect \(told.willReconnect), \((told.mark.at - end.at).text) s after the end; "
                + "the spec says \(expected.code), willReconnect \(expected.willReconnect), at once.")
    }

    private struct ExpectedReport {
        var count: Int
        var code: Int
        var willReconnect: Bool
        var rule: RuleID
    }

    private static func expectedReport(_ attempt: Attempt, _ fate: Fate, _ spec: SignallingSpec) -> ExpectedReport? {
        let code = attempt.closeCode ?? CloseCodes.abnormalClosure
        let count = attempt.opened ? 1 : 0
        switch fate {
        case .open: return nil
        case .reconnect: return ExpectedReport(count: count, code: code, willReconnect: true, rule: .sig(15))
        case .close(.firstConnectFailed): return ExpectedReport(count: 0, code: code, willReconnect: false, rule: .sig(14))
        case .close(.exhausted): return ExpectedReport(count: 1, code: code, willReconnect: false, rule: .sig(3))
        case .close(.terminal): return ExpectedReport(count: count, code: code, willReconnect: false, rule: .sig(5))
        case .close(.reconnectIsOff): return ExpectedReport(count: count, code: code, willReconnect: false, rule: .sig(15))
        // The spec does not say whether the end after a rejected upgrade is also a disconnect.
        case .close(.rejected): return nil
        }
    }

    /// BEY-07: each rejection of a reconnect is reported with its status.
    private func checkRejection(
        _ attempt: Attempt, _ end: Mark, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let status = attempt.rejectedStatus, attempt.n > 0, client.spec.reportsUpgradeRejections,
            !evidence.isSame(end.at, evidence.end.at)
        else { return }
        let told = attempt.rejections.filter { evidence.isSame(end.at, $0.mark.at) && $0.status == status }
        report.expect(
            told.count == 1, .bey(7), client.who, end,
            "the upgrade was rejected with HTTP \(status), and the application was told \(told.count) times; the spec says once.")
    }
}
