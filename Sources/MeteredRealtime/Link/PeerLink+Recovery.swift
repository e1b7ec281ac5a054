import NIOCore

/// The ICE-restart ladder (ICE-01...05, ICE-07) and what starts it.
extension PeerLink {
    /// Whether ``runRecovery()`` has something to do now.
    var isRecoveryDue: Bool {
        guard !isClosed else { return false }
        let now = now
        return [ladder.deadline, stuck.deadline].contains { $0.map { $0 <= now } ?? false }
    }

    func runRecovery() {
        if let deadline = stuck.deadline, deadline <= now {
            stuck.fired()
            startLadder(.stuck)
        }
        while let deadline = ladder.deadline, deadline <= now {
            perform(ladder.due(at: now, isSignallingReady: isSignallingReady))
            diagnoseNextRung()
        }
    }

    func startLadder(_ cause: LadderCause) {
        switch ladder.fail(at: now) {
        case .started: diagnose(.ladder(.started(cause)))
        case .resumed: diagnose(.ladder(.resumed(cause)))
        case .ignored: return
        }
        diagnoseNextRung()
    }

    func suspendLadder() {
        if let rung { diagnose(.ladder(.rungOutcome(rung: rung, .connected))) }
        rung = nil
        if ladder.connected(at: now) { diagnose(.ladder(.suspended)) }
    }

    func abandonLadder() {
        supersedeRung()
        if ladder.abandon() { diagnose(.ladder(.abandoned)) }
    }

    func perform(_ action: Ladder.Action) {
        switch action {
        case .none: break
        case .take(let number):
            supersedeRung()
            diagnose(.ladder(.rungStarted(rung: number)))
            rung = number
            negotiation.restart()
        case .skip(let number): diagnose(.ladder(.rungSkipped(rung: number)))
        case .postponeGiveUp: diagnose(.ladder(.giveUpPostponed))
        case .giveUp(let attempts):
            supersedeRung()
            diagnose(.ladder(.gaveUp(attempts: attempts)))
            fail(.recoveryGaveUp(attempts: attempts))
        case .reset: diagnose(.ladder(.reset))
        }
    }

    /// Reports what became of the rung that is under way, if one is.
    func rungOutcome(_ outcome: RungOutcome) {
        guard let rung else { return }
        diagnose(.ladder(.rungOutcome(rung: rung, outcome)))
    }

    private func supersedeRung() {
        rungOutcome(.superseded)
        rung = nil
    }

    private func diagnoseNextRung() {
        guard let next = ladder.nextRung else { return }
        diagnose(.ladder(.scheduled(rung: next.rung, after: max(.zero, next.due - now))))
    }
}
