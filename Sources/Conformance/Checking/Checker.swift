import Trace

/// Looks at a run for some rules. It reads the trace alone: what the client meant to do is not evidence.
protocol Checker: Sendable {
    /// The name by which a scenario asks for it.
    static var name: String { get }
    /// The rules it can find violated.
    static var rules: [RuleID] { get }
    /// Adds what it finds. Linear in the length of the trace.
    func check(_ evidence: Evidence, _ report: inout CheckReport)
}

/// A trace, read once for all checkers.
struct Evidence {
    let log: TraceLog
    let context: CheckContext
    let tolerance: CheckContext.Tolerance
    let clients: [ClientHistory]
    let peers: [PeerHistory]
    /// Applications on a signalling client alone.
    let apps: [PeerHistory]
    let service: ServiceHistory
    /// The last event of the trace: what was due after it cannot be judged.
    let end: Mark

    init(_ log: TraceLog, context: CheckContext) {
        var builder = HistoryBuilder()
        builder.read(log)
        self.log = log
        self.context = context
        tolerance = context.tolerance ?? .of(log.header)
        (clients, peers, apps, service) = builder.finish()
        end = Mark(index: max(0, log.events.count - 1), at: Nanoseconds(log.events.last?.timeNs ?? 0))
    }

    /// Whether something that was due in `window` happened too late, or is still missing although its time is over.
    func isLate(_ mark: Mark?, for window: TimerWindow) -> Bool {
        (mark ?? end).at > window.latest + tolerance.late
    }

    func isEarly(_ mark: Mark, for window: TimerWindow) -> Bool {
        mark.at < window.earliest - tolerance.early
    }

    /// Whether two instants are the same.
    func isSame(_ first: Nanoseconds, _ second: Nanoseconds) -> Bool {
        second >= first - tolerance.early && second <= first + tolerance.late
    }

    /// Whether two events are of one step of one peer, whichever comes first: no timer lies between, only the log's rounding.
    func isTogether(_ first: Nanoseconds, _ second: Nanoseconds) -> Bool {
        max(first, second) - min(first, second) <= tolerance.early
    }

    /// Whether an instant lies behind `time` for good.
    func isOver(_ instant: Nanoseconds, at time: Nanoseconds) -> Bool { time > instant + tolerance.late }
}
