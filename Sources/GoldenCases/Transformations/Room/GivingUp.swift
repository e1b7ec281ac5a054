import CompactJSON

extension Transformation {
    /// A peer whose client has given up says so, and is closed. The official SDK says nothing if the last dials never opened, and stays `reconnecting` for
    /// ever; if they did open, it closes without an error.
    static let givenUpPeerIsClosed = Transformation(name: "a peer whose client gave up is closed", rule: "BEY-01, ROS-12") {
        lines, scripted in
        guard scripted.target == .peer else { return nil }
        var result = lines
        for (index, line) in lines.enumerated().reversed() {
            guard line.isAbout("client", "Disconnected"), line.fields["willReconnect"] == false else { continue }
            let history = RoomHistory(lines, upTo: index, scripted: scripted)
            guard ["joined", "reconnecting"].contains(history.state) else { continue }
            let now = line.milliseconds
            let error = GoldenLine(
                now, "peer", "FatalError",
                ["error": "MeteredRealtimeError", "text": .string("connection closed terminally (code \(line.integer("code") ?? 0))")])
            let closes = lines.index(after: index) { $0.isPeerState(to: "closed") && $0.milliseconds == now }
            if let closes {
                let said = lines[index..<closes].contains {
                    $0.isAbout("peer", "FatalError") && $0.string("text")?.hasPrefix("connection closed") ?? false
                }
                if !said { result.insert(error, at: index + 1) }
            } else {
                result.insert(contentsOf: [error] + history.ending(at: now, reason: line.reasonOfLeaving), at: index + 1)
                result = result.overAfter(now, ended: history.roster.count)
            }
        }
        return result == lines ? nil : result
    }
}

extension GoldenLine {
    /// What `Left` gives as the reason after a disconnect.
    fileprivate var reasonOfLeaving: String {
        let reason = string("reason") ?? ""
        return reason.isEmpty ? "disconnected (code \(integer("code") ?? 0))" : reason
    }
}

extension RoomHistory {
    /// The lines with which the peer ends: everyone leaves, then the state, then the farewell.
    fileprivate func ending(at time: Int64, reason: String) -> [GoldenLine] {
        var lines: [GoldenLine] = []
        for member in roster {
            lines.append(
                GoldenLine(time, "remote:\(member.id)", "state", ["from": .string(remoteStates[member.id] ?? "idle"), "to": "closed"]))
            lines.append(GoldenLine(time, "peer", "PeerLeft", ["id": .string(member.id), "obj": .integer(member.object)]))
        }
        lines.append(GoldenLine(time, "peer", "state", ["from": .string(state), "to": "closed"]))
        lines.append(
            GoldenLine(
                time, "peer", "Left",
                [
                    "peerId": ownIDs.last.map(JSONValue.string) ?? .null, "channel": channel.map(JSONValue.string) ?? .null,
                    "reason": .string(reason),
                ]))
        return lines
    }
}

extension [GoldenLine] {
    /// The lines when the peer is closed after an instant: nothing more is heard of it, and close() has nothing to do.
    fileprivate func overAfter(_ time: Int64, ended: Int) -> [GoldenLine] {
        var calls: [Int64: Int64] = [:]
        for line in self where line.isAbout("app", "call") && line.string("do") == "close" && line.milliseconds > time {
            if let id = line.integer("id") { calls[id] = line.milliseconds }
        }
        return compactMap { line in
            guard line.milliseconds > time else { return line }
            if line.who == "peer" || line.who.hasPrefix("remote:") { return nil }
            if line.isStateOfAll { return line.with("peer", "closed").with("remotes", .array([])) }
            if line.isAbout("app", "result"), let id = line.integer("id"), let called = calls[id] { return line.at(called) }
            return line
        }
    }
}
