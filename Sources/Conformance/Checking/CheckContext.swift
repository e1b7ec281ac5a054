import Trace

/// What a checker must know that the trace does not tell.
public struct CheckContext: Hashable, Sendable {
    /// How far a timer may be off before it is a finding.
    public struct Tolerance: Hashable, Sendable, CustomStringConvertible {
        /// Too early by this much is still on time.
        public var early: Nanoseconds
        /// Too late by this much is still on time.
        public var late: Nanoseconds

        /// A tolerance.
        public init(early: Nanoseconds, late: Nanoseconds) {
            self.early = early
            self.late = late
        }

        /// What a report says of it.
        public var description: String { "timers may be \(early.text) s early and \(late.text) s late" }

        /// A simulation: 1 ms (ICE-02's figure; time is exact there, only rounding is allowed for).
        public static let simulation = Tolerance(early: .milliseconds(1), late: .milliseconds(1))
        /// A real device: timers are late when the machine is busy, and log lines carry milliseconds. Ours.
        public static let device = Tolerance(early: .milliseconds(5), late: .milliseconds(250))

        /// What a trace is allowed by where it comes from.
        public static func of(_ header: TraceHeader) -> Tolerance { header.source == nil ? .simulation : .device }
    }

    /// How far a timer may be off; nil: as the trace's header says, ``Tolerance/simulation`` or ``Tolerance/device``.
    public var tolerance: Tolerance?
    /// Strings that must not appear in any field: the run's keys, tokens and passwords (SIG-17).
    public var secrets: [String] = []
    /// What was left behind when the run ended (timers, channels, tasks ...), by name; only those that are not 0 matter (INV-04).
    public var leaks: [(name: String, count: Int)] = []
    /// How long nothing may have happened to the world before a client and the service must agree (INV-03). Default: watchdog, one longest
    /// wait and the timeouts of one attempt, 116 s.
    public var quiet = Nanoseconds.seconds(116)

    /// A simulation without secrets.
    public init() {}

    /// Equal when all is equal.
    public static func == (left: CheckContext, right: CheckContext) -> Bool {
        left.tolerance == right.tolerance && left.secrets == right.secrets && left.quiet == right.quiet
            && left.leaks.elementsEqual(right.leaks) { $0 == $1 }
    }

    /// Feeds all of it.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tolerance)
        hasher.combine(secrets)
        hasher.combine(quiet)
        for leak in leaks {
            hasher.combine(leak.name)
            hasher.combine(leak.count)
        }
    }
}
