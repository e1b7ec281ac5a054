import CompactJSON

// How a producer makes the events of a client: attempts, sockets and their ends. The meaning of each field: `TraceVocabulary`.

extension TraceEvent {
    /// The client's state changed.
    public static func state(at timeNs: Int64, who: String, from: String, to: String) -> Self {
        make(.state, timeNs, who) {
            $0.add(.from, from)
            $0.add(.to, to)
        }
    }

    /// A connection attempt begins: the wait before it is over, the token provider has not been called yet.
    public static func attempt(at timeNs: Int64, who: String, n: Int, ordinal: Int) -> Self {
        make(.attempt, timeNs, who) {
            $0.add(.attemptNumber, n)
            $0.add(.ordinal, ordinal)
        }
    }

    /// Where a call of the token provider stands.
    public enum TokenPhase: String, Sendable {
        case call, ok, failed
    }

    /// The token provider was called or has answered. `error` is exactly `timeout` when the client's own cap ended the call.
    public static func token(at timeNs: Int64, who: String, phase: TokenPhase, n: Int? = nil, error: String? = nil) -> Self {
        make(.token, timeNs, who) {
            $0.add(.phase, phase.rawValue)
            $0.add(.attemptNumber, n)
            $0.add(.error, error)
        }
    }

    /// The connector was asked for a connection.
    public static func dial(at timeNs: Int64, who: String, host: String, port: Int, tls: Bool) -> Self {
        make(.dial, timeNs, who) {
            $0.add(.host, host)
            $0.add(.port, port)
            $0.add(.tls, tls)
        }
    }

    /// The attempt ended before the WebSocket was open. `error` is exactly `timeout` when the client's own open timeout ended it.
    public static func dialFailed(at timeNs: Int64, who: String, error: String, status: Int? = nil) -> Self {
        make(.dialFailed, timeNs, who) {
            $0.add(.error, error)
            $0.add(.status, status)
        }
    }

    /// The WebSocket is open.
    public static func open(at timeNs: Int64, who: String) -> Self { make(.open, timeNs, who) }

    /// The socket's first `welcome` was taken.
    public static func welcome(at timeNs: Int64, who: String, peerID: String, maxMessageSize: Int? = nil) -> Self {
        make(.welcome, timeNs, who) {
            $0.add(.peerID, peerID)
            $0.add(.maxMessageSize, maxMessageSize)
        }
    }

    /// A wait before the next attempt begins.
    public static func backoff(
        at timeNs: Int64, who: String, attempt: Int, baseNs: Int64, floorNs: Int64? = nil, delayNs: Int64, reason: String
    ) -> Self {
        make(.backoff, timeNs, who) {
            $0.add(.attempt, attempt)
            $0.add(.base, baseNs)
            $0.add(.floor, floorNs)
            $0.add(.delay, delayNs)
            $0.add(.reason, reason)
        }
    }

    /// The client sent a close frame.
    public static func closeSent(at timeNs: Int64, who: String, code: Int, reason: String) -> Self {
        make(.closeSent, timeNs, who) {
            $0.add(.code, code)
            $0.add(.reason, reason)
        }
    }

    /// The client received a close frame.
    public static func closeReceived(at timeNs: Int64, who: String, code: Int, reason: String) -> Self {
        make(.closeReceived, timeNs, who) {
            $0.add(.code, code)
            $0.add(.reason, reason)
        }
    }

    /// The client gave up waiting for the echo of its close frame.
    public static func closeAbandoned(at timeNs: Int64, who: String) -> Self { make(.closeAbandoned, timeNs, who) }

    /// The client is done with a socket: it was closed or abandoned. `opened` tells whether the WebSocket had been open.
    public static func socketClosed(at timeNs: Int64, who: String, code: Int, reason: String, opened: Bool) -> Self {
        make(.socketClosed, timeNs, who) {
            $0.add(.code, code)
            $0.add(.reason, reason)
            $0.add(.opened, opened)
        }
    }

    /// A wait was cut short by a change of the network path; what is left of it.
    public static func backoffShortened(at timeNs: Int64, who: String, remainingNs: Int64) -> Self {
        make(.backoffShortened, timeNs, who) { $0.add(.remaining, remainingNs) }
    }

    /// No text frame came for too long.
    public static func watchdog(at timeNs: Int64, who: String, silenceNs: Int64? = nil) -> Self {
        make(.watchdog, timeNs, who) { $0.add(.silence, silenceNs) }
    }

    /// The application told the client that the network path changed.
    public static func pathChanged(at timeNs: Int64, who: String, oldPathGone: Bool) -> Self {
        make(.pathChanged, timeNs, who) { $0.add(.oldPathGone, oldPathGone) }
    }

    /// The application called `close()`.
    public static func closeCalled(at timeNs: Int64, who: String) -> Self { make(.closeCalled, timeNs, who) }

    /// The application's `close()` returned.
    public static func closedDone(at timeNs: Int64, who: String) -> Self { make(.closedDone, timeNs, who) }

    /// A line of the client's own log.
    public static func log(at timeNs: Int64, who: String, level: String, text: String) -> Self {
        make(.log, timeNs, who) {
            $0.add(.level, level)
            $0.add(.text, text)
        }
    }

    /// The application called `connect()`, legally.
    public static func connectCalled(at timeNs: Int64, who: String) -> Self { make(.connectCalled, timeNs, who) }
}
