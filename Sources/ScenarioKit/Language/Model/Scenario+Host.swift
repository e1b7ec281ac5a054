import NIOCore

extension Scenario {
    /// A device.
    public struct Host: Hashable, Sendable {
        /// Its name; a member of a group is called `name-001` and so on.
        public var name: String
        /// The name of the group it was written as, if it was written with `count`.
        public var group: String?
        /// Its interfaces in the operating system's order of preference.
        public var interfaces: [Interface]
        /// How its TCP retransmits.
        public var tcp: TCPProfile
        /// What its monotonic clock does while the device sleeps.
        public var clock: SleepClock
        /// Whether the application hands the operating system's path events to the SDK (SIG-19).
        public var pathEvents: Bool
        /// How far its wall clock is ahead of the true time at the start; negative is behind.
        public var wallClockOffset: TimeAmount
        /// Its stub resolver; nil for its system's own.
        public var resolver: Resolver?
    }

    /// A network interface of a host.
    public struct Interface: Hashable, Sendable {
        /// Its name: `wifi`, `lte`, `eth`, ...
        public var name: String
        /// The network it is attached to; nil for an interface that is off for good.
        public var network: String?
        /// Whether it is up at the start.
        public var isUp: Bool
    }

    /// Timing profiles of TCP implementations.
    public enum TCPProfile: String, CaseIterable, Sendable {
        /// Linux 6.5 and later: SYN again after 1 s five times, then doubling.
        case linux = "linux"
        /// Linux before 6.5: SYN again after 1, 2, 4, ... s.
        case linuxBefore6_5 = "linux-before-6.5"
        /// Darwin (macOS, iOS).
        case darwin = "darwin"
    }

    /// What the clock of timers does while a device sleeps.
    public enum SleepClock: String, CaseIterable, Sendable {
        /// Timers keep their remaining time (`mach_absolute_time`, `CLOCK_MONOTONIC`).
        case stopsInSleep = "stops-in-sleep"
        /// Overdue timers fire on wake (`mach_continuous_time`, `CLOCK_BOOTTIME`).
        case runsInSleep = "runs-in-sleep"
    }

    /// A stub resolver.
    public struct Resolver: Hashable, Sendable {
        /// How long it waits for one answer.
        public var timeout: TimeAmount
        /// How often it asks in all, 1 or more.
        public var attempts: Int
        /// How long an answer is kept.
        public var cacheLifetime: TimeAmount
    }
}

extension Scenario {
    /// The machines whose packets can be captured, in the order of the file, servers last.
    public var capturableHosts: [String] { hosts.map(\.name) + ["service", "token-endpoint"] }
}
