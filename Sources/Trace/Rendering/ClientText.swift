import CompactJSON

extension TraceText {
    static func clientText(of event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .options: return event.fields.isEmpty ? "as the spec has them" : generic(event.fields)
        case .state: return "\(event[.from] ?? "?") -> \(event[.to] ?? "?")"
        case .attempt: return event[.attemptNumber] == 0 ? "first connect" : "reconnect attempt \(number(event[.attemptNumber]))"
        case .token: return tokenText(event)
        case .backoff: return backoffText(event)
        case .welcome: return "I am \(event[.peerID] ?? "?")"
        case .backoffShortened: return "cut short, \(event[.remaining].map { SecondsText.text(ns: $0) } ?? "?") left"
        case .lateAck: return "late ack ignored (\(event[.requestID] ?? "?"))"
        case .watchdog: return "no text frame for " + (event[.silence].map { SecondsText.text(ns: $0) } ?? "too long")
        case .pathChanged: return event[.oldPathGone] == true ? "changed, the old one is gone" : "changed"
        case .connectCalled, .closeCalled: return "called"
        case .closedDone: return "done"
        case .log: return "\(event[.level] ?? "?"): \(event[.text] ?? "")"
        case .dial, .dialFailed, .open, .socketClosed, .closeSent, .closeReceived, .closeAbandoned: return socketText(event, kind)
        case .sent, .received, .droppedFrame, .request, .requestDone: return frameText(event, kind)
        default: return reportText(event, kind)
        }
    }

    private static func tokenText(_ event: TraceEvent) -> String {
        switch event[.phase] {
        case TraceEvent.TokenPhase.call.rawValue: return "provider called"
        case TraceEvent.TokenPhase.ok.rawValue: return "received"
        case TraceEvent.TokenPhase.failed.rawValue: return "failed" + colon(event[.error])
        default: return generic(event.fields)
        }
    }

    private static func backoffText(_ event: TraceEvent) -> String {
        guard let delay = event[.delay], let base = event[.base] else { return generic(event.fields) }
        var parts = ["attempt \(number(event[.attempt]))", "base \(SecondsText.text(ns: base))"]
        let floor = event[.floor]
        if let floor { parts.append("floor \(SecondsText.text(ns: floor))") }
        let mean = max(base, floor ?? 0)
        if mean > 0 { parts.append("jitter \(SecondsText.signedRatio(Double(delay) / Double(mean) - 1))") }
        return "wait \(SecondsText.text(ns: delay)) (\(parts.joined(separator: ", ")))"
    }

    private static func socketText(_ event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .dial: return "dial \(event[.host] ?? "?"):\(number(event[.port]))" + (event[.tls] == false ? ", no TLS" : "")
        case .dialFailed: return "failed: \(event[.error] ?? "?")" + (event[.status].map { " (HTTP \($0))" } ?? "")
        case .open: return "open"
        case .socketClosed:
            return (event[.opened] == false ? "never opened, " : "closed, ") + number(event[.code]) + colon(event[.reason])
        case .closeSent: return "close sent, " + number(event[.code]) + colon(event[.reason])
        case .closeReceived: return "close received, " + number(event[.code]) + colon(event[.reason])
        default: return "no longer waits for the echo of its close"
        }
    }

    private static func frameText(_ event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .sent: return "-> " + frameWords(event, other: event[.to].map { "to \($0)" })
        case .received: return "<- " + frameWords(event, other: event[.from].map { "from \($0)" })
        case .droppedFrame: return "<- dropped: \(event[.reason] ?? "?")"
        case .request: return "\(event[.requestKind] ?? "?")" + (event[.channel].map { " \($0)" } ?? "") + " (\(event[.id] ?? "?"))"
        default:
            return "\(event[.requestKind] ?? "?") \(event[.outcome] ?? "?")" + colon(event[.serverCode]) + " (\(event[.id] ?? "?"))"
        }
    }

    private static func frameWords(_ event: TraceEvent, other: String?) -> String {
        var words = [event[.frame] ?? "?"]
        if let channel = event[.channel] { words.append(channel) }
        if let other { words.append(other) }
        if let code = event[.serverCode] { words.append(code) }
        if let id = event[.requestID] { words.append("(\(id))") }
        return words.joined(separator: " ") + (event[.bytes].map { ", \($0) B" } ?? "")
    }

    private static func reportText(_ event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .connected: return (event[.reconnect] == true ? "connected again" : "connected") + " as \(event[.peerID] ?? "?")"
        case .disconnected:
            return "disconnected, \(number(event[.code]))" + colon(event[.reason])
                + (event[.willReconnect] == true ? ", will reconnect" : ", will not reconnect")
        case .presence: return presenceText(event)
        case .message: return "message on \(event[.channel] ?? "?") from \(event[.from] ?? "?")"
        case .direct: return "direct message from \(event[.from] ?? "?")"
        case .serverError: return "server error \(event[.serverCode] ?? "?")"
        case .goingAway: return "going away, retry after \(event[.retryAfter].map { SecondsText.text(ns: $0) } ?? "?")"
        case .tokenProviderError: return "no usable token, \(number(event[.count])) times in a row"
        case .replayFailed: return "\(event[.channel] ?? "?") was not restored" + colon(event[.error])
        case .upgradeRejected: return "upgrade rejected, HTTP \(number(event[.status]))"
        default: return generic(event.fields)
        }
    }

    private static func presenceText(_ event: TraceEvent) -> String {
        let joined = event[.joined] ?? []
        let left = event[.left] ?? []
        var parts: [String] = []
        if !joined.isEmpty { parts.append("joined \(list(joined))") }
        if !left.isEmpty { parts.append("left \(list(left))") }
        return "presence on \(event[.channel] ?? "?"): " + (parts.isEmpty ? "nobody" : parts.joined(separator: "; "))
    }

    static func list(_ names: [String]) -> String {
        names.count <= 4 ? names.joined(separator: ", ") : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }

    static func number(_ value: Int?) -> String { value.map(String.init) ?? "?" }

    static func colon(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "" }
        return ": \(text)"
    }
}
