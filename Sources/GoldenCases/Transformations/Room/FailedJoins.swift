import CompactJSON

extension Transformation {
    /// A connection lost before the channel was joined fails the join and leaves the peer as it was; the official SDK closes the peer for good.
    static let lostJoinLeavesThePeerIdle = Transformation(name: "a failed join leaves the peer idle", rule: "BEY-02") { lines, _ in
        var gone: Set<Int> = []
        var result = lines
        for (index, line) in lines.enumerated() where line.isPeerState(to: "closed") {
            guard let from = line.string("from"), ["joining", "idle"].contains(from),
                let left = lines.index(after: index, where: { $0.isAbout("peer", "Left") && $0.milliseconds == line.milliseconds }),
                lines[..<index].contains(where: { $0.isAbout("client", "Disconnected") && $0.milliseconds == line.milliseconds })
            else { continue }
            if from == "idle" { gone.insert(index) } else { result[index] = line.with("to", "idle") }
            gone.insert(left)
            for error in lines.indices where lines[error].isAbout("peer", "FatalError") && lines[error].milliseconds == line.milliseconds {
                gone.insert(error)
            }
            let closing = lines.index(after: index, where: \.isCloseCall) ?? lines.endIndex
            for later in lines.indices where later > index && later < closing { result[later] = lines[later].inAnIdlePeer }
        }
        guard !gone.isEmpty else { return nil }
        return result.indices.filter { !gone.contains($0) }.flatMap { index in
            // A close() finds a peer to close.
            let isClose = lines[index].isCloseCall && lines[..<index].contains { $0.isPeerState(to: "closed") }
            let isFirst = !lines[..<index].contains { $0.isCloseCall }
            let closed = GoldenLine(lines[index].milliseconds, "peer", "state", ["from": "idle", "to": "closed"])
            return isClose && isFirst ? [result[index], closed] : [result[index]]
        }
    }

    /// A join whose subscribe got no answer is taken back: the service may have subscribed us all the same.
    static let failedJoinUnsubscribes = Transformation(name: "a join without an answer is taken back", rule: "BEY-02") { lines, scripted in
        var result = lines
        for (index, line) in lines.enumerated() where line.isAbout("app", "result") && line.string("error") == "AckTimeoutError" {
            guard case .peer(.join(let channel, _))? = lines.call(at: index, scripted: scripted) else { continue }
            let history = RoomHistory(lines, upTo: index, scripted: scripted)
            guard let socket = history.socket else { continue }
            var answers = RequestAnswers(scripted.server.connection(Int(socket)).acknowledgement)
            for exchange in SocketLife(socket, in: result, scripted: scripted).exchanges { _ = answers.answer(exchange.frame) }
            let frame: JSONObject = ["type": "unsubscribe", "channel": .string(channel)]
            let answer = answers.answer(frame)
            var added = [
                GoldenLine(
                    line.milliseconds, "client", "send", ["conn": .integer(socket), "type": "unsubscribe", "channel": .string(channel)])
            ]
            let accepted = lines.first { $0.isAbout("server", "accept") && $0.integer("n") == socket }?.milliseconds ?? 0
            let answered = scripted.server.connection(Int(socket)).answerTime(
                sent: line.milliseconds, latency: answer.latency.milliseconds, accepted: accepted)
            if answer.result != .none, let answered {
                added.append(GoldenLine(answered, "server", "frame", ["conn": .integer(socket), "type": "ack"]))
            }
            result = result.adding(added.filter { $0.milliseconds < scripted.end.milliseconds })
            result = Heartbeats.recompute(result, socket: socket, scripted: scripted) ?? result
        }
        return result == lines ? nil : result
    }

