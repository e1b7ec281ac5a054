import CompactJSON

/// A trace as aligned columns for a person: time in seconds, who, what, and the rest in words.
///
///     12.018  alice  backoff   wait 4.900 (attempt 4, base 4.000, jitter +0.225)
public struct TraceText: Sendable {
    private let timeWidth: Int
    private let whoWidth: Int
    private static let labelWidth = 10
    private static let whoLimit = 24

    /// Columns wide enough for these events.
    public init(for events: some Collection<TraceEvent>) {
        var timeWidth = 6
        var whoWidth = 4
        for event in events {
            timeWidth = max(timeWidth, SecondsText.text(ns: event.timeNs).count)
            whoWidth = max(whoWidth, event.who.count)
        }
        self.timeWidth = timeWidth
        self.whoWidth = min(whoWidth, Self.whoLimit)
    }

    /// One event as one line.
    public func line(_ event: TraceEvent) -> String {
        let time = SecondsText.text(ns: event.timeNs)
        let left = String(repeating: " ", count: max(0, timeWidth - time.count)) + time
        let line =
            left + "  " + pad(Self.printable(event.who), whoWidth) + "  " + pad(Self.label(of: event), Self.labelWidth)
            + Self.text(of: event)
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// All of a log, one line each.
    public static func text(_ log: TraceLog) -> String {
        let columns = TraceText(for: log.events)
        return log.events.map { columns.line($0) + "\n" }.joined()
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Without control characters: a hostile reason must not steer a terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

extension TraceText {
    /// The word in the third column.
    static func label(of event: TraceEvent) -> String {
        guard let kind = event.kind else { return printable(event.what) }
        switch kind {
        case .dial, .dialFailed, .open, .socketClosed, .closeSent, .closeReceived, .closeAbandoned: return "socket"
        case .connected, .disconnected, .presence, .message, .direct, .serverError, .goingAway, .tokenProviderError, .replayFailed,
            .upgradeRejected:
            return "report"
        case .sent, .received, .droppedFrame: return "frame"
        case .requestDone, .lateAck: return "request"
        case .closeCalled, .closedDone: return "close"
        case .connectCalled: return "connect"
        case .backoffShortened: return "backoff"
        case .pathChanged: return "path"
        case .appSuspended, .appResumed: return "host"
        case .wallClock: return "clock"
        case .packetDropped: return "packet"
        case .serviceClose, .serviceRefused, .serviceState: return "service"
        case .options, .state, .attempt, .token, .welcome, .backoff, .request, .watchdog, .log, .app, .interface, .path, .sleep, .wake,
            .tcp, .nat, .dns, .accept, .timeline, .ladder, .snapshot, .reconcile, .stream, .track, .candidate, .pair, .ice,
            .turn, .dtls, .sctp, .media:
            return kind.rawValue
        case .peerOptions: return "options"
        case .join, .leave, .peerState, .joined, .left: return "room"
        case .peerJoined, .peerLeft, .peerRefreshed, .memberIgnored: return "roster"
        case .peerError, .negotiationError, .iceCandidateError: return "error"
        case .peerData, .peerDataDropped: return "data"
        case .iceServers: return "servers"
        case .remoteState: return "remote"
        case .connection, .configuration, .connectionClosed, .pcState: return "pc"
        case .iceRestart: return "restart"
        case .signalSent, .signalReceived, .signalDropped, .signalFailed: return "signal"
        case .localTrack: return "track"
        case .dataChannel: return "channel"
        }
    }

    /// What stands after the columns.
    static func text(of event: TraceEvent) -> String {
        guard let kind = event.kind else { return generic(event.fields) }
        switch kind.source {
        case .client: return printable(clientText(of: event, kind))
        case .peer: return printable(peerText(of: event, kind))
        case .webrtc: return printable(webrtcText(of: event, kind))
        case .app, .host, .network, .service, .timeline: return printable(worldText(of: event, kind))
        }
    }

    /// `name value` for every field: for kinds without words of their own.
    static func generic(_ fields: JSONObject, without known: [String] = []) -> String {
        var words: [String] = []
        for member in fields.members where !known.contains(member.key) {
            if member.key.hasSuffix("Ns"), let ns = member.value.int64Value {
                words.append("\(member.key.dropLast(2)) \(SecondsText.text(ns: ns))")
            } else {
                words.append("\(member.key) \(plain(member.value))")
            }
        }
        return printable(words.joined(separator: ", "))
    }

    private static func plain(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        var bytes: [UInt8] = []
        value.write(orNullTo: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
