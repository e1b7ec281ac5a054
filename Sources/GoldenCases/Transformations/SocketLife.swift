import CompactJSON
import NIOCore

/// A request of the client in a golden, with what the script made of it.
struct Exchange {
    /// The index of the `send` line.
    let send: Int
    /// When it was sent.
    let sent: Int64
    /// The request as the service saw it (without its requestId).
    let frame: JSONObject
    /// What the service answers.
    let result: AcknowledgementScript.Result
    /// When the answer arrives.
    let answered: Int64
    /// When the presence of an acknowledged subscribe arrives, if any does.
    let presence: Int64?

    /// The channel of the request.
    var channel: String? { frame["channel"]?.stringValue }
    /// The request's type.
    var type: String? { frame["type"]?.stringValue }
}

/// What a golden tells about one socket.
struct SocketLife {
    /// The connection attempt's ordinal.
    let ordinal: Int64
    /// When the client closed it or saw it closed, or nil if it outlived the run.
    let ended: Int64?
    /// Its requests in order.
    let exchanges: [Exchange]

    init(_ ordinal: Int64, in lines: [GoldenLine], scripted: GoldenCase) {
        self.ordinal = ordinal
        let own = lines.indices.filter { lines[$0].who == "client" && lines[$0].integer("conn") == ordinal }
        ended = own.first { ["closeFrame", "abort", "socketClosed"].contains(lines[$0].what) }.map { lines[$0].milliseconds }
        let script = scripted.server.connection(Int(ordinal))
        var answers = RequestAnswers(script.acknowledgement)
        var subscribes = 0
        exchanges = own.compactMap { index in
            let line = lines[index]
            guard line.what == "send", line.string("type") != "ping" else { return nil }
            let frame = Self.frame(line)
            let answer = answers.answer(frame)
            let answered = line.milliseconds + answer.latency.milliseconds
            var presence: Int64?
            if answer.result == .acknowledge, frame["type"]?.stringValue == "subscribe" {
                subscribes += 1
                presence = script.snapshots.snapshot(forSubscribe: subscribes).map { answered + $0.afterAck.milliseconds }
            }
            return Exchange(
                send: index, sent: line.milliseconds, frame: frame, result: answer.result, answered: answered, presence: presence)
        }
    }

    /// The frame that a `send` line stands for.
    static func frame(_ line: GoldenLine) -> JSONObject {
        var frame = line.fields
        frame["conn"] = nil
        if frame["includeSenderMetadata"]?.boolValue == false { frame["includeSenderMetadata"] = nil }
        return frame
    }

    /// The ordinals of all sockets on which the client did something, in order.
    static func ordinals(in lines: [GoldenLine]) -> [Int64] {
        var seen: Set<Int64> = []
        return lines.filter { $0.who == "client" }.compactMap { $0.integer("conn") }.filter { seen.insert($0).inserted }.sorted()
    }
}

extension TimeAmount {
    /// Whole milliseconds.
    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}

extension [GoldenLine] {
    /// The indices of the lines that these exchanges caused: requests, answers, presences and what the client reports of those.
    func indices(of exchanges: [Exchange], on life: SocketLife) -> Set<Int> {
        var found: Set<Int> = []
        func take(_ matches: (GoldenLine) -> Bool) {
            if let index = indices.first(where: { !found.contains($0) && matches(self[$0]) }) { found.insert(index) }
        }
        func frame(_ line: GoldenLine, _ type: String, at time: Int64) -> Bool {
            line.isAbout("server", "frame") && line.integer("conn") == life.ordinal && line.string("type") == type
                && line.milliseconds == time
        }
        for exchange in exchanges {
            found.insert(exchange.send)
            switch exchange.result {
            case .acknowledge: take { frame($0, "ack", at: exchange.answered) }
            case .error(let code, _): take { frame($0, "error", at: exchange.answered) && $0.string("code") == code }
            case .none: break
            }
            guard let presence = exchange.presence else { continue }
            take { frame($0, "presence", at: presence) && $0.string("channel") == exchange.channel }
            take { $0.isAbout("client", "Presence") && $0.milliseconds == presence && $0.string("channel") == exchange.channel }
        }
        return found
    }

    /// The lines without the exchanges, with the heartbeats of the socket as they are without them.
    func removing(_ exchanges: [Exchange], on life: SocketLife, scripted: GoldenCase) -> [GoldenLine] {
        let gone = indices(of: exchanges, on: life)
        let kept = indices.filter { !gone.contains($0) }.map { self[$0] }
        return Heartbeats.recompute(kept, socket: life.ordinal, scripted: scripted) ?? kept
    }

    /// The application's call behind the line at this index, if it is a `call` or `result` line.
    func call(at index: Int, scripted: GoldenCase) -> AppCall? { entry(at: index, scripted: scripted)?.call }

    /// The application's entry behind the line at this index, if it is a `call` or `result` line.
    func entry(at index: Int, scripted: GoldenCase) -> AppEntry? {
        guard self[index].who == "app", ["call", "result"].contains(self[index].what) else { return nil }
        return self[index].integer("id").flatMap(scripted.entry)
    }
}

extension GoldenCase {
    /// The application's entry of this number, from 1, if there is one.
    func entry(_ number: Int64) -> AppEntry? { (1...Int64(app.count + 1)).contains(number) ? app.dropFirst(Int(number) - 1).first : nil }
}
