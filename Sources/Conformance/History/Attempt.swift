import Trace

/// One connection attempt, from the end of the wait before it to the end of its socket. Filled once, while the trace is read; a class, because every
/// checker looks at every attempt and copying this much costs more than looking.
final class Attempt {
    struct TokenCall {
        var call: Mark
        var answer: Mark?
        var error: String?
    }

    struct Backoff {
        var mark: Mark
        var attempt: Int?
        var base: Nanoseconds
        var delay: Nanoseconds
    }

    struct Frame {
        var mark: Mark
        var type: String
        var requestID: String?
        var channel: String?
        var to: String?
        var serverCode: String?
        var bytes: Int
        var dataBytes: Int?
        /// What a `going_away` said; NaN for what is no number, nil if the trace does not tell.
        var retryAfterMilliseconds: Double?
    }

    struct Close {
        var mark: Mark
        var code: Int
        var reason: String
        var willReconnect = false
    }

    struct Connected {
        var mark: Mark
        var isReconnect: Bool
    }

    /// How an attempt ends.
    enum Ending {
        case tokenFailed(String)
        case dialFailed(error: String, status: Int?)
        case closed(code: Int, opened: Bool)
    }

    /// 0: first connect, else the reconnect attempt.
    var n: Int
    var start: Mark
    var tokenCalls: [TokenCall] = []
    var dial: Mark?
    var dialsPlainlyTo: String?
    var open: Mark?
    var welcome: Mark?
    var peerID: String?
    var maximumMessageBytes: Int?
    /// Well-formed frames, in order.
    var received: [Frame] = []
    var sent: [Frame] = []
    /// Every inbound text frame, malformed ones included.
    var texts: [Mark] = []
    var dropped: [Mark] = []
    var closeSent: Close?
    var closeReceived: Close?
    var closeAbandoned: Mark?
    var watchdog: Mark?
    var ending: Ending?
    var end: Mark?

    /// Whether a connection of this session was welcomed before this attempt began.
    var followsWelcome = false

    // What was reported from its start to the start of the next.
    var connecteds: [Connected] = []
    var disconnects: [Close] = []
    var goingAways: [(mark: Mark, retryAfter: Nanoseconds)] = []
    var tokenErrors: [(mark: Mark, count: Int)] = []
    var rejections: [(mark: Mark, status: Int)] = []
    var replayFailures: [(mark: Mark, channel: String)] = []
    /// The waits announced after its end.
    var backoffs: [Backoff] = []

    init(n: Int, start: Mark) {
        self.n = n
        self.start = start
    }

    /// Whether the socket had opened.
    var opened: Bool {
        if case .closed(_, opened: true) = ending { return true }
        return open != nil
    }

    /// The code with which the socket ended, if it had opened.
    var closeCode: Int? {
        guard case .closed(let code, opened: true) = ending else { return nil }
        return code
    }

    var tokenFailed: Bool {
        if case .tokenFailed = ending { return true }
        return false
    }

    /// The HTTP status, if the upgrade was rejected.
    var rejectedStatus: Int? {
        guard case .dialFailed(_, let status) = ending else { return nil }
        return status
    }

    /// The time that the server asked for on this socket; a welcome clears what came before it.
    var retryAfter: Nanoseconds? {
        guard let last = goingAways.last, let end, last.mark.index <= end.index else { return nil }
        if let welcome, welcome.index > last.mark.index { return nil }
        return last.retryAfter
    }

    /// Whether the client itself began to close before `index`.
    func isClosing(before index: Int) -> Bool {
        (closeSent.map { $0.mark.index < index } ?? false) || (watchdog.map { $0.index < index } ?? false)
    }
}
