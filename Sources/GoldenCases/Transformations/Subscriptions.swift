import CompactJSON

extension Transformation {
    /// A subscribe that the service rejected is not replayed; the official client keeps it for ever.
    static let rejectedSubscribeIsUntracked = Transformation(name: "rejected subscribe is not replayed", rule: "BEY-26, SIG-13") {
        lines, scripted in
        let replays = Replay.all(in: lines, scripted: scripted)
        guard replays.contains(where: { $0.wasRejectedBefore || !$0.isInOrder }) else { return nil }
        var result = lines
        for ordinal in SocketLife.ordinals(in: lines) {
            let mine = replays.filter { $0.socket == ordinal }
            var life = SocketLife(ordinal, in: result, scripted: scripted)
            let gone = life.exchanges.filter { exchange in mine.contains { $0.wasRejectedBefore && $0.isOf(exchange) } }
            if !gone.isEmpty { result = result.removing(gone, on: life, scripted: scripted) }
            life = SocketLife(ordinal, in: result, scripted: scripted)
            result = Replay.reordered(result, life, mine.filter { !$0.wasRejectedBefore })
        }
        return result
    }

    /// A replay that failed for the last time raises an error; the official client only logs it.
    static let failedReplayIsReported = Transformation(name: "failed replay is reported", rule: "SIG-12") { lines, scripted in
        let replays = Replay.all(in: lines, scripted: scripted)
        var reports: [GoldenLine] = []
        for ordinal in SocketLife.ordinals(in: lines) {
            let life = SocketLife(ordinal, in: lines, scripted: scripted)
            let own = life.exchanges.filter { exchange in
                replays.contains { $0.socket == ordinal && $0.isOf(exchange) }
            }
            // A peer's forced subscribes are none of them: each attempt comes a fixed time after the failure of the one before.
            let first = Dictionary(grouping: own) { $0.channel ?? "" }.compactMapValues(\.first)
            let last = first.compactMap { channel, attempt -> (channel: String, attempt: Exchange)? in
                var attempt = attempt
                for _ in 0..<Replay.retries {
                    guard let failed = attempt.failure?.at,
                        let next = own.first(where: { $0.channel == channel && $0.sent == failed + Replay.delayMilliseconds })
                    else { return nil }
                    attempt = next
                }
                return (channel, attempt)
            }.sorted { $0.attempt.send < $1.attempt.send }
            reports += last.compactMap { channel, attempt in
                guard let failure = attempt.failure else { return nil }
                guard failure.at < life.ended ?? scripted.end.milliseconds else { return nil }
                var fields: JSONObject = ["channel": .string(channel), "error": .string(failure.kind.rawValue)]
                if let code = failure.code { fields["code"] = .string(code) }
                return GoldenLine(failure.at, "client", "ReplayFailed", fields)
            }
        }
        guard !reports.isEmpty else { return nil }
        return Heartbeats.merge(lines, reports.sorted { $0.milliseconds < $1.milliseconds })
    }
}

/// A subscribe that the client repeated by itself after a reconnect.
struct Replay {
    /// How often a failed replay is repeated on one connection (SIG-12).
    static let retries = 3
    /// How long after each failure (SIG-12).
    static let delayMilliseconds: Int64 = 2000

    let socket: Int64
    let sent: Int64
    let channel: String
    /// Whether the last subscribe that the application asked for on this channel was rejected.
    let wasRejectedBefore: Bool
    /// The channel's place among those that our client tracks: a rejected subscribe loses its place, an accepted one is added at the end.
    let place: Int
    /// Whether no replay of the same instant and socket that comes before it has a later place.
    let isInOrder: Bool

    func isOf(_ exchange: Exchange) -> Bool { sent == exchange.sent && channel == exchange.channel }

    /// Every replay in the lines: a subscribe that no call of the application caused.
    static func all(in lines: [GoldenLine], scripted: GoldenCase) -> [Replay] {
        var asked: [String: Int64] = [:]
        var latest: [String: Int64] = [:]
        var rejected: Set<String> = []
        var tracked: [String] = []
        var replays: [Replay] = []
        for (index, line) in lines.enumerated() {
            switch (lines.call(at: index, scripted: scripted), line.what) {
            case (.subscribe(let channel, _)?, "call"):
                asked[channel] = line.milliseconds
                latest[channel] = line.integer("id")
            // Only the newest subscribe for a channel decides about it.
            case (.subscribe(let channel, _)?, _)
            where line.string("error") == "ServerRequestError" && latest[channel] == line.integer("id"):
                rejected.insert(channel)
                tracked.removeAll { $0 == channel }
            case (.unsubscribe(let channel)?, "call"): tracked.removeAll { $0 == channel }
            default: break
            }
            guard line.isAbout("client", "send"), line.string("type") == "subscribe" else { continue }
            guard let socket = line.integer("conn"), let channel = line.string("channel") else { continue }
            if asked[channel] == line.milliseconds {
                asked[channel] = nil
                rejected.remove(channel)
                if !tracked.contains(channel) { tracked.append(channel) }
            } else {
                let place = tracked.firstIndex(of: channel) ?? tracked.count
                let earlier = replays.last { $0.socket == socket && $0.sent == line.milliseconds && !$0.wasRejectedBefore }
                replays.append(
                    Replay(
                        socket: socket, sent: line.milliseconds, channel: channel, wasRejectedBefore: rejected.contains(channel),
                        place: place, isInOrder: (earlier?.place ?? -1) <= place))
            }
        }
        return replays
    }

    /// The lines with the replays of each instant, and what of their answers falls on one instant, in the order in which our client tracks.
    static func reordered(_ lines: [GoldenLine], _ life: SocketLife, _ replays: [Replay]) -> [GoldenLine] {
        var result = lines
        for (_, instant) in Dictionary(grouping: replays, by: \.sent).filter({ $0.value.contains { !$0.isInOrder } }) {
            let ordered = instant.sorted { $0.place < $1.place }.compactMap { replay in life.exchanges.first(where: replay.isOf) }
            permute(&result, ordered.map(\.send))
            let answers = ordered.map { lines.indices(of: [$0], on: life).subtracting([$0.send]) }
            for what in ["frame", "Presence"] {
                let places = answers.compactMap { $0.first { lines[$0].what == what && lines[$0].string("type") != "presence" } }
                let together = Dictionary(grouping: places) { lines[$0].milliseconds }
                for (_, places) in together { permute(&result, places) }
            }
        }
        return result
    }

    /// Puts the lines at these indices into this order, in the places that they have together.
    private static func permute(_ lines: inout [GoldenLine], _ wanted: [Int]) {
        let old = wanted.map { lines[$0] }
        for (place, line) in zip(wanted.sorted(), old) { lines[place] = line }
    }
}

extension Exchange {
    /// A request without an ack fails after this many milliseconds (SIG-10).
    static let timeoutMilliseconds: Int64 = 15_000

    /// How and when the request fails, or nil if it is acknowledged in time.
    var failure: (at: Int64, kind: ErrorKind, code: String?)? {
        if answered - sent >= Self.timeoutMilliseconds { return (sent + Self.timeoutMilliseconds, .timeout, nil) }
        switch result {
        case .acknowledge: return nil
        case .error(let code, _): return (answered, .rejected, code)
        case .none: return (sent + Self.timeoutMilliseconds, .timeout, nil)
        }
    }
}
