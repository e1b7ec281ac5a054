import NIOCore
import NetworkModel

/// What the ping loop remembers.
struct PingLoopState {
    /// Where the ticks of Chromium's delayed tasks lie.
    var phase = TimeAmount.zero
    var lastTick: NIODeadline?
    /// Between two ticks, as decided at the last.
    var step = TimeAmount.zero
    var nextTick: NIODeadline?
    var lastPing: NIODeadline?
    /// When a choice that waited for steadier receiving is looked at again.
    var recheckAt: NIODeadline?
    var needsSort = false
    var hadPairs = false
    var hasBeenWritable = false
    /// The time of the last input.
    var clock = NIODeadline.uptimeNanoseconds(0)
}

/// libwebrtc's loop: all states are looked at and at most one pair is pinged at every tick (`BasicIceController::SelectConnectionToPing`).
extension ICEAgent {
    func loopDeadline(_ figures: ICEProfile.PingLoop) -> NIODeadline? {
        guard state != .closed else { return nil }
        guard let tick = loop.nextTick, let recheck = loop.recheckAt else { return loop.nextTick ?? loop.recheckAt }
        return min(tick, recheck)
    }

    mutating func loopFired(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        if let recheck = loop.recheckAt, now >= recheck {
            loop.recheckAt = nil
            loop.needsSort = true
        }
        if let tick = loop.nextTick, now >= tick { self.tick(figures, now) }
    }

    mutating func finishLoop(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard state != .closed else { return }
        if loop.lastTick == nil, pairs.contains(where: { $0.remoteGeneration != nil }) { tick(figures, now) }
        if loop.needsSort { sort(figures, now) }
        planTick(figures, now)
    }

    private mutating func tick(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        for index in pairs.indices { updateState(index, figures, now) }
        if hasPair(where: { $0.pointee.isDead(figures, now) }) { removePairs(reason: "dead") { $0.isDead(figures, now) } }
        // Before the ping of this tick, so that the third ping of a new pair is followed by a short step as well.
        let interval = isHasty(figures) ? figures.weakInterval : figures.strongInterval
        if loop.lastPing.map({ now >= $0 + interval }) ?? true, let index = pairToPing(figures, now) {
            ping(index, figures, now)
            loop.lastPing = now
        }
        loop.lastTick = now
        loop.step = alignedStep(min(interval, figures.checkReceivingInterval), figures, now)
    }

    /// No good pair is selected, or a pair that may be good has not had its first pings.
    private func isHasty(_ figures: ICEProfile.PingLoop) -> Bool {
        if isWeak { return true }
        return hasPair {
            $0.pointee.writeState != .timedOut && $0.pointee.remoteGeneration != nil && $0.pointee.checksSent < figures.initialPings
        }
    }

    /// Looks at the pairs where they lie: an element taken out of the array would be copied at every look.
    private func hasPair(where isWanted: (UnsafePointer<ICEPair>) -> Bool) -> Bool {
        pairs.withUnsafeBufferPointer { pairs in
            guard let first = pairs.baseAddress else { return false }
            for index in 0..<pairs.count where isWanted(first + index) { return true }
            return false
        }
    }

    /// A pair of the newest generation works well: looking for candidates once has reached its aim. Only where that ends it.
    var isNewestGenerationStrong: Bool {
        guard isPingLoop else { return false }
        let newest = generation
        return hasPair { $0.pointee.generation == newest && $0.pointee.writeState == .writable && $0.pointee.isReceiving }
    }

    var isWeak: Bool {
        guard let index = selectedIndex else { return true }
        return pairs[index].isWeak
    }

