import NIOCore
import NetworkModel

/// What a check list remembers, of the newest generation.
struct CheckListState {
    var startedAt: NIODeadline?
    var lastSent: NIODeadline?
    /// Pairs to check before all others (RFC 8445 section 6.1.4.1), by identifier.
    var triggered: [Int] = []
    /// A pair is nominated: no pair is begun any more.
    var isDone = false
    /// Every pair has failed.
    var isExhausted = false
    /// The pair that regular nomination has chosen.
    var nominating: Int?
    /// When all pairs are looked at next, where that is done at intervals.
    var contactAt: NIODeadline?

    mutating func start(_ now: NIODeadline) {
        if startedAt == nil { startedAt = now }
    }
}

/// Check lists (RFC 8445 section 6.1.4): each check one STUN transaction.
extension ICEAgent {
    /// RFC 8863: as long as a transaction of RFC 8489 takes, candidates may still come.
    private static let patience = TimeAmount.milliseconds(39_500)

    var listDeadline: NIODeadline? {
        switch profile.checking {
        case .pingLoop: return nil
        case .everyPair: return list.contactAt
        case .checkList(let pacing, _):
            var earliest: NIODeadline?
            func consider(_ time: NIODeadline) { earliest = earliest.map { min($0, time) } ?? time }
            if hasWork { consider(list.lastSent.map { $0 + pacing } ?? list.startedAt ?? loop.clock) }
            for pair in pairs { if let transaction = pair.transaction { consider(transaction.deadline) } }
            if let end = patienceEnd { consider(end) }
            return earliest
        }
    }

    /// When the failure of all pairs counts. Where every pair is checked at intervals, it never does: only the time to connect ends it.
    private var patienceEnd: NIODeadline? {
        guard case .checkList = profile.checking, selectedID == nil, state == .checking, let started = list.startedAt, isEveryPairFailed
        else { return nil }
        return started + (isRemoteDone && isLocalDone ? profile.trickleGracePeriod : Self.patience)
    }

    private var isEveryPairFailed: Bool { current.allSatisfy { pairs[$0].state == .failed } }

    /// The pairs of both sides' newest generations.
    private var current: [Int] {
        let newest = remotes.count - 1
        return pairs.indices.filter { pairs[$0].generation == generation && pairs[$0].remoteGeneration == newest }
    }

    private var hasWork: Bool { nextPair != nil }

    mutating func checkListFired(pacing: TimeAmount, schedule: RetransmissionSchedule, _ now: NIODeadline) {
        for index in pairs.indices { repeatCheck(index, now) }
        if list.lastSent.map({ now >= $0 + pacing }) ?? true, let index = nextPair {
            list.triggered.removeAll { $0 == pairs[index].id }
            list.lastSent = now
            begin(index, schedule, now)
        }
    }

    private mutating func repeatCheck(_ index: Int, _ now: NIODeadline) {
        guard var transaction = pairs[index].transaction else { return }
        switch transaction.timerFired(now: now) {
        case .wait:
            break
        case .send:
            pairs[index].transaction = transaction
            if let check = pairs[index].checks.last(where: { $0.id == transaction.id }) {
                sendCheck(index, nominates: check.nominates, repeated: check, now)
            }
        case .fail:
            pairs[index].transaction = nil
            pairs[index].state = .failed
        }
    }

    private mutating func begin(_ index: Int, _ schedule: RetransmissionSchedule, _ now: NIODeadline) {
        let isAggressive = profile.nomination == .aggressive && !isRemoteLite(pairs[index])
        guard let check = sendCheck(index, nominates: isAggressive || list.nominating == pairs[index].id, now) else { return }
        if pairs[index].state != .succeeded { pairs[index].state = .inProgress }
        pairs[index].transaction = STUNTransaction(check.id, schedule: schedule, now: now)
        pairs[index].forgetChecks(sentBefore: now - .seconds(120))
    }

    /// Triggered checks first, then waiting pairs by priority, then frozen ones of a foundation that nothing else of is under way.
    private var nextPair: Int? {
        guard state != .failed else { return nil }
        for id in list.triggered {
            if let index = pairs.firstIndex(where: { $0.id == id }), isCheckable(pairs[index]) { return index }
        }
        guard !list.isDone else { return nil }
        let candidates = current.filter { isCheckable(pairs[$0]) }
        func best(_ state: ICEPair.CheckState, _ isAllowed: (Int) -> Bool) -> Int? {
            candidates.filter { pairs[$0].state == state && isAllowed($0) }.max { pairs[$0].priority < pairs[$1].priority }
        }
        return best(.waiting) { _ in true }
            ?? best(.frozen) { index in
                !candidates.contains { pairs[$0].state == .inProgress && foundation($0) == foundation(index) }
            }
    }

