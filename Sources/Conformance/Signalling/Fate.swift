/// What must follow the end of an attempt.
enum Fate: Hashable {
    enum Final: Hashable {
        case firstConnectFailed, terminal(code: Int), reconnectIsOff, rejected(status: Int), exhausted
    }

    /// Another attempt, after a wait.
    case reconnect
    /// The client closes at once.
    case close(Final)
    /// The application had asked for the end, or it cannot be told.
    case open

    init(of attempt: Attempt, _ client: ClientHistory, _ session: Session, _ evidence: Evidence) {
        guard let end = attempt.end, !session.isApplicationClosing(at: end) else {
            self = .open
            return
        }
        if attempt.n == 0, !attempt.followsWelcome, attempt.welcome == nil {
            self = .close(.firstConnectFailed)
        } else if let code = attempt.closeCode, CloseCodes.reaction(to: code) == .stop {
            self = .close(.terminal(code: code))
        } else if !client.spec.autoReconnect {
            self = .close(.reconnectIsOff)
        } else if let status = attempt.rejectedStatus, Self.isRefusal(status), client.spec.credential == .key,
            client.spec.reportsUpgradeRejections
        {
            self = .close(.rejected(status: status))
        } else {
            self = Self.byBudget(attempt, client, evidence)
        }
    }

    /// HTTP statuses that refuse the credential (BEY-07).
    static func isRefusal(_ status: Int) -> Bool { status == 401 || status == 403 }

    private static func byBudget(_ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence) -> Fate {
        guard attempt.n >= client.spec.maximumAttempts else { return .reconnect }
        switch AttemptCounter.held(attempt, client, evidence) {
        case true: return client.spec.maximumAttempts == 0 ? .close(.exhausted) : .reconnect
        case false: return .close(.exhausted)
        case nil: return .open
        }
    }
}

extension Fate.Final {
    /// The rule that demands it.
    var rule: RuleID {
        switch self {
        case .firstConnectFailed: return .sig(14)
        case .terminal: return .sig(5)
        case .reconnectIsOff: return .sig(15)
        case .rejected: return .bey(7)
        case .exhausted: return .sig(3)
        }
    }

    /// Why the client must close.
    func text(_ spec: SignallingSpec) -> String {
        switch self {
        case .firstConnectFailed: return "the first connect failed, and it does not retry"
        case .terminal(let code): return "\(CloseCodes.text(code)) is terminal"
        case .reconnectIsOff: return "reconnecting is off, so every drop is final"
        case .rejected(let status): return "HTTP \(status) is terminal with a fixed key"
        case .exhausted: return "the budget of \(spec.maximumAttempts) attempts was spent"
        }
    }
}
