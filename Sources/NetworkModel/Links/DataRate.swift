import NIOCore

/// How many bits a link carries per second.
public struct DataRate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bits per second, at least 1.
    public let bitsPerSecond: Int64

    /// A rate in bits per second; it must be positive: a link that carries nothing is a blackout, not a rate.
    public init(bitsPerSecond: Int64) {
        precondition(bitsPerSecond > 0, "a data rate is positive; use a blackout to stop a link")
        self.bitsPerSecond = bitsPerSecond
    }

    /// Thousands of bits per second.
    public static func kilobitsPerSecond(_ amount: Int64) -> DataRate { DataRate(bitsPerSecond: amount * 1_000) }

    /// Millions of bits per second.
    public static func megabitsPerSecond(_ amount: Int64) -> DataRate { DataRate(bitsPerSecond: amount * 1_000_000) }

    /// How long the link takes to send a packet of `bytes` bytes, rounded up to whole nanoseconds.
    public func transmissionTime(bytes: Int) -> TimeAmount {
        let bitNanoseconds = Int64(bytes).multipliedFullWidth(by: 8_000_000_000)
        let (quotient, remainder) = bitsPerSecond.dividingFullWidth(bitNanoseconds)
        return .nanoseconds(quotient + (remainder > 0 ? 1 : 0))
    }

    /// "750 kbit/s".
    public var description: String {
        if bitsPerSecond % 1_000_000 == 0 { return "\(bitsPerSecond / 1_000_000) Mbit/s" }
        if bitsPerSecond % 1_000 == 0 { return "\(bitsPerSecond / 1_000) kbit/s" }
        return "\(bitsPerSecond) bit/s"
    }

    /// By bits per second.
    public static func < (left: DataRate, right: DataRate) -> Bool { left.bitsPerSecond < right.bitsPerSecond }
}