    private func foundation(_ index: Int) -> String {
        let local = locals.first { $0.transport == pairs[index].transport }
        return "\(local?.foundation ?? "") \(pairs[index].remote.foundation)"
    }

    // MARK: What arrives

    mutating func trigger(_ index: Int) {
        guard !list.triggered.contains(pairs[index].id) else { return }
        list.triggered.append(pairs[index].id)
        if pairs[index].state == .frozen || pairs[index].state == .failed { pairs[index].state = .waiting }
    }

    /// RFC 8445 sections 7.3.1.4 and 7.3.1.5.
    mutating func requestArrived(on index: Int, nominates: Bool, _ now: NIODeadline) {
        if case .everyPair = profile.checking { return everyPairRequest(on: index, nominates: nominates, now) }
        switch pairs[index].state {
        case .succeeded: if nominates { nominate(index, now) }
        case .frozen, .waiting, .failed: trigger(index)
        case .inProgress:
            // Our check may have died in the peer's NAT, which is open now; once is enough.
            if pairs[index].checks.count < 2 { trigger(index) }
        }
    }

    /// RFC 8445 section 7.2.5.3.
    mutating func checkAnswered(_ index: Int, _ check: ICECheck, _ now: NIODeadline) {
        if consentAnswered(index, check, now) { return }
        if case .everyPair = profile.checking { return everyPairAnswered(index, check, now) }
        pairs[index].state = .succeeded
        pairs[index].transaction = nil
        let found = foundation(index)
        for other in current where pairs[other].state == .frozen && foundation(other) == found { pairs[other].state = .waiting }
        if check.nominates || !isControlling && pairs[index].isNominatedByPeer {
            nominate(index, now)
        } else if isControlling, list.nominating == nil, profile.nomination != .aggressive || isRemoteLite(pairs[index]) {
            list.nominating = pairs[index].id
            trigger(index)
        }
    }

    mutating func checkRefused(_ index: Int, _ check: ICECheck, _ code: STUNErrorCode?, _ now: NIODeadline) {
        if code == .forbidden, pairs[index].id == selectedID { return loseConsent(now, reason: "consent revoked") }
        pairs[index].state = .failed
        pairs[index].transaction = nil
    }

    // MARK: Nomination

    /// RFC 8445 section 8.1.1, and of RFC 5245 section 8.1.1.2 that the best of several nominated pairs counts.
    mutating func nominate(_ index: Int, _ now: NIODeadline) {
        guard current.contains(index) else { return }
        pairs[index].isNominated = true
        list.isDone = true
        let best = current.filter { pairs[$0].isNominated }.max { pairs[$0].priority < pairs[$1].priority }
        guard let best, pairs[best].id != selectedID else { return }
        let isFirst = selectedID == nil
        select(best)
        if generation > 1 { removeOldPairs() }
        if isFirst || consent.next == nil { beginWatching(now) }
        setState(profile.reportsCompleted ? .completed : .connected)
    }

    private mutating func removeOldPairs() {
        let newest = generation
        removePairs(reason: "restart") { $0.generation < newest }
    }

    // MARK: Afterwards

    mutating func finishList(_ now: NIODeadline) {
        guard state != .closed else { return }
        if case .everyPair(let interval, _, _) = profile.checking, list.contactAt == nil, !pairs.isEmpty, !remotes.isEmpty {
            list.start(now)
            list.contactAt = now
            _ = interval
        }
        if !pairs.isEmpty, !remotes.isEmpty, state == .new { setState(.checking) }
        if selectedID == nil, state == .connected || state == .completed || state == .disconnected { setState(.failed) }
        if let end = patienceEnd, now >= end { fail() }
        if let limit = profile.connectTimeout, let started = list.startedAt, selectedID == nil, state == .checking, now >= started + limit {
            fail()
        }
        endOldGenerations()
    }

    mutating func fail() {
        removePairs(reason: "failed") { _ in true }
        setState(.failed)
    }
}
