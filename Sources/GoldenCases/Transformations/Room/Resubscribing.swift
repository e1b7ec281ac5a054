import CompactJSON

extension Transformation {
    /// A replayed subscribe that failed for the last time is an error of the peer, with its cause.
    static let failedReplayIsAnError = Transformation(name: "a failed resubscribe is an error of the peer", rule: "SIG-12, BEY-10") {
        lines, scripted in
        guard scripted.target == .peer else { return nil }
        var result: [GoldenLine] = []
        var history = RoomHistory()
        for (index, line) in lines.enumerated() {
            history.read(line, call: lines.call(at: index, scripted: scripted))
            result.append(line)
            guard line.isAbout("client", "ReplayFailed"), line.string("channel") == history.channel, history.isInChannel else { continue }
            var members: JSONObject = ["error": "ResubscribeError", "text": ""]
            if let code = line.fields["code"] { members["code"] = code }
            result.append(GoldenLine(line.milliseconds, "peer", "FatalError", members))
        }
        return result.count > lines.count ? result : nil
    }

    /// After the final rejection of the replay there is nothing to force: no more subscribes, and no reconcile timeout. The official SDK goes on, and
    /// reports the timeout instead of the cause.
    static let finalRejectionEndsTheWait = Transformation(name: "no forced subscribes after a final rejection", rule: "ROS-09, BEY-10") {
        lines, scripted in
        guard scripted.target == .peer else { return nil }
        var result = lines
        for failure in lines where failure.isAbout("client", "ReplayFailed") && failure.string("error") == "rejected" {
            guard let channel = failure.string("channel"),
                let socket = lines.last(where: { $0.milliseconds <= failure.milliseconds && $0.isAbout("client", "send") })?.integer("conn")
            else { continue }
            let life = SocketLife(socket, in: result, scripted: scripted)
            let asked = Set(
                lines.filter { $0.isAbout("app", "call") && $0.string("do") == "join" }.map(\.milliseconds))
            let forced = life.exchanges.filter {
                $0.type == "subscribe" && $0.channel == channel && $0.sent >= failure.milliseconds && !asked.contains($0.sent)
            }
            result = result.removing(forced, on: life, scripted: scripted)
            let end = life.ended ?? .max
            result.removeAll {
                $0.isAbout("peer", "FatalError") && $0.string("error") == "ReconcileTimeoutError"
                    && (failure.milliseconds...end).contains($0.milliseconds)
            }
        }
        return result == lines ? nil : result
    }

    /// With an empty roster the peer has joined again when the service has acknowledged the subscribe; the official SDK says so at the welcome already,
    /// and then it may never be true.
    static let emptyRoomIsJoinedAtTheAck = Transformation(name: "an empty room is joined at the ack", rule: "ROS-07, BEY-09") {
        lines, scripted in
        var result = lines
        for line in lines where line.isPeerState(to: "joined") && line.string("from") == "reconnecting" {
            guard let place = result.firstIndex(of: line),
                let welcome = result[..<place].last(where: { $0.isAbout("client", "Connected") && $0.milliseconds == line.milliseconds }),
                welcome.fields["isReconnect"] == true
            else { continue }
            let history = RoomHistory(result, upTo: place, scripted: scripted)
            guard history.roster.isEmpty, let socket = history.socket, let channel = history.channel else { continue }
            result = result.joiningEmptyRoom(place, socket: socket, channel: channel, scripted: scripted)
        }
        return result == lines ? nil : result
    }
}

extension RoomHistory {
    /// Whether the peer is in a channel, or on its way back into it.
    fileprivate var isInChannel: Bool { ["joined", "reconnecting"].contains(state) }
}

extension [GoldenLine] {
    /// How long the peer waits for a snapshot before it subscribes by itself (ROS-09).
    private static let snapshotTimeoutMilliseconds: Int64 = 10_000

    /// The lines with a peer's return into an empty room (the line at `place`) at the ack of its subscribe.
    fileprivate func joiningEmptyRoom(_ place: Int, socket: Int64, channel: String, scripted: GoldenCase) -> [GoldenLine] {
        let joined = self[place]
        var result = self
        result.remove(at: place)
        var life = SocketLife(socket, in: result, scripted: scripted)
        let replays = life.exchanges.filter { $0.type == "subscribe" && $0.channel == channel }
        if replays.isEmpty {
            // Nobody subscribes but the peer itself, when it has waited long enough.
            let due = joined.milliseconds + Self.snapshotTimeoutMilliseconds
            guard due < life.ended ?? scripted.end.milliseconds else { return result.stayingAway(from: place, joined.milliseconds, life) }
            result = result.subscribing(to: channel, on: socket, at: due, scripted: scripted)
            life = SocketLife(socket, in: result, scripted: scripted)
        }
        let acks = life.exchanges.filter { $0.type == "subscribe" && $0.channel == channel && $0.result == .acknowledge }
        guard let ack = acks.map(\.answered).min(), ack < life.ended ?? .max, ack < scripted.end.milliseconds else {
            return result.stayingAway(from: place, joined.milliseconds, life)
        }
        // Before what the snapshot brings at the same instant.
        let target =
            result.firstIndex { $0.milliseconds > ack || $0.milliseconds == ack && $0.who == "peer" } ?? result.endIndex
        result.insert(joined.at(ack), at: target)
        return result.refusingSends(from: place, until: ack, life, scripted: scripted)
    }

