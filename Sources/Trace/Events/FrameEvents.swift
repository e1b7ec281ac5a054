import CompactJSON

// How a producer makes the events of a client's frames and requests.

extension TraceEvent {
    /// The client put a text frame on the wire. `frame` is its `type`; `dataBytes` the size of its `data` as sent, if it has one.
    public static func sent(
        at timeNs: Int64, who: String, frame: String, requestID: String? = nil, channel: String? = nil, to: String? = nil, bytes: Int,
        dataBytes: Int? = nil
    ) -> Self {
        make(.sent, timeNs, who) {
            $0.add(.frame, frame)
            $0.add(.requestID, requestID)
            $0.add(.channel, channel)
            $0.add(.to, to)
            $0.add(.bytes, bytes)
            $0.add(.dataBytes, dataBytes)
        }
    }

    /// The client took a well-formed text frame. `code` is that of an `error`, `rawRetryAfter` what a `going_away` said.
    public static func received(
        at timeNs: Int64, who: String, frame: String, requestID: String? = nil, channel: String? = nil, from: String? = nil,
        code: String? = nil, bytes: Int, rawRetryAfter: JSONValue? = nil
    ) -> Self {
        make(.received, timeNs, who) {
            $0.add(.frame, frame)
            $0.add(.requestID, requestID)
            $0.add(.channel, channel)
            $0.add(.from, from)
            $0.add(.serverCode, code)
            $0.add(.bytes, bytes)
            $0.add(.rawRetryAfter, rawRetryAfter)
        }
    }

    /// The client dropped an inbound frame: malformed text, or (`binary`) a frame that is no text.
    public static func droppedFrame(at timeNs: Int64, who: String, reason: String, binary: Bool) -> Self {
        make(.droppedFrame, timeNs, who) {
            $0.add(.reason, reason)
            $0.add(.binary, binary)
        }
    }

    /// Who asked for a request. `replay`: the client itself, for a tracked subscription after a reconnect.
    public enum RequestKind: String, Sendable, CaseIterable {
        case subscribe, unsubscribe, publish, send, ping, replay
    }

    /// A request begins, whether or not it will be sent.
    public static func request(at timeNs: Int64, who: String, id: String, kind: RequestKind, channel: String? = nil) -> Self {
        make(.request, timeNs, who) {
            $0.add(.id, id)
            $0.add(.requestKind, kind.rawValue)
            $0.add(.channel, channel)
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
            $0.add(.id, id)
            $0.add(.requestKind, kind.rawValue)
            $0.add(.outcome, outcome.rawValue)
            $0.add(.serverCode, code)
        }
    }

    /// An ack came for a request that had ended, and was ignored.
    public static func lateAck(at timeNs: Int64, who: String, requestID: String) -> Self {
        make(.lateAck, timeNs, who) { $0.add(.requestID, requestID) }
    }
}
