import NIOCore
import NetworkModel

/// pion's way: all pairs at every tick until one is selected, then keepalives (pion/ice agent.go, selection.go).
extension ICEAgent {
    mutating func everyPairFired(interval: TimeAmount, limit: Int, lifetime: TimeAmount, _ now: NIODeadline) {
        guard let due = list.contactAt, now >= due else { return }
        for index in pairs.indices { pairs[index].forgetChecks(sentBefore: now - lifetime) }
        guard selectedID == nil else { return watchSilence(now) }
        if isControlling, let index = pairToNominate(now) {
            list.nominating = pairs[index].id
            sendCheck(index, nominates: true, now)
        } else {
            for index in pairs.indices { contact(index, limit: limit, now) }
        }
        list.contactAt = now + interval
    }

    private mutating func contact(_ index: Int, limit: Int, _ now: NIODeadline) {
        guard isCheckable(pairs[index]) else { return }
        switch pairs[index].state {
        case .succeeded, .failed: return
        case .frozen, .waiting: pairs[index].state = .inProgress
        case .inProgress: break
        }
        if pairs[index].checksSent > limit { pairs[index].state = .failed } else { sendCheck(index, nominates: false, now) }
    }

    /// The best pair that works, if its candidates are good enough by now.
    private func pairToNominate(_ now: NIODeadline) -> Int? {
        if let id = list.nominating, let index = pairs.firstIndex(where: { $0.id == id }) { return index }
        guard let index = pairs.indices.filter({ pairs[$0].state == .succeeded }).max(by: { pairs[$0].priority < pairs[$1].priority })
        else { return nil }
        return isAcceptable(pairs[index], now) ? index : nil
    }

    private func isAcceptable(_ pair: ICEPair, _ now: NIODeadline) -> Bool {
        guard case .regular(let waits) = profile.nomination, let started = list.startedAt else { return true }
        func wait(_ kind: ICECandidateKind) -> TimeAmount {
            switch kind {
            case .host: waits.host
            case .serverReflexive: waits.serverReflexive
            case .peerReflexive: waits.peerReflexive
            case .relayed: usesRelayOnly ? .zero : waits.relay
            }
        }
        return now >= started + max(wait(localCandidate(of: pair).kind), wait(pair.remote.kind))
    }

    mutating func everyPairRequest(on index: Int, nominates: Bool, _ now: NIODeadline) {
        if nominates, pairs[index].state == .succeeded { nominate(index, now) }
        // A controlled agent answers a check with one of its own; a controlling one only for a pair that does not work yet.
        if selectedID == nil, !isControlling || pairs[index].state != .succeeded, isCheckable(pairs[index]) {
            if pairs[index].state != .succeeded { pairs[index].state = .inProgress }
            sendCheck(index, nominates: false, now)
        }
    }

    mutating func everyPairAnswered(_ index: Int, _ check: ICECheck, _ now: NIODeadline) {
        pairs[index].state = .succeeded
        if check.nominates || !isControlling && pairs[index].isNominatedByPeer { nominate(index, now) }
    }

    // MARK: Silence

    /// `validateSelectedPair` and `checkKeepalive`: the time since the last packet of the selected remote candidate.
    private mutating func watchSilence(_ now: NIODeadline) {
        guard case .silence(let interval, let disconnectedAfter, let failedAfter) = profile.liveness, let index = selectedIndex else {
            return
        }
        let heard = pairs[index].lastReceived ?? pairs[index].createdAt
        if now > heard + disconnectedAfter + failedAfter {
            // A silence found late, as after a sleep, is reported in both steps.
            setState(.disconnected)
            lose(index, reason: "silence")
            return fail()
        }
        setState(now > heard + disconnectedAfter ? .disconnected : .connected)
        let sent = pairs[index].lastCheckSent ?? pairs[index].createdAt
        if now >= sent + interval || now >= heard + interval { sendCheck(index, nominates: false, now) }
        list.contactAt = now + interval
    }
}
