import CompactJSON

extension Transformation {
    /// The members are announced when the peer has joined; the official SDK announces them before.
    static let peersJoinBehindJoined = Transformation(name: "peer-joined comes behind joined", rule: "BEY-19, ROS-07") {
        lines, scripted in
        var result = lines
        var waiting: [Int] = []
        var moves: [(from: [Int], behind: Int)] = []
        var isAway = false
        for (index, line) in lines.enumerated() where line.who == "peer" {
            switch line.what {
            case "PeerJoined" where isAway: waiting.append(index)
            case "Joined":
                if !waiting.isEmpty { moves.append((waiting, index)) }
                waiting = []
            case "state":
                isAway = ["joining", "reconnecting"].contains(line.string("to"))
                // The first join is told by a line of its own, which follows.
                if line.isPeerState(to: "joined"), line.string("from") == "reconnecting", !waiting.isEmpty {
                    moves.append((waiting, index))
                    waiting = []
                } else if !line.isPeerState(to: "joined") {
                    waiting = []
                }
            default: break
            }
        }
        for move in moves.reversed() {
            let joined = lines[move.behind].milliseconds
            let (departures, unmet) = departures(among: move.from, before: move.behind, in: lines)
            let announced = move.from.filter { !unmet.contains($0) }.map { lines[$0].at(joined) }
            result.insert(contentsOf: announced + departures.map { lines[$0] }.filter { $0.milliseconds == joined }, at: move.behind + 1)
            for index in (move.from + departures).sorted().reversed() { result.remove(at: index) }
            for unmet in unmet.reversed() { result = result.map { $0.without(object: lines[unmet].integer("obj") ?? 0) } }
        }
        let isLater = moves.contains { move in move.from.contains { lines[$0].milliseconds < lines[move.behind].milliseconds } }
        if isLater { return result.relinked(from: lines, decisions: Set(LinkDecision.allCases), scripted: scripted) }
        return moves.isEmpty ? nil : result
    }

    /// Which of the members left again before the peer had joined, as indices of their `PeerLeft` lines; and of those who left at an earlier instant
    /// the indices of their `PeerJoined` lines: nobody ever hears of them.
    private static func departures(among joins: [Int], before end: Int, in lines: [GoldenLine]) -> (left: [Int], unmet: [Int]) {
        var left: [Int] = []
        var unmet: [Int] = []
        for join in joins {
            guard
                let index = lines[join..<end].firstIndex(where: {
                    $0.isAbout("peer", "PeerLeft") && $0.fields["obj"] == lines[join].fields["obj"]
                })
            else { continue }
            left.append(index)
            if lines[index].milliseconds < lines[end].milliseconds { unmet.append(join) }
        }
        return (left, unmet)
    }

    /// A send from a handler of peer-joined finds the peer in the channel; the official SDK refuses it.
    static let handlersFindThePeerJoined = Transformation(name: "a send from a peer-joined handler works", rule: "BEY-19") {
        lines, scripted in
        var result = lines
        for (index, line) in lines.enumerated() where line.isAbout("app", "call") {
            guard let id = line.integer("id"), scripted.entry(id)?.followsPeerJoined == true,
                let call = lines.call(at: index, scripted: scripted),
                let failed = result.firstIndex(where: { $0.isAbout("app", "result") && $0.integer("id") == id }),
                result[failed].string("code") == "not_joined", result[failed].milliseconds == line.milliseconds,
                lines[index...].contains(where: { $0.isAbout("peer", "Joined") && $0.milliseconds == line.milliseconds })
            else { continue }
            let history = RoomHistory(lines, upTo: index, scripted: scripted)
            guard let socket = history.socket, let frame = call.frame(channel: history.channel ?? "") else { continue }
            result = result.sending(frame, for: id, call, at: line.milliseconds, socket: socket, scripted: scripted)
        }
        return result == lines ? nil : result
    }
}

extension GoldenLine {
    /// The line in a run in which nobody ever saw this object: those seen later have the ordinal before.
    fileprivate func without(object: Int64) -> GoldenLine {
        func renumbered(_ fields: JSONObject) -> JSONObject {
            guard let ordinal = fields["obj"]?.int64Value, ordinal > object else { return fields }
            var fields = fields
            fields["obj"] = .integer(ordinal - 1)
            return fields
        }
        var line = mappingRemotes(renumbered)
        if who == "peer" { line.fields = renumbered(fields) }
        return line
    }
}

extension AppEntry {
    /// Whether the entry runs inside the callback that announces a remote peer.
    fileprivate var followsPeerJoined: Bool {
        guard case .line(let match, _, _, let inline) = trigger else { return false }
        return inline && match["what"] == "PeerJoined"
    }
}

extension AppCall {
    /// The request that a peer's call makes.
    func frame(channel: String) -> JSONObject? {
        switch self {
        case .peer(.send(let data)): ["type": "publish", "channel": .string(channel), "data": data]
        case .peer(.sendTo(let to, let data)): ["type": "send", "to": .string(to), "data": data]
        case .connect, .close, .subscribe, .unsubscribe, .publish, .clientSend, .reattach, .dump, .peer: nil
        }
    }
}

extension [GoldenLine] {
    /// The lines with a call's request on the wire that was refused locally, and its result as the service answers.
    func sending(_ frame: JSONObject, for id: Int64, _ call: AppCall, at time: Int64, socket: Int64, scripted: GoldenCase) -> [GoldenLine] {
        var answers = RequestAnswers(scripted.server.connection(Int(socket)).acknowledgement)
        let life = SocketLife(socket, in: self, scripted: scripted)
        for exchange in life.exchanges where exchange.sent <= time { _ = answers.answer(exchange.frame) }
        let answer = answers.answer(frame)
        var sent: JSONObject = ["conn": .integer(socket)]
        for (key, value) in frame where key != "data" { sent[key] = value }
        for (key, value) in PayloadText.members(of: frame["data"] ?? .null) { sent[key] = value }
        var result: JSONObject = ["id": .integer(id), "do": .string(call.name), "ok": true]
        var answered = time + answer.latency.milliseconds
        switch answer.result {
        case .acknowledge: break
        case .error(let code, _):
            result["ok"] = false
            result["error"] = "ServerRequestError"
            result["code"] = .string(code)
        case .none:
            answered = time + Exchange.timeoutMilliseconds
            result["ok"] = false
            result["error"] = "AckTimeoutError"
        }
        let kept = filter { !($0.isAbout("app", "result") && $0.integer("id") == id) }
        var added = [GoldenLine(time, "client", "send", sent)]
        if answer.result != .none { added.append(GoldenLine(answered, "server", "frame", ["conn": .integer(socket), "type": "ack"])) }
        added.append(GoldenLine(answered, "app", "result", result))
        let all = kept.adding(added.filter { $0.milliseconds < scripted.end.milliseconds })
        return Heartbeats.recompute(all, socket: socket, scripted: scripted) ?? all
    }
}
