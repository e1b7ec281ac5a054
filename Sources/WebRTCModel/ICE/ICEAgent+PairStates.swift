import NIOCore

/// The states of a pair in libwebrtc (p2p/base/connection.cc).
extension ICEAgent {
    /// `Connection::UpdateState`.
    mutating func updateState(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard case .unansweredChecks(let limit, let unreliableAfter, let failedAfter) = profile.liveness else { return }
        if pairs[index].countUnanswered(limit: limit, unreliableAfter: unreliableAfter, failedAfter: failedAfter, now) {
            loop.needsSort = true
        }
        updateReceiving(index, figures, now)
    }

    /// `Connection::UpdateReceiving`.
    private mutating func updateReceiving(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        if pairs[index].updateReceiving(timeout: figures.receivingTimeout, now) { loop.needsSort = true }
    }

    private mutating func setWriteState(_ index: Int, _ state: ICEPair.WriteState) {
        guard pairs[index].writeState != state else { return }
        pairs[index].writeState = state
        loop.needsSort = true
    }

    /// Something came over the pair.
    mutating func packetArrived(_ index: Int, _ now: NIODeadline) {
        guard case .pingLoop(let figures) = profile.checking else { return }
        if !pairs[index].isPruned, pairs[index].writeState == .timedOut { setWriteState(index, .untried) }
        updateReceiving(index, figures, now)
    }

    /// A ping was answered: the pair works, even if it had been pruned.
    mutating func pingAnswered(_ index: Int, _ check: ICECheck, _ now: NIODeadline) {
        setWriteState(index, .writable)
        packetArrived(index, now)
    }

    mutating func prune(_ index: Int) {
        guard !pairs[index].isPruned || pairs[index].isActive else { return }
        pairs[index].isPruned = true
        pairs[index].checks.removeAll()
        pairs[index].unanswered.clear()
        pairs[index].writeState = .timedOut
    }
}

/// One pair's part, done where the pair lies: it is too large to be copied at every tick.
extension ICEPair {
    /// - Returns: whether the state is another one.
    fileprivate mutating func countUnanswered(
        limit: Int, unreliableAfter: TimeAmount, failedAfter: TimeAmount, _ now: NIODeadline
    ) -> Bool {
        let before = writeState
        if writeState == .writable, unanswered.areTooMany(limit: limit, patience: roundTripTime.patience, now: now),
            unanswered.areTooOld(unreliableAfter, now: now)
        {
            writeState = .unreliable
        }
        let isUndecided = writeState == .unreliable || writeState == .untried
        if isUndecided, unanswered.areTooOld(failedAfter, now: now) { writeState = .timedOut }
        return writeState != before
    }

    /// - Returns: whether it is another than before.
    fileprivate mutating func updateReceiving(timeout: TimeAmount, _ now: NIODeadline) -> Bool {
        var isHeard = false
        if let lastAnswer { isHeard = lastCheckSent.map { $0 < lastAnswer } ?? true }
        if !isHeard, let lastReceived { isHeard = now <= lastReceived + timeout }
        guard isHeard != isReceiving else { return false }
        isReceiving = isHeard
        receivingSince = now
        return true
    }

    /// `Connection::dead`.
    @inline(__always)
    func isDead(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Bool { now > deathTime(figures) }

    @inline(__always)
    func deathTime(_ figures: ICEProfile.PingLoop) -> NIODeadline {
        if let lastReceived {
            let byPackets = lastReceived + figures.deadTimeout
            return unanswered.count > 0 ? max(byPackets, unanswered.first + figures.deadTimeout) : byPackets
        }
        return isActive ? .distantFuture : createdAt + figures.minimumLifetime
    }
}
