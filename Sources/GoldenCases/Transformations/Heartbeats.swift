import NIOCore

/// Works out again when a client pings, after a transformation has changed what it hears.
///
/// A ping goes out when a third of the inactivity timeout (at least 1 s) has passed without a text frame (SIG-11), and its pong is such a frame.
enum Heartbeats {
    /// The lines with the pings and pongs of one socket made anew from the other frames on it.
    ///
    /// Nil if that needs more than this arithmetic: pongs that do not come, or black holes.
    static func recompute(_ lines: [GoldenLine], socket ordinal: Int64, scripted: GoldenCase) -> [GoldenLine]? {
        let script = scripted.server.connection(Int(ordinal))
        guard script.ping == .pong, script.blackHoles.isEmpty, script.pongLatency < scripted.options.heartbeat else { return nil }
        let kept = lines.filter { !isHeartbeat($0, socket: ordinal) }
        let life = SocketLife(ordinal, in: kept, scripted: scripted)
        let heard = kept.filter { $0.who == "server" && ["frame", "rawText"].contains($0.what) && $0.integer("conn") == ordinal }
        guard let welcome = kept.first(where: { isWelcome($0, socket: ordinal) })?.milliseconds else { return lines }
        let pings = pingTimes(
            frames: heard.map(\.milliseconds).filter { $0 >= welcome }, until: life.ended ?? scripted.end.milliseconds,
            interval: scripted.options.heartbeat.milliseconds, pongLatency: script.pongLatency.milliseconds)
        let end = life.ended ?? scripted.end.milliseconds
        let made = pings.flatMap { ping in
            [
                GoldenLine(ping, "client", "send", ["conn": .integer(ordinal), "type": "ping"]),
                GoldenLine(ping + script.pongLatency.milliseconds, "server", "frame", ["conn": .integer(ordinal), "type": "pong"]),
            ].filter { $0.milliseconds < end }
        }
        return merge(kept, made)
    }

    /// When pings go out on a socket that hears these frames (in order of time), up to but not including `end`.
    static func pingTimes(frames: [Int64], until end: Int64, interval: Int64, pongLatency: Int64) -> [Int64] {
        var pings: [Int64] = []
        guard var last = frames.first, interval > 0 else { return [] }
        var next = 0
        var pong: Int64?
        while true {
            let ping = last + interval
            // The earliest thing to happen: a frame, the pong in flight or the ping.
            if next < frames.count, frames[next] <= min(pong ?? .max, ping) {
                last = frames[next]
                next += 1
            } else if let arrival = pong, arrival <= ping {
                last = arrival
                pong = nil
            } else {
                guard ping < end else { return pings }
                pings.append(ping)
                last = ping
                pong = ping + pongLatency
            }
        }
    }

    static func isWelcome(_ line: GoldenLine, socket ordinal: Int64) -> Bool {
        line.isAbout("server", "frame") && line.integer("conn") == ordinal && line.string("type") == "welcome"
    }

    private static func isHeartbeat(_ line: GoldenLine, socket ordinal: Int64) -> Bool {
        guard line.integer("conn") == ordinal else { return false }
        return line.isAbout("client", "send") && line.string("type") == "ping"
            || line.isAbout("server", "frame") && line.string("type") == "pong"
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