    /// close() ends a join at once, as it ends a first connect; in the official SDK the join waits for the end of the connection.
    static let closeEndsAJoin = Transformation(name: "close() ends a join at once", rule: "SIG-16") { lines, scripted in
        var result = lines
        for (index, close) in lines.enumerated() where close.isAbout("app", "call") && close.string("do") == "close" {
            guard scripted.target == .peer, RoomHistory(lines, upTo: index, scripted: scripted).state == "joining",
                let join = lines[..<index].last(where: { $0.isAbout("app", "call") && $0.string("do") == "join" })?.integer("id"),
                let ended = result.firstIndex(where: { $0.isAbout("app", "result") && $0.integer("id") == join }),
                result[ended].fields["ok"] == false
            else { continue }
            var failure: JSONObject = ["id": .integer(join), "do": "join", "ok": false]
            failure["error"] = "SignallingError"
            let line = GoldenLine(close.milliseconds, "app", "result", failure)
            result.remove(at: ended)
            result.insertResult(line)
        }
        return result == lines ? nil : result
    }

    /// A close() of a peer that is not in a channel ends its connection first, and says `closed` last.
    static let closedIsTheLastWord = Transformation(name: "closed is the last word of close()", rule: "SIG-16") { lines, _ in
        var result = lines
        for line in lines where line.isPeerState(to: "closed") && line.string("from") == "idle" {
            guard let call = lines.last(where: { $0.isCloseCall && $0.milliseconds == line.milliseconds }), let id = call.integer("id"),
                let returned = lines.first(where: { $0.isAbout("app", "result") && $0.integer("id") == id }),
                returned.milliseconds > line.milliseconds, let place = result.firstIndex(of: line)
            else { continue }
            result.remove(at: place)
            result = result.adding([line.at(returned.milliseconds)])
        }
        return result == lines ? nil : result
    }

    /// A close() during another one returns with it; in the official SDK that of a peer returns at once, before anything is closed, and that of a client
    /// waits anew.
    static let closesReturnTogether = Transformation(name: "a second close() returns with the first", rule: "SIG-16") { lines, _ in
        var result = lines
        func returned(_ id: Int64) -> GoldenLine? { result.first { $0.isAbout("app", "result") && $0.integer("id") == id } }
        for (index, call) in lines.enumerated() where call.isCloseCall {
            guard let id = call.integer("id"), let own = returned(id),
                let first = lines[..<index].first(where: { earlier in
                    guard earlier.isCloseCall, let end = earlier.integer("id").flatMap(returned) else { return false }
                    return end.milliseconds > call.milliseconds
                }), let end = first.integer("id").flatMap(returned), own.milliseconds != end.milliseconds
            else { continue }
            result.removeAll { $0 == own }
            guard let place = result.firstIndex(of: end) else { continue }
            result.insert(own.at(end.milliseconds), at: place + 1)
        }
        return result == lines ? nil : result
    }

    /// A join after a failed first connect connects; in the official SDK it can only fail.
    static let joinCanBeRetried = Transformation(name: "a join can be retried", rule: "BEY-02") { lines, scripted in
        guard scripted.target == .peer else { return nil }
        var result = lines
        for (index, call) in lines.enumerated() where call.isAbout("app", "call") {
            guard case .peer(.join(let channel, let includes))? = lines.call(at: index, scripted: scripted), let id = call.integer("id"),
                let failed = result.firstIndex(where: { $0.isAbout("app", "result") && $0.integer("id") == id }),
                result[failed].isUnfairRefusal(RoomHistory(result, upTo: failed, scripted: scripted)),
                let attempt = RetriedJoin(id, channel, includes, at: call.milliseconds, in: result, scripted: scripted)
            else { continue }
            result = attempt.applied(to: result)
        }
        return result == lines ? nil : result
    }
}

extension Transformation {
    /// A name that is no channel is refused at the call; the official SDK connects first. A later join is the one that connects.
    static let invalidJoinNeverConnects = Transformation(name: "a join of an invalid channel does not connect", rule: "WIRE-05") {
        lines, scripted in
        guard let call = lines.firstIndex(where: { $0.isAbout("app", "call") && $0.string("do") == "join" }),
            let refused = lines.firstIndex(where: { $0.isAbout("app", "result") && $0.fields["id"] == lines[call].fields["id"] }),
            lines[refused].string("error") == "ValueError", lines.contains(where: { $0.isAbout("client", "Connected") })
        else { return nil }
        let calls = lines.indices.filter { $0 > call && lines[$0].isAbout("app", "call") }
        guard calls.count < 2, calls.allSatisfy({ lines[$0].string("do") == "join" }) else { return nil }
        var idle = lines.filter { $0.who == "app" }.map { line in
            line.isStateOfAll ? line.with("client", "idle").with("peer", "idle").with("openSockets", []) : line
        }
        idle.removeAll { $0 == lines[refused] }
        idle.insert(lines[refused].at(lines[call].milliseconds), at: (idle.firstIndex(of: lines[call]) ?? 0) + 1)
        guard let next = calls.first, case .peer(.join(let channel, let includes))? = lines.call(at: next, scripted: scripted),
            let id = lines[next].integer("id"),
            let join = RetriedJoin(id, channel, includes, at: lines[next].milliseconds, in: idle, scripted: scripted)
        else { return calls.isEmpty ? idle : nil }
        return join.applied(to: idle)
    }
}

