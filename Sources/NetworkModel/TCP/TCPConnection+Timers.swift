import NIOCore

extension TCPConnection {
    /// A deadline has come; calling early or without need does no harm.
    public mutating func timerFired(now: NIODeadline) {
        if acknowledgementDeadline <= now {
            acknowledgementDeadline = .distantFuture
            acknowledgementDelay.expired()
            isAcknowledgementDue = true
        }
        if lifetimeDeadline <= now { terminate() }
        if keepaliveDeadline <= now { keepaliveExpired(now: now) }
        guard sendDeadline <= now else { return }
        switch sendTimer {
        case .none: preconditionFailure("a send deadline without a send timer")
        case .retransmission: retransmissionExpired(now: now)
        case .lossProbe: lossProbeExpired(now: now)
        case .persist: persistExpired(now: now)
        }
    }

    // MARK: Arming

    /// The retransmission timeout with its backoff.
    var currentTimeout: TimeAmount { profile.backedOff(roundTrip.timeout, doublings: doublings) }

    var handshakeWaits: [TimeAmount] { isPassive ? profile.synAcknowledgementWaits : profile.synWaits }

    func expiry(after delay: TimeAmount, now: NIODeadline) -> NIODeadline {
        profile.timers.expiry(armedAt: now, after: delay, bootOffset: bootOffset)
    }

    mutating func armSendTimer(_ timer: SendTimer, after delay: TimeAmount, now: NIODeadline) {
        sendTimer = timer
        sendDeadline = expiry(after: delay, now: now)
    }

    mutating func disarmSendTimer() {
        sendTimer = .none
        sendDeadline = .distantFuture
    }

    /// Linux `tcp_rearm_rto`: a full timeout from now, or, where a loss probe was waiting, what is left of the timeout of the oldest segment.
    mutating func rearmRetransmission(now: NIODeadline) {
        guard let head = flight.first else {
            disarmSendTimer()
            return
        }
        let timeout = currentTimeout
        let delay = sendTimer == .lossProbe ? max(head.sentAt + timeout - now, .nanoseconds(1)) : timeout
        armSendTimer(.retransmission, after: delay, now: now)
    }

    /// Linux `tcp_schedule_loss_probe`: after two round trips, plus the worst delay of an acknowledgement if only one segment is out; not later than
    /// the retransmission timeout. Returns whether a probe is scheduled.
    mutating func scheduleLossProbe(isAdvancing: Bool, now: NIODeadline) -> Bool {
        guard profile.hasTailLossProbe, repair == .none, let head = flight.first, roundTrip.hasMeasurement else { return false }
        let allowance = flight.count == 1 ? profile.varianceFloor : .milliseconds(2)
        var delay = TimeAmount.nanoseconds(2 * roundTrip.smoothed.nanoseconds) + allowance
        let timeoutIn = isAdvancing ? currentTimeout : head.sentAt + currentTimeout - now
        if timeoutIn > .zero { delay = min(delay, timeoutIn) }
        armSendTimer(.lossProbe, after: delay, now: now)
        return true
    }

    // MARK: Expiring

    private mutating func lossProbeExpired(now: NIODeadline) {
        // One probe per episode. The timer still counts as a probe's, so that the timeout is measured from the oldest segment.
        if lossProbeEnd == nil { isLossProbeDue = true } else { rearmRetransmission(now: now) }
        if isLossProbeDue { disarmSendTimer() }
    }

    private mutating func retransmissionExpired(now: NIODeadline) {
        switch state {
        case .synSent, .synReceived:
            handshakeExpired(now: now)
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            if isGivenUp(now: now) {
                fail(softError ?? .timedOut)
                return
            }
            expiredTimeout = currentTimeout
            congestion.collapse(inFlight: flight.count, isFirstTimeout: timeouts == 0)
            markAllLost()
            repair = .afterTimeout
            recoveryPoint = nextToSend
            lossProbeEnd = nil
            timeouts += 1
            doublings += 1
            if firstRetransmissionAt == nil { firstRetransmissionAt = now }
            armSendTimer(.retransmission, after: clampedToUserTimeout(currentTimeout, now: now), now: now)
        case .closed, .timeWait:
            preconditionFailure("a retransmission timer in state \(state.rawValue)")
        }
    }

