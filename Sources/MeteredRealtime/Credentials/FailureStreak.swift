/// Counts failures in a row and says from which one on they are worth a report: the token provider's (SIG-08), and refused tokens (BEY-07).
struct FailureStreak: Hashable, Sendable {
    private let threshold: Int
    private(set) var count = 0

    init(threshold: Int) {
        precondition(threshold >= 1, "a streak of no failures cannot be reported")
        self.threshold = threshold
    }

    /// A failure. Returns the number in a row if it is to be reported: the threshold's and each one after it.
    mutating func failed() -> Int? {
        count += 1
        return count >= threshold ? count : nil
    }

    /// A success, or a new session.
    mutating func reset() { count = 0 }
}
