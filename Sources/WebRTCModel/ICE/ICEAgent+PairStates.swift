import NIOCore

/// The states of a pair in libwebrtc (p2p/base/connection.cc).
extension ICEAgent {
    /// `Connection::UpdateState`.
    mutating func updateState(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard case .unansweredChecks(let limit, let unreliableAfter, let failedAfter) = profile.liveness else { return }
        let pair = pairs[index]
        if pair.writeState == .writable, pair.unanswered.areTooMany(limit: limit, patience: pair.roundTripTime.patience, now: now),
            pair.unanswered.areTooOld(unreliableAfter, now: now)
        {
            setWriteState(index, .unreliable)
        }
        let isUndecided = pairs[index].writeState == .unreliable || pairs[index].writeState == .untried
        if isUndecided, pair.unanswered.areTooOld(failedAfter, now: now) { setWriteState(index, .timedOut) }
        updateReceiving(index, figures, now)
    }

    /// `Connection::UpdateReceiving`.
    private mutating func updateReceiving(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        let pair = pairs[index]
        let isAnswered = pair.lastAnswer.map { answer in pair.lastCheckSent.map { $0 < answer } ?? true } ?? false
        let isReceiving = isAnswered || pair.lastReceived.map { now <= $0 + figures.receivingTimeout } ?? false
        guard isReceiving != pair.isReceiving else { return }
        pairs[index].isReceiving = isReceiving
        pairs[index].receivingSince = now
        loop.needsSort = true
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

    /// `Connection::dead`.
    func isDead(_ pair: ICEPair, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Bool { now > deathTime(of: pair, figures) }

    func deathTime(of pair: ICEPair, _ figures: ICEProfile.PingLoop) -> NIODeadline {
        if let received = pair.lastReceived {
            let byPackets = received + figures.deadTimeout
            return pair.unanswered.count > 0 ? max(byPackets, pair.unanswered.first + figures.deadTimeout) : byPackets
        }
        return pair.isActive ? .distantFuture : pair.createdAt + figures.minimumLifetime
    }
}
