import NIOCore

/// An instant of civil time. Unlike the event loop's time it may jump; arithmetic saturates, because `exp` comes from outside.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01 UTC.
    public var unixNanoseconds: Int64

    /// An instant, in nanoseconds since 1970-01-01 UTC.
    public init(unixNanoseconds: Int64) { self.unixNanoseconds = unixNanoseconds }

    /// An instant, in seconds since 1970-01-01 UTC (a NumericDate, RFC 7519 section 2).
    public init(unixSeconds: Int64) {
        let (product, overflow) = unixSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        unixNanoseconds = overflow ? (unixSeconds < 0 ? .min : .max) : product
    }

    /// Whole milliseconds since 1970-01-01 UTC, as the frames of the service carry it.
    public var unixMilliseconds: Int64 { unixNanoseconds / 1_000_000 }

    /// Whole seconds since 1970-01-01 UTC, as a token carries it.
    public var unixSeconds: Int64 { unixNanoseconds / 1_000_000_000 }

    /// The earlier of two instants is the smaller.
    public static func < (left: WallTime, right: WallTime) -> Bool { left.unixNanoseconds < right.unixNanoseconds }

    /// The instant this much later.
    public static func + (time: WallTime, amount: TimeAmount) -> WallTime {
        let (sum, overflow) = time.unixNanoseconds.addingReportingOverflow(amount.nanoseconds)
        return WallTime(unixNanoseconds: overflow ? (amount.nanoseconds < 0 ? .min : .max) : sum)
    }

    /// The instant this much earlier.
    public static func - (time: WallTime, amount: TimeAmount) -> WallTime {
        time + .nanoseconds(amount.nanoseconds == .min ? .max : -amount.nanoseconds)
    }

    /// The time from the right to the left instant.
    public static func - (left: WallTime, right: WallTime) -> TimeAmount {
        let (difference, overflow) = left.unixNanoseconds.subtractingReportingOverflow(right.unixNanoseconds)
        return .nanoseconds(overflow ? (left < right ? .min : .max) : difference)
    }
}
