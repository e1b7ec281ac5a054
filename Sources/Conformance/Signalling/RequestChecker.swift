/// SIG-10: every request ends in time, and at once when its connection does; and (INV-02) every request ends, once.
struct RequestChecker: Checker {
    static let name = "requests"
    static let rules: [RuleID] = [.sig(10), .inv(2)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            if client.lateAcks > 0 { report.hold(.sig(10), client.lateAcks) }
            for request in client.requests {
                if !checkDrop(request, client, evidence, &report) { checkTime(request, client, evidence, &report) }
                if request.endings > 1 {
                    report.violate(
                        .inv(2), client.who, request.done ?? request.start,
                        "\(name(request)) ended \(request.endings) times; once is right.")
                } else if request.endings == 1 {
                    report.hold(.inv(2))
                }
            }
        }
    }

    private func name(_ request: RequestHistory) -> String {
        "the \(request.kind)" + (request.channel.map { " of \($0)" } ?? "") + " of \(request.start.at.text) s"
    }

    /// The time runs from the frame, which pacing may hold back; a client that starts it at the call is not wrong either.
    private func checkTime(_ request: RequestHistory, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        let timeout = client.spec.ackTimeout
        let window = client.clock.window(from: request.start.at, after: timeout)
            .union(client.clock.window(from: (request.sent ?? request.start).at, after: timeout))
        let taken = ((request.done ?? evidence.end).at - request.start.at).text
        let isTimeout = request.outcome == "timeout"
        if evidence.isLate(request.done, for: window) {
            let message = "\(name(request)) was not ended after \(taken) s; the spec says \(timeout.text) s."
            report.violate(request.done == nil ? .inv(2) : .sig(10), client.who, request.done ?? request.start, message)
            if request.done == nil { report.violate(.sig(10), client.who, request.start, message) }
        } else if let done = request.done, isTimeout {
            report.expect(
                !evidence.isEarly(done, for: window), .sig(10), client.who, done,
                "\(name(request)) timed out after \(taken) s; the spec says \(timeout.text) s.")
        }
    }

    /// Returns whether the request was in flight when its connection ended.
    private func checkDrop(
        _ request: RequestHistory, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) -> Bool {
        guard let place = request.attempt, client.attempts.indices.contains(place) else { return false }
        let attempt = client.attempts[place]
        guard let open = attempt.open, let end = attempt.end, request.start.index > open.index, request.start.index < end.index else {
            return false
        }
        if let done = request.done, done.index < end.index, !(evidence.isSame(done.at, end.at) && request.outcome == "disconnected") {
            return false
        }
        if request.done == nil, evidence.isSame(end.at, evidence.end.at) { return true }
        let isAtOnce = request.done.map { evidence.isSame(end.at, $0.at) } ?? false
        report.expect(
            isAtOnce, .sig(10), client.who, request.done ?? end,
            "\(name(request)) was in flight when the connection ended and "
                + (request.done.map { "ended \(($0.at - end.at).text) s later" } ?? "never ended") + "; the spec says at once.")
        return true
    }
}