    /// Chromium's delayed tasks run at the tick after they are due.
    private func alignedStep(_ delay: TimeAmount, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> TimeAmount {
        guard let tick = figures.timerTick?.nanoseconds, tick > 0 else { return delay }
        let due = Int64((now + delay).uptimeNanoseconds) - loop.phase.nanoseconds
        let aligned = (due / tick + 1) * tick + loop.phase.nanoseconds
        return .nanoseconds(aligned - Int64(now.uptimeNanoseconds))
    }

    /// The loop ticks on its grid, but ticks at which nothing can happen are left out.
    private mutating func planTick(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard let last = loop.lastTick, !pairs.isEmpty, loop.step > .zero else {
            loop.nextTick = nil
            return
        }
        let target = isHasty(figures) ? now : max(nextEvent(figures, now), now)
        let distance = max((target - last).nanoseconds, 1)
        let steps = (distance + loop.step.nanoseconds - 1) / loop.step.nanoseconds
        loop.nextTick = last + .nanoseconds(steps * loop.step.nanoseconds)
    }

    /// The earliest time at which a tick could do anything, on a transport that is strong.
    private func nextEvent(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> NIODeadline {
        var earliest = now + figures.deadTimeout
        let standbyIsSlow = isCompleted
        for pair in pairs {
            if pair.unanswered.count > 0 && pair.isActive { return now }
            if !pair.isActive {
                earliest = min(earliest, pair.deathTime(figures))
            } else if isCheckable(pair) {
                guard pair.isWritable, let sent = pair.lastCheckSent else { return now }
                let standsBy = standbyIsSlow && pair.id != selectedID
                let next = standsBy ? (pair.lastAnswer ?? now) + figures.backupInterval : sent + pingInterval(of: pair, figures, now)
                earliest = min(earliest, next)
            }
        }
        return earliest
    }

    // MARK: Which pair

    private func pairToPing(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Int? {
        if let index = selectedIndex, pairs[index].isWritable, isPastInterval(pairs[index], figures, now) { return index }
        let isWeak = isWeak
        if isWeak, let index = bestPairOfANetwork(figures, now) { return index }
        let standbyIsSlow = !isWeak && isCompleted
        var choice = PingChoice()
        pairs.withUnsafeBufferPointer { pairs in
            guard let first = pairs.baseAddress else { return }
            for index in 0..<pairs.count where pairs[index].remoteGeneration != nil {
                if isWeak || isPingable(pairs[index], standbyIsSlow: standbyIsSlow, figures, now) { choice.consider(first + index, index) }
            }
        }
        return choice.index
    }

    /// Of all pairs that may be pinged: one that the peer has checked, the first to be checked; else one that was never pinged, the best; else the one
    /// that waits longest.
    private struct PingChoice {
        private var triggered: (index: Int, received: NIODeadline)?
        private var fresh: (index: Int, priority: UInt64)?
        private var oldest: (index: Int, sent: NIODeadline)?

        var index: Int? { triggered?.index ?? fresh?.index ?? oldest?.index }

        mutating func consider(_ pair: UnsafePointer<ICEPair>, _ index: Int) {
            let lastSent = pair.pointee.lastCheckSent
            if let received = pair.pointee.lastCheckReceived, pair.pointee.writeState != .writable, lastSent.map({ received > $0 }) ?? true
            {
                if triggered.map({ received < $0.received }) ?? true { triggered = (index, received) }
            }
            guard let sent = lastSent else {
                let priority = pair.pointee.priority
                if fresh.map({ $0.priority < priority }) ?? true { fresh = (index, priority) }
                return
            }
            if oldest.map({ sent < $0.sent }) ?? true { oldest = (index, sent) }
        }
    }

    /// While weak: the best writable pair of each network, the one that waited longest.
    private func bestPairOfANetwork(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Int? {
        guard hasPair(where: { $0.pointee.writeState == .writable }) else { return nil }
        var best: [(network: Int, index: Int)] = []
        for index in pairs.indices where pairs[index].isWritable {
            let network = pairs[index].network
            if let position = best.firstIndex(where: { $0.network == network }) {
                if isBetter(pairs[index], than: pairs[best[position].index]) { best[position].index = index }
            } else {
                best.append((network, index))
            }
        }
        return best.map(\.index).filter { isCheckable(pairs[$0]) && isPastInterval(pairs[$0], figures, now) }
            .min { (pairs[$0].lastCheckSent ?? .uptimeNanoseconds(0)) < (pairs[$1].lastCheckSent ?? .uptimeNanoseconds(0)) }
    }

    /// On a transport that is strong; on another, every pair that can be checked is.
    private func isPingable(
        _ pair: ICEPair, standbyIsSlow: Bool, _ figures: ICEProfile.PingLoop, _ now: NIODeadline
    ) -> Bool {
        guard isCheckable(pair), pair.isActive else { return false }
        if standbyIsSlow, pair.id != selectedID {
            return pair.lastAnswer.map { now >= $0 + figures.backupInterval } ?? true
        }
        return !pair.isWritable || isPastInterval(pair, figures, now)
    }

    private func isPastInterval(_ pair: ICEPair, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Bool {
        guard let sent = pair.lastCheckSent else { return true }
        return now >= sent + pingInterval(of: pair, figures, now)
    }

    private func pingInterval(of pair: ICEPair, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> TimeAmount {
        if pair.checksSent < figures.initialPings { return figures.weakInterval }
        let isStable =
            pair.roundTripTime.isConverged
            && !pair.unanswered.areTooOld(pair.roundTripTime.estimate + pair.roundTripTime.estimate, now: now)
        return !isWeak && isStable ? figures.stableInterval : figures.stabilizingInterval
    }

    /// At most one active pair per network is left: the others need not be pinged often (`STATE_COMPLETED`).
    private var isCompleted: Bool {
        var hasActive = false
        for index in pairs.indices where pairs[index].isActive {
            hasActive = true
            for other in 0..<index where pairs[other].isActive && pairs[other].network == pairs[index].network { return false }
        }
        return hasActive
    }

    // MARK: Pinging

    private mutating func ping(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        // Not `isControlling && nominates(...)`, which would copy the agent.
        var isNominating = false
        if isControlling { isNominating = nominates(pairs[index]) }
        guard sendCheck(index, nominates: isNominating, now) != nil else { return }
        pairs[index].forgetChecks(sentBefore: now - figures.requestLifetime)
        guard case .unansweredChecks(let limit, _, _) = profile.liveness else { return }
        pairs[index].unanswered.add(sentAt: now, limit: limit)
    }

    /// `GetUseCandidateAttr` of the controlling side for semi-aggressive nomination.
    private func nominates(_ pair: ICEPair) -> Bool {
        guard let index = selectedIndex else { return !isRemoteLite(pair) }
        let isSelected = pairs[index].id == pair.id
        if isRemoteLite(pair) { return isSelected && pair.isWritable }
        return isSelected || !pairs[index].isWritable || compareCandidates(pair, pairs[index]) > 0
    }
}
