import Trace

/// When a timer may fire. Both ends are the same unless the host slept and the trace does not say what its clock did meanwhile.
struct TimerWindow: Hashable, Sendable {
    var earliest: Nanoseconds
    var latest: Nanoseconds

    /// The window of either of two timers.
    func union(_ other: TimerWindow) -> TimerWindow {
        TimerWindow(earliest: min(earliest, other.earliest), latest: max(latest, other.latest))
    }
}

/// The clock by which a client's timers run: the world's, but for the times in which its host slept or suspended it.
struct HostClock: Sendable {
    struct Suspension: Sendable {
        var from: Nanoseconds
        var to: Nanoseconds
        var clock: TraceEvent.ClockDuringSleep?
    }

    /// In order of time, not overlapping.
    private(set) var suspensions: [Suspension] = []
    /// A host may sleep while its applications are suspended; it runs again when both are over.
    private var depth = 0

    mutating func suspend(at time: Nanoseconds, clock: TraceEvent.ClockDuringSleep?) {
        depth += 1
        guard depth == 1 else { return }
        suspensions.append(Suspension(from: time, to: .never, clock: clock))
    }

    mutating func resume(at time: Nanoseconds) {
        guard depth > 0, let last = suspensions.indices.last else { return }
        depth -= 1
        guard depth == 0 else { return }
        suspensions[last].to = time
    }

    /// When a timer set at `start` for `delay` fires.
    func window(from start: Nanoseconds, after delay: Nanoseconds) -> TimerWindow {
        let due = start + delay
        guard suspensions.contains(where: { $0.to > start && $0.from <= due }) else { return TimerWindow(earliest: due, latest: due) }
        return TimerWindow(earliest: fire(start, delay, unknown: .continues), latest: fire(start, delay, unknown: .stops))
    }

    private func fire(_ start: Nanoseconds, _ delay: Nanoseconds, unknown: TraceEvent.ClockDuringSleep) -> Nanoseconds {
        var due = start + delay
        for suspension in suspensions where suspension.to > start && suspension.from <= due {
            switch suspension.clock ?? unknown {
            case .stops: due = suspension.to == .never ? .never : due + (suspension.to - max(start, suspension.from))
            case .continues: due = max(due, suspension.to)
            }
        }
        return due
    }

    /// Whether the host was suspended at any time in between.
    func wasSuspended(from start: Nanoseconds, to end: Nanoseconds) -> Bool {
        suspensions.contains { $0.to > start && $0.from < end }
    }
}
