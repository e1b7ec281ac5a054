import Trace

/// From one `connect()` to the `closed` that follows: the attempts and how it was ended.
struct Session {
    /// Places in ``ClientHistory/attempts``.
    var attempts: Range<Int>
    /// Whether the trace shows its beginning; a device's log may begin in the middle.
    var isWhole: Bool
    var closeCalled: Mark?
    var closedDone: Mark?
    /// The state became `closed`.
    var closed: Mark?

    /// Whether the application had asked for the end by `mark`.
    func isApplicationClosing(at mark: Mark) -> Bool {
        closeCalled.map { $0.index < mark.index } ?? false
    }
}

/// A request from its begin to its end.
struct RequestHistory {
    var id: String
    var kind: String
    var channel: String?
    var start: Mark
    var sent: Mark?
    var done: Mark?
    var outcome: String?
    var serverCode: String?
    /// How often it ended.
    var endings = 0
    /// The attempt during which it was sent, or begun if it never was.
    var attempt: Int?
}

/// What one client did, as the trace has it.
struct ClientHistory {
    struct StateChange {
        var mark: Mark
        var from: String
        var to: String
    }

    struct PathChange {
        var mark: Mark
        var oldPathGone: Bool
    }

    let who: String
    var spec = SignallingSpec()
    var host: String?
    var clock = HostClock()
    var attempts: [Attempt] = []
    var sessions: [Session] = []
    var requests: [RequestHistory] = []
    var states: [StateChange] = []
    var pathChanges: [PathChange] = []
    /// Every report to the application.
    var reports: [(mark: Mark, kind: TraceKind)] = []
    /// Events after the state became `closed` and before the next session.
    var afterClosed: [(mark: Mark, kind: TraceKind)] = []
    /// An attempt that began while a socket was still there, or a socket that nobody had dialled.
    var overlaps: [(mark: Mark, message: String)] = []
    /// Whether the trace has this client's frames and requests at all.
    var reportsFrames = false
    var reportsReplays = false
    /// Acks that were ignored because they came too late.
    var lateAcks = 0
    var first = Mark(index: 0, at: .zero)

    init(who: String) { self.who = who }
}

extension ClientHistory {
    /// The waits between attempts: places in ``attempts`` of the one before and the one after.
    func gaps(in session: Session) -> [(before: Int, after: Int)] {
        session.attempts.dropFirst().map { ($0 - 1, $0) }
    }
}
