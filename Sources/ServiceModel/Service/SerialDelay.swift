import NIOCore

/// Keeps the order of things that are delayed by different amounts: none happens before one that came earlier.
struct SerialDelay {
    private var latest: NIODeadline = .uptimeNanoseconds(0)
    private(set) var waiting = 0

    /// When the next thing is due; nil: at once. Each instant that it hands out must be followed by one ``happened()``.
    mutating func due(at now: NIODeadline, after delay: TimeAmount) -> NIODeadline? {
        guard delay > .zero || waiting > 0 else { return nil }
        latest = max(latest, now + delay)
        waiting += 1
        return latest
    }

    mutating func happened() {
        precondition(waiting > 0, "nothing was waiting")
        waiting -= 1
    }
}
