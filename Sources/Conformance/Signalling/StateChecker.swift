/// SIG-15: the chain of states, and that they change at the instants at which the connection does.
struct StateChecker: Checker {
    static let name = "states"
    static let rules: [RuleID] = [.sig(15), .wire(3)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            checkChain(client, &report)
            guard !client.states.isEmpty else { continue }
            for session in client.sessions {
                for place in session.attempts { checkInstants(client.attempts[place], session, client, evidence, &report) }
            }
        }
    }

    private func checkChain(_ client: ClientHistory, _ report: inout CheckReport) {
        // A device's log may begin in the middle: then its first state is taken as it is.
        var current = client.states.first?.from ?? ClientState.idle.rawValue
        for change in client.states {
            // After `closed` the application may go on with a new client of the same name.
            if current == ClientState.closed.rawValue, change.from == ClientState.idle.rawValue { current = change.from }
            report.expect(
                change.from == current && isLegal(change), .sig(15), client.who, change.mark,
                "the state went from \(change.from) to \(change.to)"
                    + (change.from == current ? ", which is not a legal change." : ", but it had been \(current)."))
            current = change.to
        }
    }

    private func isLegal(_ change: ClientHistory.StateChange) -> Bool {
        guard let from = ClientState(rawValue: change.from), let to = ClientState(rawValue: change.to) else { return false }
        return from.successors.contains(to)
    }

    private func checkInstants(
        _ attempt: Attempt, _ session: Session, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let welcome = attempt.welcome, !session.isApplicationClosing(at: welcome) else { return }
        expect(.connected, at: welcome, "the welcome", client, evidence, &report)
        checkConnectedReport(attempt, welcome, client, evidence, &report)
        guard let end = attempt.end, case .reconnect = Fate(of: attempt, client, session, evidence) else { return }
        expect(.reconnecting, at: end, "the end of the socket", client, evidence, &report)
    }

    private func expect(
        _ state: ClientState, at mark: Mark, _ what: String, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        // At the very end of a trace the change may be what it no longer shows.
        guard !evidence.isSame(mark.at, evidence.end.at) else { return }
        let earliest = mark.at - evidence.tolerance.early
        let first = client.states.partitionPoint { $0.mark.at < earliest }
        let isThere = client.states[first...].prefix { evidence.isSame(mark.at, $0.mark.at) }.contains { $0.to == state.rawValue }
        report.expect(isThere, .sig(15), client.who, mark, "the state did not become \(state.rawValue) at \(what).")
    }

    /// Each welcomed socket is reported once, whatever further welcomes it brings (WIRE-03).
    private func checkConnectedReport(
        _ attempt: Attempt, _ welcome: Mark, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard !evidence.isSame(welcome.at, evidence.end.at) else { return }
        let welcomes = attempt.received.count { $0.type == "welcome" }
        let isRight = attempt.connecteds.count == 1 && attempt.connecteds[0].isReconnect == attempt.followsWelcome
        report.expect(
            isRight, welcomes > 1 ? .wire(3) : .sig(15), client.who, attempt.connecteds.last?.mark ?? welcome,
            "a socket with \(max(1, welcomes)) welcomes was reported \(attempt.connecteds.count) times"
                + (attempt.connecteds.first.map { ", with reconnect \($0.isReconnect)" } ?? "")
                + "; the spec says once, with reconnect \(attempt.followsWelcome).")
    }
}

extension Array {
    /// The first place at which `isBefore` is false; the elements must be sorted by it.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