/// A join that connects, on a service that does nothing unusual meanwhile.
private struct RetriedJoin {
    let id: Int64
    let channel: String
    let includes: Bool
    let called: Int64
    let socket: Int64
    let script: ConnectionScript
    let welcome: ConnectionScript.Welcome
    let latency: Int64
    let end: Int64
    let credential: JSONValue
    /// The ordinal of the call of the token provider, if there is one.
    let tokenCall: Int64?
    /// The client's state before.
    let former: String
    /// Whether the client's events are still told.
    let isHeard: Bool
    let scripted: GoldenCase

    /// Nil if the attempt is more than this arithmetic: the service refuses it or has plans for it.
    init?(_ id: Int64, _ channel: String, _ includes: Bool, at time: Int64, in lines: [GoldenLine], scripted: GoldenCase) {
        let dials = lines.filter { $0.isAbout("client", "connectAttempt") }
        guard dials.allSatisfy({ $0.milliseconds < time }) else { return nil }
        switch scripted.options.authentication {
        case .apiKey:
            credential = dials.last?.fields["cred"] ?? "key=pk_test"
            tokenCall = nil
        case .token:
            let ordinal = lines.count { $0.isAbout("app", "tokenCall") } + 1
            guard case .ok(let token, after: .zero) = scripted.token.call(ordinal) else { return nil }
            credential = .string("token=\(token ?? "tok-\(ordinal)")")
            tokenCall = Int64(ordinal)
        }
        former = lines.contains { $0.isAbout("client", "state") && $0.milliseconds < time } ? "closed" : "idle"
        isHeard = !lines.contains { $0.isAbout("client", "Connected") && $0.milliseconds < time }
        socket = (dials.compactMap { $0.integer("n") }.max() ?? 0) + 1
        script = scripted.server.connection(Int(socket))
        guard case .accept(let latency) = script.connect, let welcome = script.welcome, script.steps.isEmpty, script.blackHoles.isEmpty,
            script.acknowledgement.overrides.isEmpty, scripted.server.steps.isEmpty, case .always(let snapshot) = script.snapshots,
            snapshot.joined.isEmpty, snapshot.channel == nil
        else { return nil }
        self.scripted = scripted
        (self.id, self.channel, self.includes, called) = (id, channel, includes, time)
        self.latency = latency.milliseconds
        self.welcome = welcome
        end = scripted.end.milliseconds
    }

