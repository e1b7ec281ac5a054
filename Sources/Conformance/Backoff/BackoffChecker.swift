/// Explains every wait between attempts: its number, its base, its floor, its jitter, and what cut it short.
struct BackoffChecker: Checker {
    static let name = "backoff"
    static let rules: [RuleID] = [.sig(1), .sig(2), .sig(3), .sig(4), .sig(6), .sig(8), .sig(18), .sig(19), .bey(4), .bey(5), .bey(6)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            var draws = 0
            var previous: Session?
            for session in client.sessions {
                check(session, of: client, evidence, &draws, &report)
                checkFloorOfEarlierSession(previous, session, client, evidence, &report)
                previous = session
            }
        }
    }

    /// BEY-05: a floor that a 4010 set in one session does not hold in the next.
    private func checkFloorOfEarlierSession(
        _ earlier: Session?, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let last = earlier?.attempts.last, let code = client.attempts[last].closeCode,
            CloseCodes.reaction(to: code) == .reconnectSlowly,
            let (before, after) = client.gaps(in: session).first, let end = client.attempts[before].end
        else { return }
        let first = gap(client, before, after, end, evidence)
        guard !first.expectation.hasFloor else { return }
        report.expect(
            first.verdict(evidence) == "ok", .bey(5), client.who, client.attempts[after].start,
            "the first wait of a new session was \(first.waited.text) s; the floor of the session before it is over.")
    }

    private func check(
        _ session: Session, of client: ClientHistory, _ evidence: Evidence, _ draws: inout Int, _ report: inout CheckReport
    ) {
        var counter = AttemptCounter(client: client, session: session)
        var gaps: [Gap] = []
        for (before, after) in client.gaps(in: session) {
            guard let end = client.attempts[before].end else { continue }
            counter.check(before: before, after: after, evidence, &report)
            let gap = gap(client, before, after, end, evidence)
            gaps.append(gap)
            judge(gap, gaps, client, evidence, &report)
            note(gap, client, draw: draws, &report)
            draws += 1
        }
    }

    private func gap(_ client: ClientHistory, _ before: Int, _ after: Int, _ end: Mark, _ evidence: Evidence) -> Gap {
        let previous = client.attempts[before]
        let next = client.attempts[after]
        let expectation = DelayExpectation.unshortened(attempt: next.n, after: previous, spec: client.spec)
        var gap = Gap(
            n: next.n, before: previous, after: next, beforeEnd: end, waited: next.start.at - end.at, expectation: expectation,
            announced: previous.backoffs.first { $0.mark.index >= end.index },
            window: TimerWindow(
                earliest: client.clock.window(from: end.at, after: expectation.shortest).earliest,
                latest: client.clock.window(from: end.at, after: expectation.longest).latest))
        gap.applyPathChanges(of: client, evidence)
        return gap
    }

    /// One finding at most for each wait: the first thing that is wrong with it.
    private func judge(_ gap: Gap, _ gaps: [Gap], _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        let spec = client.spec
        let mark = gap.announced?.mark ?? gap.after.start
        var isAnnounced = false
        if let announced = gap.announced, gap.expectation.kind != .immediate {
            let base = spec.baseDelay(attempt: gap.n)
            guard evidence.isSame(base, announced.base) || evidence.isSame(gap.expectation.mean, announced.base) else {
                let message = "the base of attempt \(gap.n) was \(announced.base.text) s; the spec says \(base.text) s."
                report.violate(.sig(1), client.who, mark, message, table: Gap.table(gaps, evidence))
                return
            }
            isAnnounced = evidence.isSame(gap.waited, announced.delay)
        }
        guard gap.verdict(evidence) == "ok" else {
            let message =
                "attempt \(gap.n) came \(gap.waited.text) s after \(name(of: gap.before)) ended; the spec says "
                + gap.expectation.text(jitterRatio: spec.jitterRatio) + "."
            let rule = gap.expectation.rule(isAnnounced: isAnnounced)
            report.violate(rule, client.who, mark, message, table: Gap.table(gaps, evidence))
            if rule == .sig(18) { report.violate(.bey(4), client.who, mark, message) }
            return
        }
        hold(gap, client, &report)
        checkAnnouncement(gap, client, evidence, &report)
    }

    private func hold(_ gap: Gap, _ client: ClientHistory, _ report: inout CheckReport) {
        switch gap.expectation.kind {
        case .ladder:
            report.hold(.sig(1))
            report.hold(.sig(2))
        case .slowFloor: report.hold(.sig(6))
        case .goingAway:
            report.hold(.sig(18))
            report.hold(.bey(4))
        case .shortened, .immediate: report.hold(.sig(19))
        }
    }

    /// A wait must be the announced one, unless the path changed or the host slept.
    private func checkAnnouncement(_ gap: Gap, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        guard let announced = gap.announced, gap.expectation.kind != .shortened else { return }
        let window = client.clock.window(from: announced.mark.at, after: announced.delay)
        guard evidence.isLate(gap.after.start, for: window) || evidence.isEarly(gap.after.start, for: window) else { return }
        report.violate(
            .sig(1), client.who, announced.mark,
            "a wait of \(announced.delay.text) s was announced before attempt \(gap.n), but it came \(gap.waited.text) s after "
                + "\(name(of: gap.before)) ended.", table: nil)
    }

    private func note(_ gap: Gap, _ client: ClientHistory, draw: Int, _ report: inout CheckReport) {
        guard gap.expectation.kind == .ladder || gap.expectation.kind == .slowFloor, gap.expectation.mean > .zero,
            client.spec.jitterRatio > 0, !client.clock.wasSuspended(from: gap.beforeEnd.at, to: gap.after.start.at)
        else { return }
        let wait = gap.announced?.delay ?? gap.waited
        let deviation = Double(wait.value) / Double(gap.expectation.mean.value) - 1
        report.jitterSamples.append(
            JitterSample(who: client.who, draw: draw, unit: (deviation / client.spec.jitterRatio + 1) / 2))
    }

    private func name(of attempt: Attempt) -> String {
        attempt.n == 0 ? "the first connection" : "attempt \(attempt.n)"
    }
}
