/// SIG-12 and SIG-13: after a reconnect every tracked subscription is restored, and no other; a failed replay is retried as the spec says.
///
/// It needs the client's requests. Replays that the producer does not tell apart from the application's own subscribes (kind `replay`) are
/// checked for being there, not for being too many.
struct ReplayChecker: Checker {
    static let name = "replay"
    static let rules: [RuleID] = [.sig(12), .sig(13), .bey(26)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients where !client.requests.isEmpty {
            for (place, channels) in TrackedSubscriptions.atWelcomes(of: client) where client.attempts[place].followsWelcome {
                let subscribes = client.requests.filter { request in
                    request.attempt == place && (request.kind == "replay" || (request.kind == "subscribe" && !client.reportsReplays))
                        && request.start.index > (client.attempts[place].welcome?.index ?? 0)
                }
                for channel in channels {
                    let tries = subscribes.filter { $0.channel == channel.name }
                    check(channel.name, channel.standing, tries, client.attempts[place], client, evidence, &report)
                }
            }
        }
    }

    private func check(
        _ channel: String, _ standing: TrackedSubscriptions.Standing, _ tries: [RequestHistory], _ attempt: Attempt,
        _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        switch standing {
        case .unknown: return
        case .untracked(let why):
            guard client.reportsReplays else { return }
            checkForgotten(channel, why, tries, attempt, client, &report)
        case .tracked where !client.spec.autoResubscribe:
            guard client.reportsReplays, let first = tries.first else { return }
            report.violate(.sig(12), client.who, first.start, "\(channel) was replayed although autoResubscribe is off.")
        case .tracked:
            guard let first = tries.first else { return checkMissing(channel, attempt, client, evidence, &report) }
            report.hold(.sig(12))
            report.hold(.sig(13))
            ReplayRetries(channel: channel, tries: tries, attempt: attempt, client: client).check(from: first, evidence, &report)
        }
    }

    private func checkForgotten(
        _ channel: String, _ why: String, _ tries: [RequestHistory], _ attempt: Attempt, _ client: ClientHistory,
        _ report: inout CheckReport
    ) {
        let message = "\(channel) was replayed although \(why)."
        guard let first = tries.first else {
            report.hold(.sig(13))
            if why.hasSuffix("rejected") { report.hold(.bey(26)) }
            return
        }
        report.violate(.sig(13), client.who, first.start, message)
        if why.hasSuffix("rejected") { report.violate(.bey(26), client.who, first.start, message) }
    }

    /// A connection that ends soon may not have come to it: replays are paced, and may wait for each other.
    private func checkMissing(
        _ channel: String, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let welcome = attempt.welcome else { return }
        let end = attempt.end ?? evidence.end
        let isForgotten = client.requests.contains { $0.kind == "unsubscribe" && $0.channel == channel && $0.start.index > welcome.index }
        let isWaiting = client.requests.contains { request in
            request.start.index > welcome.index && request.kind != "publish" && request.kind != "send"
                && (request.done.map { $0.at > end.at - .seconds(2) } ?? true) && request.start.index < end.index
        }
        guard end.at - welcome.at > .seconds(2), !isForgotten, !isWaiting,
            !client.clock.wasSuspended(from: welcome.at, to: end.at)
        else { return }
        report.violate(.sig(12), client.who, welcome, "\(channel) was not replayed after the reconnect, though it is tracked.")
    }
}

/// The tries of one channel on one connection.
private struct ReplayRetries {
    let channel: String
    let tries: [RequestHistory]
    let attempt: Attempt
    let client: ClientHistory

    func check(from first: RequestHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        var current = first
        var retries = 0
        while let failed = current.done, current.outcome == "timeout" || current.outcome == "rejected" {
            if retries == client.spec.replayRetries { return checkFinal(failed, retries, evidence, &report) }
            guard let next = next(after: failed, evidence) else { return checkMissing(failed, retries, evidence, &report) }
            report.hold(.sig(12))
            retries += 1
            current = next
        }
        checkGivenUp(retries, &report)
    }

    /// The try that begins when the spec says. A client that tells replays apart is also held to making no other.
    private func next(after failed: Mark, _ evidence: Evidence) -> RequestHistory? {
        let window = client.clock.window(from: failed.at, after: client.spec.replayDelay)
        let later = tries.filter { $0.start.index > failed.index }
        if client.reportsReplays, let first = later.first {
            return evidence.isEarly(first.start, for: window) || evidence.isLate(first.start, for: window) ? nil : first
        }
        return later.first { !evidence.isEarly($0.start, for: window) && !evidence.isLate($0.start, for: window) }
    }

    private func checkMissing(_ failed: Mark, _ retries: Int, _ evidence: Evidence, _ report: inout CheckReport) {
        let later = tries.first { $0.start.index > failed.index }
        let window = client.clock.window(from: failed.at, after: client.spec.replayDelay)
        let isForgotten = client.requests.contains { $0.kind == "unsubscribe" && $0.channel == channel && $0.start.index > failed.index }
        if isForgotten { return }
        if later == nil, attempt.replayFailures.isEmpty, !evidence.isLate(attempt.end ?? evidence.end, for: window) { return }
        let what = later.map { "came \(($0.start.at - failed.at).text) s after the failure" } ?? "did not come"
        report.violate(
            .sig(12), client.who, later?.start ?? failed,
            "retry \(retries + 1) of the replay of \(channel) \(what); the spec says \(client.spec.replayDelay.text) s after it, "
                + "\(client.spec.replayRetries) times.")
    }

    private func checkFinal(_ failed: Mark, _ retries: Int, _ evidence: Evidence, _ report: inout CheckReport) {
        if client.reportsReplays, let extra = tries.first(where: { $0.start.index > failed.index }) {
            let message = "\(channel) was replayed again after \(retries) retries; the spec says \(client.spec.replayRetries)."
            return report.violate(.sig(12), client.who, extra.start, message)
        }
        guard !evidence.isSame(failed.at, evidence.end.at) else { return }
        let isTold = attempt.replayFailures.contains { $0.channel == channel && evidence.isSame(failed.at, $0.mark.at) }
        report.expect(
            isTold, .sig(12), client.who, failed, "the replay of \(channel) failed for good after \(retries) retries, without an error.")
    }

    private func checkGivenUp(_ retries: Int, _ report: inout CheckReport) {
        guard let failure = attempt.replayFailures.first(where: { $0.channel == channel }) else { return }
        report.violate(
            .sig(12), client.who, failure.mark,
            "the replay of \(channel) was given up after \(retries) retries; the spec says \(client.spec.replayRetries).")
    }
}
