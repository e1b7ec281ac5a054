/// How many reconnect attempts may still be made (SIG-03, SIG-04).
///
/// The count is reset only by a connection that held, never by a socket that merely opened.
struct AttemptBudget: Hashable, Sendable {
    private let maximum: Int
    /// The attempts since the last connection that held: SIG-01's n of the newest attempt.
    private(set) var used = 0

    init(maximum: Int) { self.maximum = maximum }

    /// Takes the next attempt from the budget. Returns its number, from 1, or nil if the budget is spent.
    mutating func takeAttempt() -> Int? {
        guard used < maximum else { return nil }
        used += 1
        return used
    }

    /// A welcomed connection held for as long as the options ask, or a new session began.
    mutating func reset() { used = 0 }
}
