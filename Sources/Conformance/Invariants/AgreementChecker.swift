/// INV-03: once the world has been quiet for long enough, the service has exactly one live connection for a connected client and none for a closed
/// one. Judged only when the trace has the service's events.
struct AgreementChecker: Checker {
    static let name = "agreement"
    static let rules: [RuleID] = [.inv(3)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        guard !evidence.service.connections.isEmpty else { return }
        for client in evidence.clients {
            guard let attempt = client.attempts.last, let peer = attempt.peerID, let state = client.states.last,
                isQuiet(client, attempt, evidence), isAlone(client, peer, evidence)
            else { continue }
            let live = evidence.service.connections.count { $0.peer == peer && $0.closed == nil }
            switch ClientState(rawValue: state.to) {
            case .connected: expect(live, 1, "connected", client, state.mark, &report)
            case .closed: expect(live, 0, "closed", client, state.mark, &report)
            case .idle, .connecting, .reconnecting, nil: break
            }
        }
    }

    private func expect(_ live: Int, _ right: Int, _ state: String, _ client: ClientHistory, _ mark: Mark, _ report: inout CheckReport) {
        report.expect(
            live == right, .inv(3), client.who, mark,
            "the client is \(state), but the service has \(live) live connections of it; \(right) would be right.")
    }

    private func isQuiet(_ client: ClientHistory, _ attempt: Attempt, _ evidence: Evidence) -> Bool {
        let own = max(attempt.start.at, attempt.end?.at ?? .zero, client.states.last?.mark.at ?? .zero)
        return evidence.end.at - max(own, evidence.service.lastDisturbance) >= evidence.context.quiet
    }

    /// Two clients of one peer id cannot be told apart at the service.
    private func isAlone(_ client: ClientHistory, _ peer: String, _ evidence: Evidence) -> Bool {
        evidence.clients.count { $0.attempts.last?.peerID == peer } == 1
    }
}
