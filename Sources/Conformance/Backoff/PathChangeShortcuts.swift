extension Gap {
    /// SIG-19: what the operating system's connectivity signal does to this wait. A floor is not overridden.
    mutating func applyPathChanges(of client: ClientHistory, _ evidence: Evidence) {
        guard !expectation.hasFloor else { return }
        if wasDroppedForPath(of: client, evidence) {
            let soonest = before.start.at + client.spec.initialDelay
            expectation = DelayExpectation(
                kind: .immediate, mean: .zero, shortest: .zero, longest: max(.zero, soonest - beforeEnd.at))
            window = TimerWindow(earliest: beforeEnd.at, latest: max(beforeEnd.at, soonest))
            return
        }
        let change = client.pathChanges.first { $0.mark.index > beforeEnd.index && $0.mark.index < after.start.index }
        guard let change else { return }
        shorten(by: change, client)
    }

    /// While backing off: at once, but not sooner than one initial delay after the last attempt - after its begin or its end, the spec does
    /// not say - and never later than the wait would have ended anyway.
    private mutating func shorten(by change: ClientHistory.PathChange, _ client: ClientHistory) {
        let unshortened = announced.map { client.clock.window(from: $0.mark.at, after: $0.delay) } ?? window
        let soonest = max(change.mark.at, client.clock.window(from: before.start.at, after: client.spec.initialDelay).earliest)
        let latest = max(change.mark.at, client.clock.window(from: beforeEnd.at, after: client.spec.initialDelay).latest)
        window = TimerWindow(earliest: min(unshortened.earliest, soonest), latest: min(unshortened.latest, latest))
        expectation = DelayExpectation(
            kind: .shortened, mean: window.latest - beforeEnd.at, shortest: window.earliest - beforeEnd.at,
            longest: window.latest - beforeEnd.at)
    }

    /// Whether the socket ended because the path did: by `oldPathGone`, or because nothing answered the probe.
    private func wasDroppedForPath(of client: ClientHistory, _ evidence: Evidence) -> Bool {
        guard let welcome = before.welcome else { return false }
        return client.pathChanges.contains { change in
            guard change.mark.index > welcome.index, change.mark.index < beforeEnd.index else { return false }
            if change.oldPathGone { return evidence.isSame(change.mark.at, beforeEnd.at) }
            let window = client.clock.window(from: change.mark.at, after: client.spec.pathProbeTimeout)
            let isOnTime = !evidence.isEarly(beforeEnd, for: window) && !evidence.isLate(beforeEnd, for: window)
            return isOnTime && !before.texts.contains { $0.index > change.mark.index && $0.index < beforeEnd.index }
        }
    }
}
