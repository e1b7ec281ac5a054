import CompactJSON

extension Transformation {
    /// The slow floor of a 4010 ends with its session; in the official client it waits for the first drop of the next one.
    static let slowFloorDiesWithItsSession = Transformation(name: "slow floor dies with its session", rule: "BEY-05, SIG-06") {
        lines, scripted in
        guard let late = lateAttempt(lines), let reconnect = scripted.options.reconnect else { return nil }
        let base = min(reconnect.initialDelay, reconnect.maximumDelay).milliseconds
        guard base < slowFloorMilliseconds else { return nil }
        let delay = late.attempted - late.dropped
        // The jitter's factor is the same: one draw per delay.
        let shortened = (delay * base + slowFloorMilliseconds / 2) / slowFloorMilliseconds
        return shift(lines, after: late.dropped, earlierBy: delay - shortened, scripted)
    }

    private static let slowFloorMilliseconds: Int64 = 30_000

    /// The first reconnect of a session that began with the floor of an earlier one.
    private static func lateAttempt(_ lines: [GoldenLine]) -> (dropped: Int64, attempted: Int64)? {
        var floor = false
        var inherited = false
        var dropped: Int64?
        for line in lines {
            if line.isAbout("app", "call"), line.string("do") == "connect" {
                inherited = floor
                dropped = nil
            } else if line.isAbout("client", "socketClosed") {
                dropped = line.milliseconds
                if line.integer("code") == 4010 {
                    floor = true
                    inherited = false
                }
            } else if line.isAbout("client", "connectAttempt") || line.isAbout("app", "tokenCall"), let start = dropped {
                if inherited { return (start, line.milliseconds) }
                floor = false
                dropped = nil
            }
        }
        return nil
    }

    /// Everything after an instant earlier, with the idle end of the run filled up.
    ///
    /// Nil if the script has anything at an absolute time after it, or if the run does not end in an idle connection: then a shift is not the whole truth.
    private static func shift(_ lines: [GoldenLine], after time: Int64, earlierBy delta: Int64, _ scripted: GoldenCase) -> [GoldenLine]? {
        let absolute = scripted.server.steps.map(\.at.milliseconds) + scripted.app.compactMap(\.absoluteMilliseconds)
        guard delta > 0, !absolute.contains(where: { $0 > time }) else { return nil }
        guard let last = SocketLife.ordinals(in: lines + connected(lines)).last else { return nil }
        let script = scripted.server.connection(Int(last))
        let moved = lines.map { $0.milliseconds > time && !$0.isAbout("app", "end") ? $0.at($0.milliseconds - delta) : $0 }
        guard let accepted = moved.first(where: { $0.isAbout("server", "accept") && $0.integer("n") == last })?.milliseconds else {
            return nil
        }
        let left = scripted.end.milliseconds - accepted
        guard SocketLife(last, in: moved, scripted: scripted).ended == nil, script.steps.allSatisfy({ $0.at.milliseconds > left }) else {
            return nil
        }
        return Heartbeats.recompute(moved, socket: last, scripted: scripted)
    }

    /// Sockets on which the client has sent nothing yet, as lines that name them.
    private static func connected(_ lines: [GoldenLine]) -> [GoldenLine] {
        lines.filter { $0.isAbout("server", "accept") }.compactMap { accept in
            accept.integer("n").map { GoldenLine(accept.milliseconds, "client", "accepted", ["conn": .integer($0)]) }
        }
    }
}

extension AppEntry {
    /// When the entry is due, if that is an absolute time.
    var absoluteMilliseconds: Int64? {
        switch trigger {
        case .at(let time): time.milliseconds
        case .line: nil
        }
    }
}
