import NIOCore

/// The message rate of one connection as a token bucket (SRV-04): it holds `burst` tokens, starts full, each message takes one, and
/// `sustained` tokens a second drip in. A burst of 200 passes and the 201st message of it does not; 100 messages a second pass for ever;
/// at 110 a second the bucket is empty after 20 s.
///
/// Kept in time, not in fractions: the credit is the time that it would take to refill what is there, so the arithmetic is exact.
struct MessageRateLimiter {
    private let cost: Int64
    private let capacity: Int64
    private var credit: Int64
    private var updatedAt: NIODeadline

    init(_ rate: MessageRate, now: NIODeadline) {
        cost = 1_000_000_000 / Int64(max(1, min(rate.sustainedPerSecond, 1_000_000)))
        capacity = cost * Int64(max(1, min(rate.burst, 1_000_000)))
        credit = capacity
        updatedAt = now
    }

    /// Counts one message; false: over the rate, close with 4011.
    mutating func admits(at now: NIODeadline) -> Bool {
        // The elapsed time is capped before the sum, which then cannot overflow.
        credit = min(capacity, credit + min(capacity, (now - updatedAt).nanoseconds))
        updatedAt = now
        guard credit >= cost else { return false }
        credit -= cost
        return true
    }
}
