import CompactJSON

// How a producer makes the events of a client's frames and requests.

extension TraceEvent {
    /// The client put a text frame on the wire. `frame` is its `type`; `dataBytes` the size of its `data` as sent, if it has one.
    public static func sent(
        at timeNs: Int64, who: String, frame: String, requestID: String? = nil, channel: String? = nil, to: String? = nil, bytes: Int,
        dataBytes: Int? = nil
    ) -> Self {
        make(.sent, timeNs, who) {
            $0[.frame] = frame
            $0[.requestID] = requestID
            $0[.channel] = channel
            $0[.to] = to
            $0[.bytes] = bytes
            $0[.dataBytes] = dataBytes
        }
    }

    /// The client took a well-formed text frame. `code` is that of an `error`, `rawRetryAfter` what a `going_away` said.
    public static func received(
        at timeNs: Int64, who: String, frame: String, requestID: String? = nil, channel: String? = nil, from: String? = nil,
        code: String? = nil, bytes: Int, rawRetryAfter: JSONValue? = nil
    ) -> Self {
        make(.received, timeNs, who) {
            $0[.frame] = frame
            $0[.requestID] = requestID
            $0[.channel] = channel
            $0[.from] = from
            $0[.serverCode] = code
            $0[.bytes] = bytes
            $0[.rawRetryAfter] = rawRetryAfter
        }
    }

    /// The client dropped an inbound frame: malformed text, or (`binary`) a frame that is no text.
    public static func droppedFrame(at timeNs: Int64, who: String, reason: String, binary: Bool) -> Self {
        make(.droppedFrame, timeNs, who) {
            $0[.reason] = reason
            $0[.binary] = binary
        }
    }

    /// Who asked for a request. `replay`: the client itself, for a tracked subscription after a reconnect.
    public enum RequestKind: String, Sendable, CaseIterable {
        case subscribe, unsubscribe, publish, send, ping, replay
    }

    /// A request begins, whether or not it will be sent.
    public static func request(at timeNs: Int64, who: String, id: String, kind: RequestKind, channel: String? = nil) -> Self {
        make(.request, timeNs, who) {
            $0[.id] = id
            $0[.requestKind] = kind.rawValue
            $0[.channel] = channel
        }
    }

    /// How a request ended. `refused`: by the client itself, before anything was sent. `closed`: by `close()`.
    public enum RequestOutcome: String, Sendable, CaseIterable {
        case ok, timeout, disconnected, rejected, closed, refused
    }

    /// A request ended. `code` is the server's, of a rejected one.
    public static func requestDone(
        at timeNs: Int64, who: String, id: String, kind: RequestKind, outcome: RequestOutcome, code: String? = nil
    ) -> Self {
        make(.requestDone, timeNs, who) {
            $0[.id] = id
            $0[.requestKind] = kind.rawValue
            $0[.outcome] = outcome.rawValue
            $0[.serverCode] = code
        }
    }
}
