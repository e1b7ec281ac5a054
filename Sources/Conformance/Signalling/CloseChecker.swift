/// SIG-16: `close()` sends a close frame, waits for its echo no longer than the spec says, and silences the client.
struct CloseChecker: Checker {
    static let name = "close"
    static let rules: [RuleID] = [.sig(16)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            for session in client.sessions {
                guard let called = session.closeCalled else { continue }
                checkTime(called, session, client, evidence, &report)
                checkSocket(called, session, client, evidence, &report)
                checkSilence(called, session, client, evidence, &report)
            }
            for late in client.afterClosed.prefix(1) {
                report.violate(
                    .sig(16), client.who, late.mark,
                    "\(late.kind.rawValue) after the client was closed; nothing may follow but a new connect.")
            }
        }
    }

    private func checkTime(
        _ called: Mark, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let window = client.clock.window(from: called.at, after: client.spec.closeTimeout)
        let end = session.closed ?? session.closedDone
        guard end != nil || evidence.isLate(nil, for: window) else { return }
        let taken = ((end ?? evidence.end).at - called.at).text
        report.expect(
            !evidence.isLate(end, for: window), .sig(16), client.who, end ?? called,
            "close() had not ended the client after \(taken) s; the spec says \(client.spec.closeTimeout.text) s.")
    }

    private func checkSocket(
        _ called: Mark, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let attempt = session.attempts.last.map({ client.attempts[$0] }), let open = attempt.open, open.index < called.index,
            attempt.end.map({ $0.index > called.index }) ?? true, !attempt.isClosing(before: called.index),
            attempt.closeReceived == nil
                || attempt.closeReceived.map({ $0.mark.index > called.index }) ?? true
        else { return }
        if attempt.closeSent == nil, evidence.isSame(called.at, evidence.end.at) { return }
        report.expect(
            attempt.closeSent.map { evidence.isSame(called.at, $0.mark.at) } ?? false, .sig(16), client.who, called,
            "close() did not send a close frame at once.")
        guard let abandoned = attempt.closeAbandoned, let sent = attempt.closeSent else { return }
        let window = client.clock.window(from: sent.mark.at, after: client.spec.closeTimeout)
        report.expect(
            !evidence.isEarly(abandoned, for: window), .sig(16), client.who, abandoned,
            "close() waited \((abandoned.at - sent.mark.at).text) s for the echo; the spec says \(client.spec.closeTimeout.text) s.")
    }

    private func checkSilence(
        _ called: Mark, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let first = client.reports.partitionPoint { $0.mark.index <= called.index }
        let end = (session.closed ?? evidence.end).index
        guard let late = client.reports[first...].first, late.mark.index <= end else { return report.hold(.sig(16)) }
        report.violate(
            .sig(16), client.who, late.mark, "\(late.kind.rawValue) was reported after close(); only the change to closed may follow.")
    }
}
