import NIOCore

/// The ICE-restart ladder (ICE-01...05, ICE-07): when a failed link is restarted, and when it is given up.
///
/// Rungs count from 1. Whoever performs calls ``due(at:isSignallingReady:)`` when ``deadline`` has come, until it is in the future.
struct Ladder: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// Nothing is wrong.
        case idle
        /// A rung comes at a moment.
        case running(next: Int, due: NIODeadline)
        /// All rungs are taken.
        case lastChance(until: NIODeadline)
        /// The time to give up came while signalling was not ready.
        case giveUpPostponed
        /// The link connected, and has held since `heldFrom` if it holds.
        case suspended(next: Int, heldFrom: NIODeadline?)
        /// It gave up: nothing more until the link has recovered.
        case gaveUp(heldFrom: NIODeadline?)
    }

    /// What a failure led to.
    enum Start: Hashable, Sendable {
        /// The ladder begins: t0.
        case started
        /// It goes on after a connection that did not hold.
        case resumed
        /// It runs, or has given up.
        case ignored
    }

    /// What is to be done now.
    enum Action: Hashable, Sendable {
        /// Nothing yet.
        case none
        /// Restart ICE.
        case take(rung: Int)
        /// The rung's turn is over (ICE-07).
        case skip(rung: Int)
        /// Report that recovery gave up.
        case giveUp(attempts: Int)
        /// The report waits for ``signallingReady()``.
        case postponeGiveUp
        /// The link has held.
        case reset
    }

    private let delays: [TimeAmount]
    private let stableAfter: TimeAmount
    private let giveUpAfter: TimeAmount
    private var state = State.idle

    init(_ options: PeerOptions) {
        delays = options.ladderDelays
        stableAfter = options.ladderStableAfter
        giveUpAfter = options.giveUpAfter
    }

    /// When ``due(at:isSignallingReady:)`` has something to do, or nil for never.
    var deadline: NIODeadline? {
        switch state {
        case .idle, .giveUpPostponed: nil
        case .running(_, let due): due
        case .lastChance(let until): until
        case .suspended(_, let heldFrom), .gaveUp(let heldFrom): heldFrom.map { $0 + stableAfter }
        }
    }

    /// The rung that is scheduled, or nil.
    var nextRung: (rung: Int, due: NIODeadline)? {
        guard case .running(let next, let due) = state else { return nil }
        return (next, due)
    }

    /// Whether it runs or has given up: offers are not repeated for their own sake (ICE-02, BEY-16).
    var isActive: Bool {
        switch state {
        case .idle, .suspended: false
        case .running, .lastChance, .giveUpPostponed, .gaveUp: true
        }
    }

    /// The link failed, is stuck, or an offer stayed unanswered.
    mutating func fail(at now: NIODeadline) -> Start {
        switch state {
        case .idle:
            schedule(1, after: now)
            return .started
        case .suspended(let next, _):
            schedule(next, after: now)
            return .resumed
        case .gaveUp:
            state = .gaveUp(heldFrom: nil)
            return .ignored
        case .running, .lastChance, .giveUpPostponed: return .ignored
        }
    }

    /// The link is connected. Returns whether that suspends the ladder.
    mutating func connected(at now: NIODeadline) -> Bool {
        switch state {
        case .idle: return false
        case .running(let next, _): state = .suspended(next: next, heldFrom: now)
        case .lastChance, .giveUpPostponed: state = .suspended(next: delays.count + 1, heldFrom: now)
        case .suspended(let next, let heldFrom):
            state = .suspended(next: next, heldFrom: heldFrom ?? now)
            return false
        case .gaveUp(let heldFrom):
            state = .gaveUp(heldFrom: heldFrom ?? now)
            return false
        }
        return true
    }

    /// The link is not connected any more, which is not a failure yet: it has not held.
    mutating func disconnected() {
        switch state {
        case .idle, .running, .lastChance, .giveUpPostponed: break
        case .suspended(let next, _): state = .suspended(next: next, heldFrom: nil)
        case .gaveUp: state = .gaveUp(heldFrom: nil)
        }
    }

    /// The deadline has come.
    mutating func due(at now: NIODeadline, isSignallingReady: Bool) -> Action {
        guard let deadline, deadline <= now else { return .none }
        switch state {
        case .idle, .giveUpPostponed: preconditionFailure("a state without a deadline is due")
        case .running(let rung, _):
            schedule(rung + 1, after: now)
            return isSignallingReady ? .take(rung: rung) : .skip(rung: rung)
        case .lastChance: return isSignallingReady ? giveUp() : postpone()
        case .suspended, .gaveUp:
            state = .idle
            return .reset
        }
    }

    /// Signalling is back, and the link was kept. Returns the give-up that waited for it.
    mutating func signallingReady() -> Action {
        guard state == .giveUpPostponed else { return .none }
        return giveUp()
    }

    /// The ladder is over, whatever it was about. Returns whether there was one.
    mutating func abandon() -> Bool {
        defer { state = .idle }
        return state != .idle
    }

    /// Beyond the last rung there is only the time until it gives up (ICE-05).
    private mutating func schedule(_ rung: Int, after now: NIODeadline) {
        state = rung <= delays.count ? .running(next: rung, due: now + delays[rung - 1]) : .lastChance(until: now + giveUpAfter)
    }

    private mutating func giveUp() -> Action {
        state = .gaveUp(heldFrom: nil)
        return .giveUp(attempts: delays.count)
    }

    private mutating func postpone() -> Action {
        state = .giveUpPostponed
        return .postponeGiveUp
    }
}
