import CompactJSON
import NIOCore

/// What the behaviours in force make of an upgrade request.
struct UpgradePlan {
    var delay: TimeAmount = .zero
    var rejection: (status: Int, retryAfter: TimeAmount?)?
    var isIgnored = false
}

/// What the behaviours in force make of a welcome.
struct WelcomePlan {
    var delay: TimeAmount = .zero
    var isWithheld = false
    var amendments: [JSONObject] = []
    var malformed: MalformedFrame?
    var closeInstead: (code: ServiceCloseCode, reason: String)?
    var closeAfter: (code: ServiceCloseCode, reason: String, delay: TimeAmount)?
}

/// What the behaviours in force make of a request.
struct RequestPlan {
    var delay: TimeAmount = .zero
    var isIgnored = false
    var rejection: (code: String, message: String)?
    var close: (code: ServiceCloseCode, reason: String)?
    var reply = ReplyPlan()
}

/// What the behaviours in force make of a reply.
struct ReplyPlan {
    var delay: TimeAmount = .zero
    var isWithheld = false
    var malformed: MalformedFrame?
    var snapshotDelay: TimeAmount = .zero
    var isSnapshotWithheld = false
    var snapshotAlterations: [SnapshotAlteration] = []
}

/// The behaviours in force, in the order in which they were added; all that fit take part.
struct BehaviourTable {
    private var entries: [(id: BehaviourID, behaviour: Behaviour)] = []
    private var added = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ behaviour: Behaviour) -> BehaviourID {
        added += 1
        let id = BehaviourID(number: added)
        entries.append((id, behaviour))
        return id
    }

    mutating func remove(_ id: BehaviourID) { entries.removeAll { $0.id == id } }

    mutating func removeAll() { entries = [] }

    mutating func planUpgrade(_ client: ServiceConnection) -> UpgradePlan {
        var plan = UpgradePlan()
        use(client) { effect in
            switch effect {
            case .delayUpgrade(let amount): plan.delay = plan.delay + amount
            case .rejectUpgrade(let status, let retryAfter): plan.rejection = (status, retryAfter)
            case .ignoreUpgrade: plan.isIgnored = true
            case .delayWelcome, .withholdWelcome, .amendWelcome, .malformedWelcome, .closeBeforeWelcome, .closeAfterWelcome,
                .delayRequests, .delayReplies, .ignoreRequests, .withholdReplies, .reject, .closeOnRequest, .malformedReplies,
                .delaySnapshot, .withholdSnapshot, .alterSnapshot, .stall, .ignoreClose:
                return false
            }
            return true
        }
        return plan
    }

    mutating func planWelcome(_ client: ServiceConnection) -> WelcomePlan {
        var plan = WelcomePlan()
        use(client) { effect in
            switch effect {
            case .delayWelcome(let amount): plan.delay = plan.delay + amount
            case .withholdWelcome: plan.isWithheld = true
            case .amendWelcome(let members): plan.amendments.append(members)
            case .malformedWelcome(let frame): plan.malformed = frame
            case .closeBeforeWelcome(let code, let reason): plan.closeInstead = (code, reason)
            case .closeAfterWelcome(let code, let reason, let delay): plan.closeAfter = (code, reason, delay)
            case .delayUpgrade, .rejectUpgrade, .ignoreUpgrade, .delayRequests, .delayReplies, .ignoreRequests, .withholdReplies,
                .reject, .closeOnRequest, .malformedReplies, .delaySnapshot, .withholdSnapshot, .alterSnapshot, .stall, .ignoreClose:
                return false
            }
            return true
        }
        return plan
    }

    mutating func plan(_ request: ClientRequest, from client: ServiceConnection) -> RequestPlan {
        var plan = RequestPlan()
        use(client) { effect in
            switch effect {
            case .delayRequests(let requests, let amount) where requests.selects(request): plan.delay = plan.delay + amount
            case .delayReplies(let requests, let amount) where requests.selects(request): plan.reply.delay = plan.reply.delay + amount
            case .ignoreRequests(let requests) where requests.selects(request): plan.isIgnored = true
            case .withholdReplies(let requests) where requests.selects(request): plan.reply.isWithheld = true
            case .reject(let requests, let code, let message) where requests.selects(request): plan.rejection = (code, message)
            case .closeOnRequest(let requests, let code, let reason) where requests.selects(request): plan.close = (code, reason)
            case .malformedReplies(let requests, let frame) where requests.selects(request): plan.reply.malformed = frame
            case .delaySnapshot(let amount) where request.kind == .subscribe: plan.reply.snapshotDelay = plan.reply.snapshotDelay + amount
            case .withholdSnapshot where request.kind == .subscribe: plan.reply.isSnapshotWithheld = true
            case .alterSnapshot(let alteration) where request.kind == .subscribe: plan.reply.snapshotAlterations.append(alteration)
            case .delayRequests, .delayReplies, .ignoreRequests, .withholdReplies, .reject, .closeOnRequest, .malformedReplies,
                .delaySnapshot, .withholdSnapshot, .alterSnapshot, .delayUpgrade, .rejectUpgrade, .ignoreUpgrade, .delayWelcome,
                .withholdWelcome,
                .amendWelcome, .malformedWelcome, .closeBeforeWelcome, .closeAfterWelcome, .stall, .ignoreClose:
                return false
            }
            return true
        }
        return plan
    }

    func stalls(_ client: ServiceConnection) -> Bool {
        entries.contains { entry in
            if case .stall = entry.behaviour.effect { return entry.behaviour.clients.selects(client) }
            return false
        }
    }

    mutating func ignoresClose(of client: ServiceConnection) -> Bool {
        var isIgnored = false
        use(client) { effect in
            guard case .ignoreClose = effect else { return false }
            isIgnored = true
            return true
        }
        return isIgnored
    }

    /// Offers the effects of the behaviours that select the client; each that is used counts down.
    private mutating func use(_ client: ServiceConnection, _ isUsed: (Behaviour.Effect) -> Bool) {
        guard !entries.isEmpty else { return }
        for place in entries.indices where entries[place].behaviour.clients.selects(client) {
            if let times = entries[place].behaviour.times, times <= 0 { continue }
            guard isUsed(entries[place].behaviour.effect), let times = entries[place].behaviour.times else { continue }
            entries[place].behaviour.times = times - 1
        }
        entries.removeAll { $0.behaviour.times.map { $0 <= 0 } ?? false }
    }
}
