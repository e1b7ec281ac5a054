/// A call as a person follows it: a column for each peer, what happens to the world across all of them, packets lost between two lines added up by fault.
///
///                alice                                       bob
///     32.000  == doors close: blackout (host phone)
///             lost  9 UDP on phone/wifi (doors close)
///     38.212  remote    bob connected -> reconnecting
///     38.914                                              remote    alice connected -> reconnecting
///
/// Frames, requests, candidates and other machinery are left out; ``TraceText`` has every event.
public struct SideBySideText: Sendable {
    private let peers: [String]
    private let columnWidth: Int
    private var lost: [Loss] = []

    private static let timeWidth = 8
    private static let gap = 2
    private static let labelWidth = 10
    private static let leastColumnWidth = 36
    private static let mostColumnWidth = 76

    /// Packets of one kind lost in one place for one reason.
    private struct Loss {
        var place: String
        var transport: String
        var cause: String
        var count: Int
    }

    /// - Parameters:
    ///   - peers: The peers, one column each, from the left.
    ///   - width: The width of the page in characters.
    public init(peers: [String], width: Int) {
        self.peers = peers
        let room = (width - Self.timeWidth) / max(peers.count, 1) - Self.gap
        columnWidth = min(max(room, Self.leastColumnWidth), Self.mostColumnWidth)
    }

    /// The log as lines, headed by the peers' names.
    public static func lines(_ log: TraceLog, peers: [String], width: Int) -> [String] {
        var text = SideBySideText(peers: peers, width: width)
        return [text.head] + log.events.flatMap { text.lines($0) } + text.takeLost()
    }

    private var head: String {
        trimmed(String(repeating: " ", count: Self.timeWidth + Self.gap) + peers.map { TraceText.printable($0) }.map(inColumn).joined())
    }

    private mutating func lines(_ event: TraceEvent) -> [String] {
        if event.kind == .packetDropped {
            count(event)
            return []
        }
        guard Self.isShown(event) else { return [] }
        let before = takeLost()
        let time = SecondsText.text(ns: event.timeNs)
        let left = String(repeating: " ", count: max(0, Self.timeWidth - time.count)) + time + String(repeating: " ", count: Self.gap)
        let label = TraceText.label(of: event)
        let words = label.padding(to: Self.labelWidth) + TraceText.text(of: event)
        guard let column = peers.firstIndex(of: event.who) else {
            let who = event.kind?.source == .timeline ? "" : "\(TraceText.printable(event.who))  "
            return before + [trimmed(left + "== " + who + (event.kind?.source == .timeline ? TraceText.text(of: event) : words))]
        }
        return before + wrapped(words, in: column, after: left)
    }

    /// The words in their column; what does not fit goes on below, under the text.
    private func wrapped(_ words: String, in column: Int, after left: String) -> [String] {
        var rows: [String] = []
        var row = ""
        for word in words.split(separator: " ", omittingEmptySubsequences: false) {
            if row.count + word.count > columnWidth, row.count > Self.labelWidth {
                rows.append(row)
                row = String(repeating: " ", count: Self.labelWidth)
            }
            row += word + " "
        }
        rows.append(row)
        let indent = String(repeating: " ", count: column * (columnWidth + Self.gap))
        let blank = String(repeating: " ", count: left.count)
        return rows.enumerated().map { trimmed(($0.offset == 0 ? left : blank) + indent + $0.element) }
    }

    private func inColumn(_ text: String) -> String { text.padding(to: columnWidth + Self.gap) }

    private func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }

    // MARK: Lost packets

    private mutating func count(_ event: TraceEvent) {
        let transport = event[.transport] ?? "packets"
        let cause = event[.fault] ?? event[.reason] ?? "?"
        let count = event[.count].map { Int($0) } ?? 1
        if let known = lost.firstIndex(where: { $0.place == event.who && $0.transport == transport && $0.cause == cause }) {
            lost[known].count += count
        } else {
            lost.append(Loss(place: event.who, transport: transport, cause: cause, count: count))
        }
    }

    private mutating func takeLost() -> [String] {
        defer { lost = [] }
        let left = String(repeating: " ", count: Self.timeWidth + Self.gap)
        return lost.map { TraceText.printable("\(left)-- lost \($0.count) \($0.transport) on \($0.place) (\($0.cause))") }
    }

    // MARK: What is shown

    private static func isShown(_ event: TraceEvent) -> Bool {
        guard let kind = event.kind else { return false }
        switch kind {
        case .state, .attempt, .disconnected, .connected, .watchdog, .pathChanged, .goingAway, .tokenProviderError, .replayFailed,
            .upgradeRejected, .serverError, .join, .leave, .peerState, .joined, .left, .peerJoined, .peerLeft, .peerRefreshed,
            .memberIgnored, .peerError, .snapshot, .reconcile, .remoteState, .connection, .connectionClosed, .iceRestart,
            .negotiationError, .iceCandidateError, .dataChannel, .stream, .pair, .turn, .media, .app, .interface, .path, .sleep, .wake,
            .appSuspended, .appResumed, .wallClock, .nat, .serviceClose, .serviceRefused, .serviceState, .timeline:
            return isNews(event, kind)
        // A rung says itself when the next one comes.
        case .ladder: return event[.phase] != TraceEvent.LadderPhase.scheduled.rawValue
        case .pcState: return event[.machine] == "ice" || event[.machine] == "connection"
        case .signalSent, .signalReceived: return event[.signal] == "offer" || event[.signal] == "answer"
        case .signalDropped: return event[.signal] != "ice"
        case .options, .token, .dial, .dialFailed, .open, .welcome, .backoff, .backoffShortened, .sent, .received, .droppedFrame,
            .closeSent, .closeReceived, .closeAbandoned, .socketClosed, .presence, .message, .direct, .request, .requestDone, .lateAck,
            .connectCalled, .closeCalled, .closedDone, .log, .peerOptions, .peerData, .peerDataDropped, .iceServers, .configuration,
            .signalFailed, .localTrack, .track, .candidate, .ice, .dtls, .sctp, .packetDropped, .tcp, .dns, .accept:
            return false
        }
    }

    /// A translator's mappings come and go with every flow; that it was rebound is news.
    private static func isNews(_ event: TraceEvent, _ kind: TraceKind) -> Bool { kind != .nat || event[.event] == "rebound" }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
