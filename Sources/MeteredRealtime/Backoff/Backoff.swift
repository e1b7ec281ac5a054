import NIOCore

/// How long to wait before a reconnect attempt (SIG-01, 02, 06, 18): the exponential ladder with its cap, then floors, then jitter.
struct Backoff: Hashable, Sendable {
    /// The delay and how it came about.
    struct Delay: Hashable, Sendable {
        /// The ladder's value.
        var base: TimeAmount
        /// The floor that was in force, whether it was higher than the base or not.
        var floor: TimeAmount?
        /// What to wait.
        var delay: TimeAmount
    }

    private let initial: TimeAmount
    private let multiplier: Double
    private let maximum: TimeAmount
    private let jitterRatio: Double

    init(_ options: SignallingOptions) {
        initial = options.initialDelay
        multiplier = options.delayMultiplier
        maximum = options.maximumDelay
        jitterRatio = options.jitterRatio
    }

    /// The ladder's value for attempt n: `min(initial * multiplier^(n-1), maximum)`.
    func base(attempt: Int) -> TimeAmount {
        precondition(attempt >= 1, "reconnect attempts are counted from 1")
        let limit = Double(maximum.nanoseconds)
        var value = Double(initial.nanoseconds)
        var step = 1
        // The product is the same on every platform, which `pow` is not. It leaves early at the cap; with a multiplier of 1 it does not grow.
        while step < attempt, value < limit, multiplier > 1 {
            value *= multiplier
            step += 1
        }
        return .nanoseconds(Int64(min(value, limit)))
    }

    /// - Parameters:
    ///   - attempt: SIG-01's n, from 1.
    ///   - floors: What earlier events ask for.
    ///   - unit: A number drawn uniformly from [0, 1).
    func delay(attempt: Int, floors: DelayFloors, unit: Double) -> Delay {
        let base = base(attempt: attempt)
        let before = max(base, floors.slow ?? base, floors.goingAway ?? base)
        // A server that asked to be left alone for a time is not called earlier: upward jitter only (SIG-18).
        let factor = floors.goingAway == nil ? 1 - jitterRatio + 2 * jitterRatio * unit : 1 + jitterRatio * unit
        let jittered = TimeAmount.nanoseconds(Int64((Double(before.nanoseconds) * factor).rounded()))
        return Delay(base: base, floor: floors.highest, delay: jittered)
    }
}

/// The floors under the next delay (SIG-06, SIG-18). Both hold for one delay and die with their session.
struct DelayFloors: Hashable, Sendable {
    /// After a close with 4010.
    var slow: TimeAmount?
    /// What `going_away` asked for.
    var goingAway: TimeAmount?

    /// The higher of the two.
    var highest: TimeAmount? {
        switch (slow, goingAway) {
        case (nil, nil): nil
        case (let floor?, nil), (nil, let floor?): floor
        case (let first?, let second?): max(first, second)
        }
    }

    /// Returns the floors and forgets them: they hold for that one delay.
    mutating func take() -> DelayFloors {
        defer { self = DelayFloors() }
        return self
    }
}
