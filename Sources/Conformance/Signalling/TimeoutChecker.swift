/// SIG-09: how long an attempt may take to open, and an open socket to be welcomed. Neither early nor late.
struct TimeoutChecker: Checker {
    static let name = "timeouts"
    static let rules: [RuleID] = [.sig(9), .bey(3)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            for session in client.sessions {
                for place in session.attempts {
                    checkOpen(client.attempts[place], session, client, evidence, &report)
                    checkWelcome(client.attempts[place], session, client, evidence, &report)
                }
            }
        }
    }

    private func checkOpen(
        _ attempt: Attempt, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let dial = attempt.dial else { return }
        let timeout = client.spec.openTimeout
        // The time runs from the attempt's begin; a client that starts it at the dial, after the token call, is not wrong either.
        let window = client.clock.window(from: attempt.start.at, after: timeout).union(client.clock.window(from: dial.at, after: timeout))
        if let asked = session.closeCalled, asked.at <= window.latest { return }
        let opened = attempt.open ?? attempt.end
        let taken = ((opened ?? evidence.end).at - dial.at).text
        if evidence.isLate(opened, for: window) {
            report.violate(
                .sig(9), client.who, opened ?? dial,
                "a socket was not open \(taken) s after the dial and still waited for; the spec says \(timeout.text) s.")
        } else if let end = attempt.end, case .dialFailed(error: TokenChecker.timeout, _) = attempt.ending {
            report.expect(
                !evidence.isEarly(end, for: window), .sig(9), client.who, end,
                "a dial was given up after \(taken) s; the spec says \(timeout.text) s.")
        }
    }

    private func checkWelcome(
        _ attempt: Attempt, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let open = attempt.open else { return }
        let window = client.clock.window(from: open.at, after: client.spec.welcomeTimeout)
        if let asked = session.closeCalled, asked.at <= window.latest { return }
        let answered = attempt.welcome ?? attempt.closeSent?.mark ?? attempt.end
        let taken = ((answered ?? evidence.end).at - open.at).text
        let limit = client.spec.welcomeTimeout.text
        if evidence.isLate(answered, for: window) {
            report.violate(
                .sig(9), client.who, answered ?? open,
                "an open socket was waited for \(taken) s for its welcome; the spec says \(limit) s.")
        } else if attempt.welcome == nil, let close = attempt.closeSent, isOwn(close, attempt) {
            report.expect(
                !evidence.isEarly(close.mark, for: window), .sig(9), client.who, close.mark,
                "a socket without a welcome was closed after \(taken) s; the spec says \(limit) s.")
            checkAbandoned(close, attempt, client, evidence, &report)
        }
    }

    /// The client's close for lack of a welcome, not its watchdog's, not an echo.
    private func isOwn(_ close: Attempt.Close, _ attempt: Attempt) -> Bool {
        close.code == CloseCodes.normalClosure && (attempt.closeReceived.map { $0.mark.index > close.mark.index } ?? true)
    }

    private func checkAbandoned(
        _ close: Attempt.Close, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        OwnCloseRule.check(close, attempt, client, evidence, &report)
    }
}

/// BEY-03: the client's own closes (watchdog, no welcome, oversized frame) do not wait for the echo, and their code is the one reported.
enum OwnCloseRule {
    static func check(
        _ close: Attempt.Close, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let window = client.clock.window(from: close.mark.at, after: client.spec.closeHandshakeTimeout)
        let waited = ((attempt.end ?? evidence.end).at - close.mark.at).text
        if evidence.isLate(attempt.end, for: window) {
            report.violate(
                .bey(3), client.who, close.mark,
                "after its own close the client kept the socket for \(waited) s; the spec says \(client.spec.closeHandshakeTimeout.text) s."
            )
        } else if client.spec.closeHandshakeTimeout == .zero, let end = attempt.end {
            report.expect(
                attempt.closeCode == close.code, .bey(3), client.who, end,
                "the client closed with \(close.code) itself, but the socket's end says \(attempt.closeCode.map(String.init) ?? "nothing")."
            )
        }
    }
}
