import Trace

/// An instant of a trace or a length of time. Arithmetic saturates: a trace is untrusted input and must not be able to trap.
public struct Nanoseconds: Hashable, Comparable, Sendable {
    /// The value.
    public var value: Int64

    /// That many nanoseconds.
    public init(_ value: Int64) { self.value = value }

    /// Rounded to the nearest and clamped to what fits; NaN reads as 0.
    init(clamping value: Double) {
        self.value = value.isNaN ? 0 : Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
    }

    /// Nothing.
    public static let zero = Nanoseconds(0)
    /// The end of all time.
    public static let never = Nanoseconds(.max)

    /// That many milliseconds.
    public static func milliseconds(_ value: Int64) -> Nanoseconds { Nanoseconds(value) * Int64(1_000_000) }
    /// That many seconds.
    public static func seconds(_ value: Int64) -> Nanoseconds { Nanoseconds(value) * Int64(1_000_000_000) }

    /// Earlier or shorter.
    public static func < (left: Nanoseconds, right: Nanoseconds) -> Bool { left.value < right.value }

    /// The sum, saturated.
    public static func + (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        let (sum, overflow) = left.value.addingReportingOverflow(right.value)
        return Nanoseconds(overflow ? (right.value < 0 ? .min : .max) : sum)
    }

    /// The difference, saturated.
    public static func - (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        let (difference, overflow) = left.value.subtractingReportingOverflow(right.value)
        return Nanoseconds(overflow ? (right.value < 0 ? .max : .min) : difference)
    }

    static func * (left: Nanoseconds, right: Int64) -> Nanoseconds {
        let (product, overflow) = left.value.multipliedReportingOverflow(by: right)
        return Nanoseconds(overflow ? ((left.value < 0) == (right < 0) ? .max : .min) : product)
    }

    static func * (left: Nanoseconds, right: Double) -> Nanoseconds { Nanoseconds(clamping: Double(left.value) * right) }

    /// Seconds with three decimals.
    var text: String { SecondsText.text(ns: value) }
}
