import CompactJSON

extension Transformation {
    /// A subscribe that the service rejected is not replayed; the official client keeps it for ever.
    static let rejectedSubscribeIsUntracked = Transformation(name: "rejected subscribe is not replayed", rule: "BEY-26, SIG-13") {
        lines, scripted in
        let unwanted = Replay.all(in: lines, scripted: scripted).filter(\.wasRejectedBefore)
        guard !unwanted.isEmpty else { return nil }
        var result = lines
        for ordinal in SocketLife.ordinals(in: lines) {
            let mine = unwanted.filter { $0.socket == ordinal }
            let life = SocketLife(ordinal, in: result, scripted: scripted)
            let gone = life.exchanges.filter { exchange in mine.contains { $0.sent == exchange.sent && $0.channel == exchange.channel } }
            if !gone.isEmpty { result = result.removing(gone, on: life, scripted: scripted) }
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
                replays.contains { $0.socket == ordinal && $0.sent == exchange.sent && $0.channel == exchange.channel }
            }
            reports += Dictionary(grouping: own) { $0.channel ?? "" }.sorted { $0.key < $1.key }.compactMap { channel, attempts in
                guard attempts.count > Replay.retries, let failure = attempts[Replay.retries].failure else { return nil }
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

    let socket: Int64
    let sent: Int64
    let channel: String
    /// Whether the last subscribe that the application asked for on this channel was rejected.
    let wasRejectedBefore: Bool

    /// Every replay in the lines: a subscribe that no call of the application caused.
    static func all(in lines: [GoldenLine], scripted: GoldenCase) -> [Replay] {
        var asked: [String: Int64] = [:]
        var rejected: Set<String> = []
        var replays: [Replay] = []
        for (index, line) in lines.enumerated() {
            if case .subscribe(let channel, _)? = lines.call(at: index, scripted: scripted) {
                if line.what == "call" {
                    asked[channel] = line.milliseconds
                } else if line.string("error") == "ServerRequestError" {
                    rejected.insert(channel)
                }
            }
            guard line.isAbout("client", "send"), line.string("type") == "subscribe" else { continue }
            guard let socket = line.integer("conn"), let channel = line.string("channel") else { continue }
            if asked[channel] == line.milliseconds {
                asked[channel] = nil
                rejected.remove(channel)
            } else {
                replays.append(
                    Replay(socket: socket, sent: line.milliseconds, channel: channel, wasRejectedBefore: rejected.contains(channel)))
            }
        }
        return replays
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
