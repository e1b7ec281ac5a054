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
        return [loop.nextTick, loop.recheckAt].compactMap { $0 }.min()
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
        if loop.lastTick == nil, pairs.contains(where: isCheckable) { tick(figures, now) }
        if loop.needsSort { sort(figures, now) }
        planTick(figures, now)
    }

    private mutating func tick(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        for index in pairs.indices { updateState(index, figures, now) }
        removePairs(where: isDead, figures, now)
        // Before the ping of this tick, so that the third ping of a new pair is followed by a short step as well.
        let interval = isHasty(figures) ? figures.weakInterval : figures.strongInterval
        if loop.lastPing.map({ now >= $0 + interval }) ?? true, let index = pairToPing(figures, now) {
            ping(index, figures, now)
            loop.lastPing = now
        }
        loop.lastTick = now
        loop.step = alignedStep(min(interval, figures.checkReceivingInterval), figures, now)
    }

    private mutating func removePairs(
        where isGone: (ICEPair, ICEProfile.PingLoop, NIODeadline) -> Bool, _ figures: ICEProfile.PingLoop, _ now: NIODeadline
    ) {
        guard pairs.contains(where: { isGone($0, figures, now) }) else { return }
        removePairs(reason: "dead") { isGone($0, figures, now) }
    }

    /// No good pair is selected, or a pair that may be good has not had its first pings.
    private func isHasty(_ figures: ICEProfile.PingLoop) -> Bool {
        isWeak || pairs.contains { $0.isActive && isCheckable($0) && $0.checksSent < figures.initialPings }
    }

    /// A pair of the newest generation works well: looking for candidates once has reached its aim. Only where that ends it.
    var isNewestGenerationStrong: Bool { isPingLoop && pairs.contains { $0.generation == generation && !$0.isWeak } }

    var isWeak: Bool { selectedIndex.map { pairs[$0].isWeak } ?? true }

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
                earliest = min(earliest, deathTime(of: pair, figures))
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
        if isWeak, let index = bestPairOfANetwork(figures, now) { return index }
        let pingable = pairs.indices.filter { isPingable(pairs[$0], figures, now) }
        let triggered = pingable.filter { needsTriggeredPing(pairs[$0]) }
        if let index = triggered.min(by: { (pairs[$0].lastCheckReceived ?? now) < (pairs[$1].lastCheckReceived ?? now) }) { return index }
        if let index = pingable.filter({ pairs[$0].lastCheckSent == nil }).max(by: { pairs[$0].priority < pairs[$1].priority }) {
            return index
        }
        return pingable.min { (pairs[$0].lastCheckSent ?? now) < (pairs[$1].lastCheckSent ?? now) }
    }

    /// While weak: the best writable pair of each network, the one that waited longest.
    private func bestPairOfANetwork(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Int? {
        var best: [(network: String, index: Int)] = []
        for index in pairs.indices where pairs[index].isWritable {
            let network = network(of: pairs[index])
            if let position = best.firstIndex(where: { $0.network == network }) {
                if isBetter(pairs[index], than: pairs[best[position].index]) { best[position].index = index }
            } else {
                best.append((network, index))
            }
        }
        return best.map(\.index).filter { isCheckable(pairs[$0]) && isPastInterval(pairs[$0], figures, now) }
            .min { (pairs[$0].lastCheckSent ?? .uptimeNanoseconds(0)) < (pairs[$1].lastCheckSent ?? .uptimeNanoseconds(0)) }
    }

    private func needsTriggeredPing(_ pair: ICEPair) -> Bool {
        guard !pair.isWritable, let received = pair.lastCheckReceived else { return false }
        return pair.lastCheckSent.map { received > $0 } ?? true
    }

    private func isPingable(_ pair: ICEPair, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) -> Bool {
        guard isCheckable(pair) else { return false }
        if isWeak { return true }
        guard pair.isActive else { return false }
        if isCompleted, pair.id != selectedID {
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
        var networks: [String] = []
        for pair in pairs where pair.isActive {
            let network = network(of: pair)
            if networks.contains(network) { return false }
            networks.append(network)
        }
        return !networks.isEmpty
    }

    func network(of pair: ICEPair) -> String { locals.first { $0.transport == pair.transport }?.network ?? "" }

    // MARK: Pinging

    private mutating func ping(_ index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard sendCheck(index, nominates: nominates(pairs[index]), now) != nil else { return }
        pairs[index].forgetChecks(sentBefore: now - figures.requestLifetime)
        guard case .unansweredChecks(let limit, _, _) = profile.liveness else { return }
        pairs[index].unanswered.add(sentAt: now, limit: limit)
    }

    /// `GetUseCandidateAttr` for semi-aggressive nomination.
    private func nominates(_ pair: ICEPair) -> Bool {
        guard isControlling else { return false }
        guard let index = selectedIndex else { return !isRemoteLite(pair) }
        let isSelected = pairs[index].id == pair.id
        if isRemoteLite(pair) { return isSelected && pair.isWritable }
        return isSelected || !pairs[index].isWritable || compareCandidates(pair, pairs[index]) > 0
    }
}