    /// The lines without the sends of the application while the peer has not joined yet: they fail at the call.
    private func refusingSends(from place: Int, until time: Int64, _ life: SocketLife, scripted: GoldenCase) -> [GoldenLine] {
        var result = self
        for index in indices where index >= place && self[index].isAbout("app", "call") && self[index].milliseconds < time {
            guard let id = self[index].integer("id"), let call = call(at: index, scripted: scripted),
                let frame = call.frame(channel: ""), let type = frame["type"]?.stringValue,
                let made = SocketLife(life.ordinal, in: result, scripted: scripted).exchanges.first(where: {
                    $0.type == type && $0.sent == self[index].milliseconds
                })
            else { continue }
            result = result.removing([made], on: SocketLife(life.ordinal, in: result, scripted: scripted), scripted: scripted)
            result.removeAll { $0.isAbout("app", "result") && $0.integer("id") == id }
            let failure: JSONObject = [
                "id": .integer(id), "do": .string(call.name), "ok": false, "error": "MeteredPeerSendError", "code": "not_joined",
            ]
            result = result.adding([GoldenLine(self[index].milliseconds, "app", "result", failure)])
        }
        return result
    }

    /// The lines of a peer that does not come back on this connection: no second loss, and the state as it is.
    private func stayingAway(from place: Int, _ time: Int64, _ life: SocketLife) -> [GoldenLine] {
        let until = life.ended ?? .max
        return enumerated().compactMap { index, line in
            guard index >= place, (time...until).contains(line.milliseconds) else { return line }
            if line.isPeerState(to: "reconnecting") { return nil }
            return line.isStateOfAll ? line.with("peer", "reconnecting") : line
        }
    }

    /// The lines with a subscribe of the peer's own, and what the service answers; the snapshot's members join.
    private func subscribing(to channel: String, on socket: Int64, at time: Int64, scripted: GoldenCase) -> [GoldenLine] {
        let script = scripted.server.connection(Int(socket))
        let frame: JSONObject = ["conn": .integer(socket), "type": "subscribe", "channel": .string(channel)]
        var answers = RequestAnswers(script.acknowledgement)
        let life = SocketLife(socket, in: self, scripted: scripted)
        for exchange in life.exchanges { _ = answers.answer(exchange.frame) }
        let answer = answers.answer(frame)
        let includes = scripted.app.map(\.call).contains { if case .peer(.join(channel, true)) = $0 { true } else { false } }
        var sent = frame
        sent["includeSenderMetadata"] = .bool(includes)
        var added = [GoldenLine(time, "client", "send", sent)]
        var members: [GoldenLine] = []
        let answered = time + answer.latency.milliseconds
        if answer.result == .acknowledge {
            added.append(GoldenLine(answered, "server", "frame", ["conn": .integer(socket), "type": "ack"]))
            let ordinal = life.exchanges.count { $0.type == "subscribe" && $0.result == .acknowledge } + 1
            if let snapshot = script.snapshots.snapshot(forSubscribe: ordinal) {
                added += presence(of: snapshot, channel, on: socket, at: answered + snapshot.afterAck.milliseconds)
                members = added.filter { $0.isAbout("peer", "PeerJoined") }
            }
        }
        let ownID = RoomHistory(self, upTo: endIndex, scripted: scripted).ownIDs.last ?? ""
        let all = adding(added).map { line in
            line.addingRemotes(members.filter { $0.milliseconds <= line.milliseconds }, ownID: ownID)
        }
        return Heartbeats.recompute(all, socket: socket, scripted: scripted) ?? all
    }

    /// A snapshot for an empty roster: everyone in it joins, as an object not seen before.
    private func presence(of snapshot: ConnectionScript.Snapshot, _ channel: String, on socket: Int64, at time: Int64) -> [GoldenLine] {
        let ids = JSONValue.array(snapshot.joined.map { $0["peerId"] ?? .null })
        let members: JSONObject = ["channel": .string(snapshot.channel ?? channel), "joined": ids, "left": .array([])]
        var frame: JSONObject = ["conn": .integer(socket), "type": "presence"]
        for (key, value) in members { frame[key] = value }
        var lines = [GoldenLine(time, "server", "frame", frame), GoldenLine(time, "client", "Presence", members)]
        guard snapshot.channel == nil || snapshot.channel == channel else { return lines }
        var object = compactMap { $0.isAbout("peer", "PeerJoined") ? $0.integer("obj") : nil }.max() ?? 0
        for member in snapshot.joined {
            object += 1
            lines.append(
                GoldenLine(
                    time, "peer", "PeerJoined",
                    ["id": member["peerId"] ?? .null, "obj": .integer(object), "state": "idle", "metadata": member["metadata"] ?? .null]))
        }
        return lines
    }
}
