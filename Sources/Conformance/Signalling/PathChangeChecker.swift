/// SIG-19 on a live connection: the probe after a path change, and the redial when the old path is gone. What a path change does to a wait is
/// the backoff checker's.
struct PathChangeChecker: Checker {
    static let name = "path-changes"
    static let rules: [RuleID] = [.sig(19)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            for (place, change) in client.pathChanges.enumerated() {
                guard let attempt = attempt(at: change.mark, client), let welcome = attempt.welcome, welcome.index < change.mark.index,
                    !attempt.isClosing(before: change.mark.index), !isClosing(client, at: change.mark)
                else { continue }
                if change.oldPathGone {
                    checkGone(change.mark, attempt, client, evidence, &report)
                } else {
                    checkProbe(place, attempt, client, evidence, &report)
                }
            }
        }
    }

    /// The attempt that was under way at an instant.
    private func attempt(at mark: Mark, _ client: ClientHistory) -> Attempt? {
        let next = client.attempts.partitionPoint { $0.start.index < mark.index }
        guard next > 0 else { return nil }
        let attempt = client.attempts[next - 1]
        if let end = attempt.end, end.index < mark.index { return nil }
        return attempt
    }

    private func isClosing(_ client: ClientHistory, at mark: Mark) -> Bool {
        client.sessions.contains { session in
            session.isApplicationClosing(at: mark) && (session.closed.map { $0.index > mark.index } ?? true)
        }
    }

    private func checkGone(
        _ change: Mark, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        if attempt.end == nil, evidence.isSame(change.at, evidence.end.at) { return }
        let isAtOnce = attempt.end.map { evidence.isSame(change.at, $0.at) } ?? false
        report.expect(
            isAtOnce, .sig(19), client.who, attempt.end ?? change,
            "the old path was gone, but the socket "
                + (attempt.end.map { "was kept for \(($0.at - change.at).text) s" } ?? "was kept")
                + "; the spec says to abandon it at once.")
    }

    private func checkProbe(
        _ place: Int, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard client.reportsFrames else { return }
        let change = client.pathChanges[place].mark
        let isPinged = attempt.sent.contains { $0.type == "ping" && $0.mark.index > change.index && evidence.isSame(change.at, $0.mark.at) }
        if !evidence.isSame(change.at, evidence.end.at) {
            report.expect(isPinged, .sig(19), client.who, change, "no ping was sent at the path change.")
        }
        let answer = attempt.texts.first { $0.index > change.index }
        let window = client.clock.window(from: change.at, after: client.spec.pathProbeTimeout)
        if let answer, !evidence.isLate(answer, for: window) { return }
        // A later change may have begun a new probe.
        if client.pathChanges[(place + 1)...].contains(where: { $0.mark.at <= window.latest }) { return }
        let end = attempt.watchdog ?? attempt.end
        if let end, evidence.isEarly(end, for: window) {
            if !answersEarlierProbe(end, before: place, attempt, client, evidence) { checkEarly(end, change, attempt, client, &report) }
            return
        }
        if end == nil, !evidence.isLate(nil, for: window) { return }
        report.expect(
            !evidence.isLate(end, for: window), .sig(19), client.who, end ?? change,
            "nothing answered the ping after a path change for \(((end ?? evidence.end).at - change.at).text) s; the spec says to redial after "
                + "\(client.spec.pathProbeTimeout.text) s.")
    }

    /// A further change need not begin the probe's time anew.
    private func answersEarlierProbe(
        _ end: Mark, before place: Int, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence
    ) -> Bool {
        client.pathChanges[..<place].contains { earlier in
            let window = client.clock.window(from: earlier.mark.at, after: client.spec.pathProbeTimeout)
            return !evidence.isEarly(end, for: window) && !evidence.isLate(end, for: window)
                && !attempt.texts.contains { $0.index > earlier.mark.index && $0.index < end.index }
        }
    }

    /// A watchdog that fires during the probe is early, unless its own silence was over.
    private func checkEarly(
        _ end: Mark, _ change: Mark, _ attempt: Attempt, _ client: ClientHistory, _ report: inout CheckReport
    ) {
        guard end == attempt.watchdog else { return }
        let lastText = attempt.texts.last { $0.index < end.index } ?? attempt.open ?? attempt.start
        let silence = client.clock.window(from: lastText.at, after: client.spec.inactivityTimeout)
        guard client.spec.inactivityTimeout == .zero || end.at < silence.earliest else { return }
        report.violate(
            .sig(19), client.who, end,
            "the ping after a path change was waited for \((end.at - change.at).text) s; the spec says \(client.spec.pathProbeTimeout.text) s."
        )
    }
}