    func applied(to lines: [GoldenLine]) -> [GoldenLine] {
        let welcomed = called + latency + welcome.after.milliseconds
        let acknowledged = welcomed + script.acknowledgement.latency.milliseconds
        guard case .always(let snapshot) = script.snapshots else { return lines }
        let kept = lines.compactMap { line in keeping(line, joined: acknowledged) }
        let presence = acknowledged + snapshot.afterAck.milliseconds
        let peerID = welcome.members["peerId"] ?? .null
        let frame: JSONObject = ["conn": .integer(socket), "type": "subscribe", "channel": .string(channel)]
        let token = tokenCall.map { GoldenLine(called, "app", "tokenCall", ["n": .integer($0)]) }
        let made = [
            GoldenLine(called, "peer", "state", ["from": "idle", "to": "joining"]),
            GoldenLine(called, "client", "state", ["from": .string(former), "to": "connecting"]),
            GoldenLine(called, "client", "connectAttempt", ["n": .integer(socket), "cred": credential]),
            GoldenLine(called + latency, "server", "accept", ["n": .integer(socket)]),
            GoldenLine(welcomed, "server", "frame", ["conn": .integer(socket), "type": "welcome", "peerId": peerID]),
            GoldenLine(welcomed, "client", "state", ["from": "connecting", "to": "connected"]),
            GoldenLine(
                welcomed, "client", "Connected",
                [
                    "peerId": peerID, "isReconnect": false, "maxMessageSize": welcome.members["maxMessageSize"] ?? .null,
                    "expiresAt": welcome.members["expiresAt"] ?? .null, "iceServers": .null,
                ]),
            GoldenLine(welcomed, "client", "send", frame.with("includeSenderMetadata", .bool(includes))),
            GoldenLine(acknowledged, "server", "frame", ["conn": .integer(socket), "type": "ack"]),
            GoldenLine(acknowledged, "peer", "state", ["from": "joining", "to": "joined"]),
            GoldenLine(acknowledged, "peer", "Joined", ["peerId": peerID, "channel": .string(channel)]),
            GoldenLine(acknowledged, "app", "result", ["id": .integer(id), "do": "join", "ok": true]),
            GoldenLine(
                presence, "server", "frame",
                ["conn": .integer(socket), "type": "presence", "channel": .string(channel), "joined": [], "left": []]),
            GoldenLine(presence, "client", "Presence", ["channel": .string(channel), "joined": [], "left": []]),
        ]
        // FORMAT.md, "Listener rules": of a session that had been welcomed nobody hears events any more.
        let heard = isHeard ? made : made.filter { $0.who != "client" || !["state", "Connected", "Presence"].contains($0.what) }
        let all = kept.adding((heard + [token].compactMap { $0 }).filter { $0.milliseconds < end })
        return Heartbeats.recompute(all, socket: socket, scripted: scripted) ?? all
    }

    /// A line of the golden as it is when the join succeeds, or nil if there is none then. A further join finds the peer joined.
    private func keeping(_ line: GoldenLine, joined: Int64) -> GoldenLine? {
        guard line.milliseconds >= called else { return line }
        if line.isAbout("app", "result"), line.integer("id") == id { return nil }
        if line.isAbout("peer", "state") { return nil }
        if line.isAbout("app", "result"), line.string("error") == "NotConnectedError", line.string("do") == "join" {
            return line.with("error", "MeteredPeerStateError").with("code", "invalid_state")
        }
        guard line.isStateOfAll, line.milliseconds > joined else { return line }
        return line.with("client", "connected").with("peer", "joined").with("openSockets", .array([.integer(socket)]))
    }
}

extension GoldenLine {
    /// A line behind a loss that closed the official SDK's peer, as it is with a peer that is idle: it takes media.
    fileprivate var inAnIdlePeer: GoldenLine {
        if isStateOfAll, string("peer") == "closed" { return with("peer", "idle") }
        guard isAbout("app", "result"), ["addTrack", "removeTrack"].contains(string("do")), string("code") == "invalid_state" else {
            return self
        }
        var line = with("ok", true)
        for key in ["error", "text", "code"] { line.fields[key] = nil }
        return line
    }

    /// Whether a join failed only because an earlier one had.
    fileprivate func isUnfairRefusal(_ history: RoomHistory) -> Bool {
        string("error") == "NotConnectedError" || string("error") == "MeteredPeerStateError" && history.state == "idle"
    }

    fileprivate var isCloseCall: Bool { isAbout("app", "call") && string("do") == "close" }
}

extension [GoldenLine] {
    /// Inserts the result of a call before the other results of its instant.
    fileprivate mutating func insertResult(_ line: GoldenLine) {
        let place = firstIndex {
            $0.milliseconds > line.milliseconds || $0.isAbout("app", "result") && $0.milliseconds == line.milliseconds
        }
        insert(line, at: place ?? endIndex)
    }
}

extension JSONObject {
    /// The object with a member set.
    fileprivate func with(_ key: String, _ value: JSONValue) -> JSONObject {
        var object = self
        object[key] = value
        return object
    }
}