    private mutating func handshakeExpired(now: NIODeadline) {
        let waits = handshakeWaits
        if timeouts + 1 >= waits.count || isUserTimeoutOver(now: now) {
            if state == .synReceived, isPassive { terminate() } else { fail(softError ?? .timedOut) }
            return
        }
        expiredTimeout = waits[timeouts]
        timeouts += 1
        if firstRetransmissionAt == nil { firstRetransmissionAt = now }
        markAllLost()
        armSendTimer(.retransmission, after: clampedToUserTimeout(waits[timeouts], now: now), now: now)
    }

    /// RFC 9293 section 3.8.6.1. As with Linux, the probe carries a byte that has been acknowledged, so that it is answered and changes nothing.
    private mutating func persistExpired(now: NIODeadline) {
        if unansweredProbes > 0, isProbingGivenUp {
            fail(softError ?? .timedOut)
            return
        }
        unansweredProbes += 1
        doublings += 1
        isProbeDue = true
        armSendTimer(.persist, after: currentTimeout, now: now)
    }

    private var isProbingGivenUp: Bool {
        switch profile.givingUp {
        case .elapsed(let retries, _): unansweredProbes >= retries
        case .retransmissions(let count): unansweredProbes >= count
        }
    }

    private mutating func keepaliveExpired(now: NIODeadline) {
        guard let keepalive = options.keepalive else {
            keepaliveDeadline = .distantFuture
            return
        }
        let quietFor = now - lastHeardAt
        guard flight.isEmpty, queue.bytes == 0, quietFor >= keepalive.idle else {
            // Data in flight has its own timer; a live connection has been heard of.
            keepaliveDeadline = flight.isEmpty && quietFor < keepalive.idle ? lastHeardAt + keepalive.idle : now + keepalive.idle
            return
        }
        if unansweredProbes >= keepalive.probes || (unansweredProbes > 0 && options.userTimeout.map { quietFor >= $0 } ?? false) {
            let reset = segment(at: nextToSend, flags: [.rst, .ack], now: now)
            fail(softError ?? .timedOut)
            pendingReset = reset
            return
        }
        unansweredProbes += 1
        isProbeDue = true
        keepaliveDeadline = expiry(after: keepalive.interval, now: now)
    }

    // MARK: Giving up

    private func isGivenUp(now: NIODeadline) -> Bool {
        guard timeouts > 0, let firstRetransmissionAt else { return false }
        if options.userTimeout != nil { return isUserTimeoutOver(now: now) }
        switch isOrphan ? profile.givingUpOrphaned : profile.givingUp {
        case .elapsed(let retries, let base):
            return now - firstRetransmissionAt >= profile.timeoutOfDoublings(retries, from: base)
        case .retransmissions(let count):
            return timeouts >= count
        }
    }

    private func isUserTimeoutOver(now: NIODeadline) -> Bool {
        guard let limit = options.userTimeout, let firstRetransmissionAt else { return false }
        return now - firstRetransmissionAt >= limit
    }

    /// Linux `tcp_clamp_rto_to_user_timeout`: the last wait ends when the user timeout does.
    private func clampedToUserTimeout(_ timeout: TimeAmount, now: NIODeadline) -> TimeAmount {
        guard let limit = options.userTimeout, let firstRetransmissionAt else { return timeout }
        return min(timeout, max(firstRetransmissionAt + limit - now, .nanoseconds(1)))
    }
}

extension TCPProfile {
    /// Linux `tcp_model_timeout`: the time that `retries` retransmissions take with a timeout of `base` that doubles up to the maximum.
    func timeoutOfDoublings(_ retries: Int, from base: TimeAmount) -> TimeAmount {
        var total = TimeAmount.zero
        var timeout = base
        for _ in 0...max(retries, 0) {
            total = total + timeout
            timeout = min(.nanoseconds(timeout.nanoseconds * 2), maximumTimeout)
        }
        return total
    }
}
