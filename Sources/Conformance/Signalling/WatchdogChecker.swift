/// SIG-11: the watchdog fires after exactly the silence that the spec says, with 4000, and the heartbeat's pings go out before it.
struct WatchdogChecker: Checker {
    static let name = "watchdog"
    static let rules: [RuleID] = [.sig(11), .bey(3)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients where client.reportsFrames {
            for session in client.sessions {
                for place in session.attempts where client.attempts[place].open != nil {
                    check(client.attempts[place], session, client, evidence, &report)
                }
            }
        }
    }

    private func check(
        _ attempt: Attempt, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let fired = Self.firing(of: attempt)
        guard client.spec.inactivityTimeout > .zero else {
            if let fired, !isProbe(attempt, fired, client) {
                report.violate(.sig(11), client.who, fired, "the watchdog fired although it is off.")
            }
            return
        }
        // From its own close on, or the application's, a client no longer watches.
        let until = Self.endOfWatch(attempt, session, evidence)
        checkSilences(attempt, fired, until: until, client, evidence, &report)
        checkPings(attempt, until: until, client, evidence, &report)
        if let fired { checkClose(attempt, fired, client, evidence, &report) }
    }

    /// When the watchdog fired: told, or read from a close with 4000 that was the client's own.
    static func firing(of attempt: Attempt) -> Mark? {
        if let watchdog = attempt.watchdog { return watchdog }
        if let close = attempt.closeSent, close.code == CloseCodes.clientInactivity, attempt.closeReceived == nil { return close.mark }
        guard attempt.closeCode == CloseCodes.clientInactivity, attempt.closeReceived == nil else { return nil }
        return attempt.end
    }

    private static func endOfWatch(_ attempt: Attempt, _ session: Session, _ evidence: Evidence) -> Mark {
        [firing(of: attempt), attempt.closeSent?.mark, attempt.closeReceived?.mark, session.closeCalled, attempt.end]
            .compactMap { $0 }.min { $0.index < $1.index } ?? evidence.end
    }

    /// Whether the firing answers a path probe rather than the long silence (SIG-19).
    private func isProbe(_ attempt: Attempt, _ fired: Mark, _ client: ClientHistory) -> Bool {
        client.pathChanges.contains { $0.mark.index < fired.index && $0.mark.index > (attempt.welcome ?? attempt.start).index }
            && !attempt.texts.contains { text in
                text.index < fired.index
                    && client.pathChanges.last { $0.mark.index < fired.index }.map { text.index > $0.mark.index } ?? false
            }
    }

    private func checkSilences(
        _ attempt: Attempt, _ fired: Mark?, until: Mark, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let timeout = client.spec.inactivityTimeout
        var last = attempt.open ?? attempt.start
        for next in attempt.texts.filter({ $0.index < until.index }) + [until] {
            let window = client.clock.window(from: last.at, after: timeout)
            let silence = (next.at - last.at).text
            if next == fired {
                let isEarly = evidence.isEarly(next, for: window)
                if isEarly, isProbe(attempt, next, client) { return }
                report.expect(
                    !isEarly && !evidence.isLate(next, for: window), .sig(11), client.who, next,
                    "the watchdog fired after \(silence) s without a text frame; the spec says \(timeout.text) s.")
            } else if evidence.isLate(next, for: window) {
                report.violate(
                    .sig(11), client.who, next,
                    "the watchdog did not fire in \(silence) s without a text frame; the spec says \(timeout.text) s.")
            }
            last = next
        }
    }

    /// A ping is due whenever a third of the timeout has passed since the last text frame or ping. Judged from the welcome on.
    private func checkPings(
        _ attempt: Attempt, until: Mark, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let welcome = attempt.welcome, welcome.index < until.index else { return }
        let interval = client.spec.heartbeat
        let pings = attempt.sent.filter { $0.type == "ping" }.map(\.mark)
        let signs = (pings.map { ($0, true) } + attempt.texts.map { ($0, false) }).filter {
            $0.0.index > welcome.index && $0.0.index < until.index
        }
        var last = welcome
        // The ping of a path probe may or may not put off the next one.
        var probe: Mark?
        for (mark, isPing) in signs.sorted(by: { $0.0.index < $1.0.index }) + [(until, false)] {
            let window = client.clock.window(from: last.at, after: interval)
                .union(client.clock.window(from: (probe ?? last).at, after: interval))
            let waited = (mark.at - last.at).text
            if evidence.isLate(mark, for: window), !(mark == until && evidence.isSame(window.latest, until.at)) {
                report.violate(
                    .sig(11), client.who, mark, "no ping for \(waited) s without a text frame; the spec says every \(interval.text) s.")
            } else if isPing {
                let isProbe = client.pathChanges.contains { evidence.isSame($0.mark.at, mark.at) }
                if isProbe, evidence.isEarly(mark, for: window) {
                    probe = mark
                    continue
                }
                report.expect(
                    !evidence.isEarly(mark, for: window), .sig(11), client.who, mark,
                    "a ping went out \(waited) s after the last text frame or ping; the spec says \(interval.text) s.")
            }
            last = mark
            probe = nil
        }
    }

    private func checkClose(
        _ attempt: Attempt, _ fired: Mark, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let close = attempt.closeSent ?? Attempt.Close(mark: fired, code: CloseCodes.clientInactivity, reason: "")
        report.expect(
            close.code == CloseCodes.clientInactivity && evidence.isSame(fired.at, close.mark.at), .sig(11), client.who, close.mark,
            "the watchdog closed with \(close.code), \((close.mark.at - fired.at).text) s after it fired; the spec says 4000, at once.")
        OwnCloseRule.check(close, attempt, client, evidence, &report)
    }
}
