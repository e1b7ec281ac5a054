import CompactJSON

// How a producer makes the events of a client: attempts, sockets and their ends. The meaning of each field: `TraceVocabulary`.

extension TraceEvent {
    /// The client's state changed.
    public static func state(at timeNs: Int64, who: String, from: String, to: String) -> Self {
        make(.state, timeNs, who) {
            $0[.from] = from
            $0[.to] = to
        }
    }

    /// A connection attempt begins: the wait before it is over, the token provider has not been called yet.
    public static func attempt(at timeNs: Int64, who: String, n: Int, ordinal: Int) -> Self {
        make(.attempt, timeNs, who) {
            $0[.attemptNumber] = n
            $0[.ordinal] = ordinal
        }
    }

    /// Where a call of the token provider stands.
    public enum TokenPhase: String, Sendable {
        case call, ok, failed
    }

    /// The token provider was called or has answered. `error` is exactly `timeout` when the client's own cap ended the call.
    public static func token(at timeNs: Int64, who: String, phase: TokenPhase, n: Int? = nil, error: String? = nil) -> Self {
        make(.token, timeNs, who) {
            $0[.phase] = phase.rawValue
            $0[.attemptNumber] = n
            $0[.error] = error
        }
    }

    /// The connector was asked for a connection.
    public static func dial(at timeNs: Int64, who: String, host: String, port: Int, tls: Bool) -> Self {
        make(.dial, timeNs, who) {
            $0[.host] = host
            $0[.port] = port
            $0[.tls] = tls
        }
    }

    /// The attempt ended before the WebSocket was open. `error` is exactly `timeout` when the client's own open timeout ended it.
    public static func dialFailed(at timeNs: Int64, who: String, error: String, status: Int? = nil) -> Self {
        make(.dialFailed, timeNs, who) {
            $0[.error] = error
            $0[.status] = status
        }
    }

    /// The WebSocket is open.
    public static func open(at timeNs: Int64, who: String) -> Self { make(.open, timeNs, who) { _ in } }

    /// The socket's first `welcome` was taken.
    public static func welcome(at timeNs: Int64, who: String, peerID: String, maxMessageSize: Int? = nil) -> Self {
        make(.welcome, timeNs, who) {
            $0[.peerID] = peerID
            $0[.maxMessageSize] = maxMessageSize
        }
    }

    /// A wait before the next attempt begins.
    public static func backoff(
        at timeNs: Int64, who: String, attempt: Int, baseNs: Int64, floorNs: Int64? = nil, delayNs: Int64, reason: String
    ) -> Self {
        make(.backoff, timeNs, who) {
            $0[.attempt] = attempt
            $0[.base] = baseNs
            $0[.floor] = floorNs
            $0[.delay] = delayNs
            $0[.reason] = reason
        }
    }

    /// The client sent a close frame.
    public static func closeSent(at timeNs: Int64, who: String, code: Int, reason: String) -> Self {
        make(.closeSent, timeNs, who, code: code, reason: reason)
    }

    /// The client received a close frame.
    public static func closeReceived(at timeNs: Int64, who: String, code: Int, reason: String) -> Self {
        make(.closeReceived, timeNs, who, code: code, reason: reason)
    }

    /// The client gave up waiting for the echo of its close frame.
    public static func closeAbandoned(at timeNs: Int64, who: String) -> Self { make(.closeAbandoned, timeNs, who) { _ in } }

    /// The client is done with a socket: it was closed or abandoned. `opened` tells whether the WebSocket had been open.
    public static func socketClosed(at timeNs: Int64, who: String, code: Int, reason: String, opened: Bool) -> Self {
        var event = make(.socketClosed, timeNs, who, code: code, reason: reason)
        event[.opened] = opened
        return event
    }

    /// No text frame came for too long.
    public static func watchdog(at timeNs: Int64, who: String) -> Self { make(.watchdog, timeNs, who) { _ in } }

    /// The application told the client that the network path changed.
    public static func pathChanged(at timeNs: Int64, who: String, oldPathGone: Bool) -> Self {
        make(.pathChanged, timeNs, who) { $0[.oldPathGone] = oldPathGone }
    }

    /// The application called `close()`.
    public static func closeCalled(at timeNs: Int64, who: String) -> Self { make(.closeCalled, timeNs, who) { _ in } }

    /// The application's `close()` returned.
    public static func closedDone(at timeNs: Int64, who: String) -> Self { make(.closedDone, timeNs, who) { _ in } }

    /// A line of the client's own log.
    public static func log(at timeNs: Int64, who: String, level: String, text: String) -> Self {
        make(.log, timeNs, who) {
            $0[.level] = level
            $0[.text] = text
        }
    }

    static func make(_ kind: TraceKind, _ timeNs: Int64, _ who: String, _ fill: (inout Self) -> Void) -> Self {
        var event = Self(at: timeNs, who: who, kind: kind)
        fill(&event)
        return event
    }

    static func make(_ kind: TraceKind, _ timeNs: Int64, _ who: String, code: Int, reason: String) -> Self {
        make(kind, timeNs, who) {
            $0[.code] = code
            $0[.reason] = reason
        }
    }
}
