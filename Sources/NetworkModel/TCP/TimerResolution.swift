import NIOCore

/// How exactly an operating system's kernel fires a TCP timer.
///
/// The timers of Linux fire late by design, and the lateness is what gives measured SYN gaps of 1.024, 2.016, 8.2 and 33.3 s in place of 1, 2, 8 and 32.
public enum TimerResolution: Hashable, Sendable {
    /// To the nanosecond.
    case exact
    /// Linux's timer wheel (`kernel/time/timer.c`): time counts in ticks of `1/CONFIG_HZ`; a timer further away than 63 ticks goes to a level whose
    /// granularity is 8 times coarser, and so on; each level rounds up to its next boundary, so that no timer fires early.
    case timerWheel(tick: TimeAmount)

    /// When a timer that is armed at `now` for `delay` fires.
    ///
    /// - Parameter bootOffset: how long before time 0 the kernel counted its first tick; it decides where the boundaries of the wheel lie.
    func expiry(armedAt now: NIODeadline, after delay: TimeAmount, bootOffset: TimeAmount) -> NIODeadline {
        switch self {
        case .exact:
            return now + delay
        case .timerWheel(let tick):
            let uptime = Int64(now.uptimeNanoseconds) + bootOffset.nanoseconds
            let ticks = roundedUp(delay).nanoseconds / tick.nanoseconds
            let wanted = uptime / tick.nanoseconds + ticks
            let shift = Self.granularityShift(ticks: ticks)
            let fires = ((wanted >> shift) + 1) << shift
            return .uptimeNanoseconds(UInt64(fires * tick.nanoseconds - bootOffset.nanoseconds))
        }
    }

    /// The duration in whole ticks, never shorter (`usecs_to_jiffies`), and at least one.
    func roundedUp(_ delay: TimeAmount) -> TimeAmount {
        switch self {
        case .exact:
            return delay
        case .timerWheel(let tick):
            let ticks = (delay.nanoseconds + tick.nanoseconds - 1) / tick.nanoseconds
            return .nanoseconds(max(ticks, 1) * tick.nanoseconds)
        }
    }

    /// Level n takes timers from 63 x 8^(n-1) ticks on, in units of 8^n ticks (`LVL_START`, `LVL_GRAN`).
    private static func granularityShift(ticks: Int64) -> Int64 {
        var shift: Int64 = 0
        var levelStart: Int64 = 63
        while ticks >= levelStart, shift < 24 {
            shift += 3
            levelStart <<= 3
        }
        return shift
    }
}
