import CompactJSON

extension TraceVocabulary.Field {
    func accepts(_ value: JSONValue) -> Bool {
        switch type {
        case Int.traceFieldType: return value.int64Value != nil
        case Double.traceFieldType: return value.doubleValue != nil
        case Bool.traceFieldType: return value.boolValue != nil
        case String.traceFieldType: return value.stringValue != nil
        case [String].traceFieldType: return value.arrayValue?.allSatisfy { $0.stringValue != nil } ?? false
        case [Int64].traceFieldType: return value.arrayValue?.allSatisfy { $0.int64Value != nil } ?? false
        default: return true
        }
    }
}

extension TraceVocabulary {
    static func fields(of kind: TraceKind) -> [Field] {
        switch kind.source {
        case .client: return clientFields(of: kind)
        case .peer: return peerFields(of: kind)
        case .webrtc: return webrtcFields(of: kind)
        case .app:
            // A note of a call says which tile, or which data channel.
            return [
                may(.shows, "a banner or page"), may(.hides), may(.prompts, "what the user is asked"), may(.note), may(.remote, "peer id"),
                may(.object, "counts the objects met, by identity"), may(.phase), may(.label), may(.error),
            ]
        case .host, .network, .service, .timeline: return worldFields(of: kind)
        }
    }

    private static let closing = [must(.code), must(.reason)]

    private static func clientFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .options:
            return [may(.credential, "`key` or `token`"), may(.host, "whose sleep freezes it")] + TracedOptions.vocabularyFields
        case .state: return [must(.from), must(.to, "`idle`, `connecting`, `connected`, `reconnecting`, `closed`")]
        case .attempt:
            return [must(.attemptNumber, "0: first connect, else the reconnect attempt"), must(.ordinal, "counts all of this client")]
        case .token: return [must(.phase, "`call`, `ok`, `failed`"), may(.attemptNumber), may(.error, "`timeout`: the client's own cap")]
        case .dial: return [must(.host), must(.port), must(.tls)]
        case .dialFailed:
            return [must(.error, "`timeout`: the client's own open timeout"), may(.status, "HTTP status of a rejected upgrade")]
        case .welcome: return [must(.peerID), may(.maxMessageSize)]
        case .backoff:
            return [
                must(.attempt, "the attempt waited for"), must(.base, "after the cap, before floor and jitter"), may(.floor),
                must(.delay, "the wait"), must(.reason),
            ]
        case .sent, .received, .droppedFrame, .request, .requestDone: return frameFields(of: kind)
        case .closeSent, .closeReceived: return closing
        case .socketClosed: return closing + [must(.opened, "whether the WebSocket had been open")]
        case .log: return [must(.level), must(.text)]
        case .pathChanged: return [must(.oldPathGone)]
        case .backoffShortened: return [must(.remaining)]
        case .watchdog: return [may(.silence)]
        case .lateAck: return [must(.requestID)]
        default: return reportFields(of: kind)
        }
    }

    private static func frameFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .sent:
            return [
                must(.frame, "its `type`"), may(.requestID), may(.channel), may(.to, "peer id"), must(.bytes, "of the text"),
                may(.dataBytes, "of its `data`"),
            ]
        case .received:
            return [
                must(.frame, "its `type`"), may(.requestID), may(.channel), may(.from, "peer id"), may(.serverCode, "of an error"),
                must(.bytes), may(.rawRetryAfter, "as a `going_away` has it"),
            ]
        case .droppedFrame: return [must(.reason), may(.binary, "no text frame")]
        case .request: return [must(.id), must(.requestKind, requestKinds), may(.channel)]
        case .requestDone: return [must(.id), must(.requestKind, requestKinds), must(.outcome, outcomes), may(.serverCode)]
        default: return []
        }
    }

    private static let requestKinds = TraceEvent.RequestKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    private static let outcomes = TraceEvent.RequestOutcome.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")

    private static func reportFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .connected: return [must(.peerID), must(.reconnect, "not the first of this `connect()`")]
        case .disconnected: return closing + [must(.willReconnect)]
        case .presence: return [must(.channel), must(.joined), must(.left)]
        case .message: return [must(.channel), must(.from)]
        case .direct: return [must(.from)]
        case .serverError: return [must(.serverCode)]
        case .goingAway: return [must(.retryAfter, "clamped")]
        case .tokenProviderError: return [must(.count, "in a row")]
        case .replayFailed: return [must(.channel), must(.error)]
        case .upgradeRejected: return [must(.status)]
        default: return []
        }
    }

    private static func worldFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .interface: return [must(.name), must(.up), may(.address)]
        case .path: return [must(.satisfied), may(.interface)]
        case .sleep, .appSuspended: return [may(.clock, "`stops`: timers keep what is left, `continues`: overdue ones fire on waking")]
        case .wallClock: return [must(.jump)]
        case .packetDropped:
            return [
                may(.link), must(.reason), may(.fault, "which fault of the timeline"), may(.transport), may(.count), may(.bytes),
            ]
        case .tcp, .nat, .dns: return [must(.event, "more fields as the model has them")]
        case .accept: return [must(.connection), must(.peer, "the peer id it will get")]
        case .serviceClose: return [must(.connection), must(.peer)] + closing
        case .serviceRefused: return [must(.reason), may(.status)]
        case .serviceState: return [must(.serviceState)]
        case .timeline: return [may(.name), must(.action), must(.phase, "`begin` or `end`; more fields as the action has them")]
        default: return []
        }
    }
}
