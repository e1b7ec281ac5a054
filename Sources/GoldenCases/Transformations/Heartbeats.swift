import CompactJSON

/// Works out again when a client pings, after a transformation has changed what it hears.
///
/// A ping goes out when a third of the inactivity timeout (at least 1 s) has passed without a text frame (SIG-11), and its pong is such a frame.
enum Heartbeats {
    /// The lines with the pings of one socket, and what answers them, made anew from the other frames on it.
    ///
    /// Nil if that needs more than this arithmetic: the watchdog would fire.
    static func recompute(_ lines: [GoldenLine], socket ordinal: Int64, scripted: GoldenCase) -> [GoldenLine]? {
        let script = scripted.server.connection(Int(ordinal))
        let kept = lines.filter { !isHeartbeat($0, socket: ordinal, script) }
        guard let welcome = kept.first(where: { isWelcome($0, socket: ordinal) })?.milliseconds else { return lines }
        let accepted = kept.first { $0.isAbout("server", "accept") && $0.integer("n") == ordinal }?.milliseconds ?? welcome
        let heard = kept.filter { $0.who == "server" && ["frame", "rawText"].contains($0.what) && $0.integer("conn") == ordinal }
        let end = SocketLife(ordinal, in: kept, scripted: scripted).ended ?? scripted.end.milliseconds
        // In microseconds, since a third of the timeout may have fractions of a millisecond.
        let exact = pingTimes(
            frames: heard.map { $0.milliseconds * 1000 }.filter { $0 >= welcome * 1000 }, until: end * 1000,
            interval: scripted.options.heartbeat.nanoseconds / 1000, watchdog: scripted.options.inactivityTimeout.nanoseconds / 1000
        ) { ping in script.answerTime(ping: ping / 1000, accepted: accepted).map { $0 * 1000 + ping % 1000 } }
        guard let pings = exact?.map({ (sent: rounded($0.sent), answered: $0.answered.map(rounded)) }) else { return nil }
        var answer: JSONObject = ["conn": .integer(ordinal), "type": "pong"]
        if script.ping == .unknownType {
            answer = ["conn": .integer(ordinal), "type": "error", "code": "unknown_type", "correlated": false]
        }
        let made = pings.flatMap { ping in
            [GoldenLine(ping.sent, "client", "send", ["conn": .integer(ordinal), "type": "ping"])]
                + (ping.answered.map { [GoldenLine($0, "server", "frame", answer)] } ?? [])
        }
        return merge(kept, made.filter { $0.milliseconds < end }.sorted { $0.milliseconds < $1.milliseconds })
    }

    /// Microseconds as the milliseconds of a line: half to even (FORMAT.md).
    private static func rounded(_ microseconds: Int64) -> Int64 {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return rest > 500 || rest == 500 && !whole.isMultiple(of: 2) ? whole + 1 : whole
    }

    /// When pings go out on a socket that hears these frames (in order of time), up to but not including `end`; nil if the watchdog fires before.
    ///
    /// - Parameter answerTime: when the answer to a ping sent at a time arrives, if it does.
    static func pingTimes(
        frames: [Int64], until end: Int64, interval: Int64, watchdog: Int64, answerTime: (_ ping: Int64) -> Int64?
    ) -> [(sent: Int64, answered: Int64?)]? {
        var pings: [(sent: Int64, answered: Int64?)] = []
        var answers: [Int64] = []
        guard let first = frames.first, interval > 0 else { return [] }
        var heard = first
        var quietSince = first
        var next = 1
        while true {
            let ping = quietSince + interval
            // The earliest thing to happen: a frame, an answer on its way, or the ping.
            if let frame = [next < frames.count ? frames[next] : nil, answers.min()].compactMap({ $0 }).min(), frame <= ping {
                if next < frames.count, frames[next] == frame { next += 1 } else { answers.remove(at: answers.firstIndex(of: frame) ?? 0) }
                if watchdog > 0, frame < end, frame - heard > watchdog { return nil }
                heard = frame
                quietSince = frame
            } else {
                if watchdog > 0, min(ping, end) - heard > watchdog || ping < end && ping - heard == watchdog { return nil }
                guard ping < end else { return pings }
                let answer = answerTime(ping)
                pings.append((ping, answer))
                if let answer { answers.append(answer) }
                quietSince = ping
            }
        }
    }

    static func isWelcome(_ line: GoldenLine, socket ordinal: Int64) -> Bool {
        line.isAbout("server", "frame") && line.integer("conn") == ordinal && line.string("type") == "welcome"
    }

    private static func isHeartbeat(_ line: GoldenLine, socket ordinal: Int64, _ script: ConnectionScript) -> Bool {
        guard line.integer("conn") == ordinal else { return false }
        if line.isAbout("client", "send") { return line.string("type") == "ping" }
        guard line.isAbout("server", "frame") else { return false }
        switch script.ping {
        case .pong: return line.string("type") == "pong"
        case .unknownType: return line.string("code") == "unknown_type" && line.fields["correlated"] == false
        case .none: return false
        }
    }

    /// Two lists, each in order of time, as one; of one instant the lines of the first list come first.
    static func merge(_ first: [GoldenLine], _ second: [GoldenLine]) -> [GoldenLine] {
        var result: [GoldenLine] = []
        result.reserveCapacity(first.count + second.count)
        var place = 0
        for line in second {
            while place < first.count, first[place].milliseconds <= line.milliseconds {
                result.append(first[place])
                place += 1
            }
            result.append(line)
        }
        return result + first[place...]
    }
}

extension ConnectionScript {
    /// When the answer to a ping reaches the client, if it does: black holes swallow it or hold it up, on the way up or down.
    func answerTime(ping: Int64, accepted: Int64) -> Int64? {
        self.ping == .none ? nil : answerTime(sent: ping, latency: pongLatency.milliseconds, accepted: accepted)
    }

    /// When what answers something sent at a time reaches the client, if it does.
    func answerTime(sent: Int64, latency: Int64, accepted: Int64) -> Int64? {
        passage(at: sent, accepted: accepted).flatMap { passage(at: $0 + latency, accepted: accepted) }
    }

    /// When something that is on its way at a time gets through the black holes; nil if one swallows it.
    func passage(at time: Int64, accepted: Int64) -> Int64? {
        let age = time - accepted
        guard let hole = blackHoles.first(where: { $0.from.milliseconds <= age && $0.to.map { age < $0.milliseconds } ?? true }) else {
            return time
        }
        switch hole.mode {
        case .lose: return nil
        case .delay: return hole.to.map { accepted + $0.milliseconds }
        }
    }
}
