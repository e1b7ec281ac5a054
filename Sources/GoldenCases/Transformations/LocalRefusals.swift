import CompactJSON

extension Transformation {
    /// A payload larger than the service takes never leaves our client; the official client sends it (its peer class alone checks).
    static let oversizeIsRefusedLocally = Transformation(name: "oversize is refused locally", rule: "BEY-20, WIRE-05") { lines, scripted in
        refuseLocally(lines, scripted) { call, cap in
            let data: JSONValue
            switch call {
            case .publish(_, let payload), .clientSend(_, let payload): data = payload
            case .connect, .close, .subscribe, .unsubscribe, .reattach, .dump, .peer: return nil
            }
            guard let size = try? data.encoded().count, size > cap else { return nil }
            return ["error": "MeteredPeerOversizedError", "size": .integer(Int64(size)), "cap": .integer(cap)]
        }
    }

    /// A reserved channel cannot be joined; the official client leaves that to the service.
    static let reservedChannelIsRefusedLocally = Transformation(name: "reserved channel is refused locally", rule: "WIRE-06") {
        lines, scripted in
        refuseLocally(lines, scripted) { call, _ in
            guard case .subscribe(let channel, _) = call, isReserved(channel) else { return nil }
            return ["error": "ValueError"]
        }
    }

    private static func isReserved(_ channel: String) -> Bool {
        ["_metered/", "_internal/", "_system/"].contains { channel.lowercased().hasPrefix($0) }
    }

    /// Takes away the requests of the calls that our client refuses, replays included, and makes the calls fail at once and for this reason.
    private static func refuseLocally(
        _ lines: [GoldenLine], _ scripted: GoldenCase, _ failure: (_ call: AppCall, _ cap: Int64) -> JSONObject?
    ) -> [GoldenLine]? {
        var result = lines
        for ordinal in SocketLife.ordinals(in: lines) {
            let life = SocketLife(ordinal, in: result, scripted: scripted)
            let cap = cap(ofSocket: ordinal, scripted)
            let calls = scripted.app.map(\.call).filter { failure($0, cap) != nil }
            let refused = life.exchanges.filter { exchange in calls.contains { $0.asks(exchange.frame) } }
            if !refused.isEmpty { result = result.removing(refused, on: life, scripted: scripted) }
        }
        for (index, line) in lines.enumerated() where line.isAbout("app", "call") {
            let cap =
                lines[..<index].last { $0.isAbout("server", "frame") && $0.string("type") == "welcome" }?.integer("conn")
                .map { self.cap(ofSocket: $0, scripted) } ?? defaultCap
            guard let id = line.integer("id"), let call = lines.call(at: index, scripted: scripted), let members = failure(call, cap) else {
                continue
            }
            result = failing(id, with: members, in: result)
        }
        return result == lines ? nil : result
    }

    /// The most that the service takes before a welcome says so (WIRE-05).
    private static let defaultCap: Int64 = 65536

    private static func cap(ofSocket ordinal: Int64, _ scripted: GoldenCase) -> Int64 {
        scripted.server.connection(Int(ordinal)).welcome?.members["maxMessageSize"]?.int64Value ?? defaultCap
    }

    /// The lines with a call's result moved to where it was started, as a failure. What failed on an argument already stays as it is.
    private static func failing(_ id: Int64, with members: JSONObject, in lines: [GoldenLine]) -> [GoldenLine] {
        var result = lines
        if let old = lines.first(where: { $0.isAbout("app", "result") && $0.integer("id") == id }), old.string("error") == "ValueError" {
            return lines
        }
        result.removeAll { $0.isAbout("app", "result") && $0.integer("id") == id }
        guard let place = result.firstIndex(where: { $0.isAbout("app", "call") && $0.integer("id") == id }) else { return lines }
        var fields: JSONObject = ["id": .integer(id), "do": .string(result[place].string("do") ?? ""), "ok": false]
        for (key, value) in members { fields[key] = value }
        result.insert(GoldenLine(result[place].milliseconds, "app", "result", fields), at: place + 1)
        return result
    }
}

extension AppCall {
    /// Whether this call is the one that sends this frame (as far as a golden line shows it).
    func asks(_ frame: JSONObject) -> Bool {
        func has(_ key: String, _ text: String) -> Bool { frame[key]?.stringValue == text }
        switch self {
        case .subscribe(let channel, _): return has("type", "subscribe") && has("channel", channel)
        case .unsubscribe(let channel): return has("type", "unsubscribe") && has("channel", channel)
        case .publish(let channel, let data): return has("type", "publish") && has("channel", channel) && data.isShown(in: frame)
        case .clientSend(let to, let data): return has("type", "send") && has("to", to) && data.isShown(in: frame)
        case .connect, .close, .reattach, .dump, .peer: return false
        }
    }
}

extension JSONValue {
    /// Whether a line's payload members show this value.
    func isShown(in fields: JSONObject) -> Bool { PayloadText.members(of: self).allSatisfy { fields[$0.key]?.means($0.value) ?? false } }
}
