import NIOCore

/// A rate limit with a burst (SIG-20), as the generic cell rate algorithm (ITU-T I.371): one deadline instead of a counter, integers only.
struct TokenBucket: Hashable, Sendable {
    private let interval: TimeAmount
    private let tolerance: TimeAmount
    /// When a frame would be due if frames were spaced evenly.
    private var theoretical: NIODeadline

    /// A full bucket.
    init(_ pacing: SignallingOptions.Pacing, at now: NIODeadline) {
        // Rounded up: the sustained rate is never exceeded.
        interval = .nanoseconds((1_000_000_000 + Int64(pacing.framesPerSecond) - 1) / Int64(pacing.framesPerSecond))
        tolerance = .nanoseconds(interval.nanoseconds * Int64(pacing.burst - 1))
        theoretical = now
    }

    /// The earliest moment at which a frame may go out.
    var nextSend: NIODeadline { theoretical - tolerance }

    /// Takes a token if there is one.
    mutating func take(at now: NIODeadline) -> Bool {
        guard nextSend <= now else { return false }
        theoretical = max(theoretical, now) + interval
        return true
    }
}
