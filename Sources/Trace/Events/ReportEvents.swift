import CompactJSON

// How a producer makes the events that a client reports to its application.

extension TraceEvent {
    /// The application was told of a connection.
    public static func connected(at timeNs: Int64, who: String, peerID: String, reconnect: Bool) -> Self {
        make(.connected, timeNs, who) {
            $0.add(.peerID, peerID)
            $0.add(.reconnect, reconnect)
        }
    }

    /// The application was told of a disconnect.
    public static func disconnected(at timeNs: Int64, who: String, code: Int, reason: String, willReconnect: Bool) -> Self {
        make(.disconnected, timeNs, who) {
            $0.add(.code, code)
            $0.add(.reason, reason)
            $0.add(.willReconnect, willReconnect)
        }
    }

    /// The application was told who is, joined or left on a channel.
    public static func presence(at timeNs: Int64, who: String, channel: String, joined: [String], left: [String]) -> Self {
        make(.presence, timeNs, who) {
            $0.add(.channel, channel)
            $0.add(.joined, joined)
            $0.add(.left, left)
        }
    }

    /// The application got a broadcast.
    public static func message(at timeNs: Int64, who: String, channel: String, from: String) -> Self {
        make(.message, timeNs, who) {
            $0.add(.channel, channel)
            $0.add(.from, from)
        }
    }

    /// The application got a direct message.
    public static func direct(at timeNs: Int64, who: String, from: String) -> Self {
        make(.direct, timeNs, who) { $0.add(.from, from) }
    }

    /// The application was told of an error of the server that belongs to no request.
    public static func serverError(at timeNs: Int64, who: String, code: String) -> Self {
        make(.serverError, timeNs, who) { $0.add(.serverCode, code) }
    }

    /// The application was told that the server is going away; the time is the clamped one.
    public static func goingAway(at timeNs: Int64, who: String, retryAfterNs: Int64) -> Self {
        make(.goingAway, timeNs, who) { $0.add(.retryAfter, retryAfterNs) }
    }

    /// The application was told that tokens cannot be had, or are not accepted, `count` times in a row.
    public static func tokenProviderError(at timeNs: Int64, who: String, count: Int) -> Self {
        make(.tokenProviderError, timeNs, who) { $0.add(.count, count) }
    }

    /// The application was told that a tracked subscription could not be restored.
    public static func replayFailed(at timeNs: Int64, who: String, channel: String, error: String) -> Self {
        make(.replayFailed, timeNs, who) {
            $0.add(.channel, channel)
            $0.add(.error, error)
        }
    }

    /// The application was told that the server answered the upgrade with an HTTP status.
    public static func upgradeRejected(at timeNs: Int64, who: String, status: Int) -> Self {
        make(.upgradeRejected, timeNs, who) { $0.add(.status, status) }
    }

    /// What the application did that its user can notice.
    public enum AppNotice: Sendable {
        case shows(String), hides(String), prompts(String), note(String)
    }

    /// The application did something that its user can notice.
    public static func app(at timeNs: Int64, who: String, _ notice: AppNotice) -> Self {
        make(.app, timeNs, who) {
            switch notice {
            case .shows(let text): $0.add(.shows, text)
            case .hides(let text): $0.add(.hides, text)
            case .prompts(let text): $0.add(.prompts, text)
            case .note(let text): $0.add(.note, text)
            }
        }
    }
}
