import NIOCore

/// What the consent of the selected pair remembers (RFC 7675).
struct ConsentState {
    /// When the next check is due.
    var next: NIODeadline?
    /// The check that waits for its answer, and until when.
    var pending: (id: STUNTransactionID, until: NIODeadline?)?
    var failures = 0
    /// When consent ends without another answer.
    var expiresAt: NIODeadline?

    var deadline: NIODeadline? { [next, pending?.until, expiresAt].compactMap { $0 }.min() }
}

extension ICEAgent {
    /// A pair has been selected for the first time: from now on it is watched.
    mutating func beginWatching(_ now: NIODeadline) {
        guard case .consent(let figures) = profile.liveness else { return }
        consent = ConsentState()
        consent.next = now + random.uniform(figures.interval)
        consent.expiresAt = figures.expiry.map { now + $0 }
    }

    mutating func watch(_ now: NIODeadline) {
        guard case .consent(let figures) = profile.liveness, selectedID != nil else { return }
        if let expiry = consent.expiresAt, now >= expiry { return loseConsent(now, reason: "consent expired") }
        if let until = consent.pending?.until, now >= until { consentFailed(figures, now) }
        if let next = consent.next, now >= next { askForConsent(figures, now) }
    }

    private mutating func askForConsent(_ figures: ICEProfile.Consent, _ now: NIODeadline) {
        if consent.pending != nil { consentFailed(figures, now) }
        guard let index = selectedIndex else { return }
        pairs[index].forgetChecks(sentBefore: now - .seconds(30))
        guard let check = sendCheck(index, nominates: false, now) else { return }
        consent.pending = (check.id, figures.answerTimeout.map { now + $0 })
        consent.next = figures.waitsForOutcome ? nil : now + random.uniform(figures.interval)
    }

    private mutating func consentFailed(_ figures: ICEProfile.Consent, _ now: NIODeadline) {
        consent.pending = nil
        consent.failures += 1
        if let limit = figures.failureLimit, consent.failures >= limit { return loseConsent(now, reason: "consent not answered") }
        if figures.waitsForOutcome { consent.next = now + random.uniform(figures.interval) }
        if figures.isDisconnectedByOneFailure { setState(.disconnected) }
    }

    /// False if the check was none for consent.
    mutating func consentAnswered(_ index: Int, _ check: ICECheck, _ now: NIODeadline) -> Bool {
        guard case .consent(let figures) = profile.liveness, pairs[index].id == selectedID, !check.nominates,
            pairs[index].transaction?.id != check.id
        else { return false }
        // aioice forgets a check that timed out; elsewhere a late answer is as good (RFC 7675 section 5.1).
        guard !figures.waitsForOutcome || consent.pending?.id == check.id else { return true }
        consent.failures = 0
        consent.expiresAt = figures.expiry.map { now + $0 }
        if figures.waitsForOutcome { consent.next = now + random.uniform(figures.interval) }
        if figures.waitsForOutcome || consent.pending?.id == check.id { consent.pending = nil }
        if state == .disconnected { setState(profile.reportsCompleted ? .completed : .connected) }
        return true
    }

    /// Nothing may be sent any more.
    mutating func loseConsent(_ now: NIODeadline, reason: String) {
        consent = ConsentState()
        if let index = selectedIndex { lose(index, reason: reason) }
        fail()
    }
}

extension ICEAgent {
    /// Ends the agent: nothing is sent or answered any more.
    public mutating func close() {
        pairs.removeAll()
        selectedID = nil
        actions.removeAll()
        state = .closed
        isWritable = false
    }
}
