import NIOCore

/// One request that waits for its response: when to send it again, and when it has failed.
public struct STUNTransaction: Hashable, Sendable {
    /// What the owner does about the time.
    public enum Action: Hashable, Sendable {
        /// Sends the request (again).
        case send
        /// Nothing yet.
        case wait
        /// The transaction is over without an answer.
        case fail
    }

    /// The request's identifier.
    public let id: STUNTransactionID
    /// How often the request has been sent.
    public private(set) var sends = 1
    /// When `timerFired` wants to be called.
    public private(set) var deadline: NIODeadline
    /// When the request was sent first.
    public let started: NIODeadline
    private let schedule: RetransmissionSchedule

    /// A transaction whose request is sent now for the first time.
    public init(_ id: STUNTransactionID, schedule: RetransmissionSchedule, now: NIODeadline) {
        self.id = id
        self.schedule = schedule
        started = now
        deadline = now + schedule.wait(afterSend: 1)
    }

    /// The time has come to `now`.
    public mutating func timerFired(now: NIODeadline) -> Action {
        guard now >= deadline else { return .wait }
        guard sends < schedule.sends else { return .fail }
        sends += 1
        deadline = now + schedule.wait(afterSend: sends)
        return .send
    }
}
