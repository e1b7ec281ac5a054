import CompactJSON

extension Transformation {
    /// What looks like a signal is never shown as data, well-formed or not; the official SDK shows a malformed one.
    static let signalsAreNeverData = Transformation(name: "a malformed signal is not data", rule: "WIRE-09") { lines, _ in
        let result = lines.filter { !($0.isAbout("peer", "Data") && $0.string("kind") == "direct" && $0.looksLikeASignal) }
        return result.count < lines.count ? result : nil
    }

    /// A payload counts as many bytes as it has on the wire; the official SDK counts the escapes of a text that it does not send.
    static let payloadsCountAsSent = Transformation(name: "a payload counts as it is sent", rule: "BEY-20, WIRE-05") { lines, scripted in
        var result = lines
        for (index, line) in lines.enumerated() where line.isAbout("app", "result") && line.string("error") == "MeteredPeerOversizedError" {
            guard let id = line.integer("id"), let cap = line.integer("cap"), let call = lines.call(at: index, scripted: scripted),
                let started = lines.firstIndex(where: { $0.isAbout("app", "call") && $0.integer("id") == id })
            else { continue }
            let history = RoomHistory(lines, upTo: started, scripted: scripted)
            guard let frame = call.frame(channel: history.channel ?? ""), let size = try? frame["data"]?.encoded().count else { continue }
            if size > cap {
                result = result.map { $0 == line ? $0.with("size", .integer(Int64(size))) : $0 }
            } else if let socket = history.socket {
                result = result.sending(frame, for: id, call, at: lines[started].milliseconds, socket: socket, scripted: scripted)
            }
        }
        return result == lines ? nil : result
    }

    /// A loss fails what was in flight before it shows in any state; in the official SDK the state comes first.
    static let lossFailsRequestsFirst = Transformation(name: "a loss fails what was in flight first", rule: "SIG-10") { lines, _ in
        var result = lines
        for index in lines.indices where lines[index].what == "NegotiationError" && lines[index].string("error") == "DisconnectedError" {
            let error = lines[index]
            guard
                let state = result.firstIndex(where: {
                    $0.isAbout(error.who, "state") && $0.string("to") == "reconnecting" && $0.milliseconds == error.milliseconds
                }), let place = result.firstIndex(of: error), state < place
            else { continue }
            result.remove(at: place)
            result.insert(error, at: state)
        }
        return result == lines ? nil : result
    }

    /// Scrubbing an error leaves its type; the official SDK makes a plain `Exception` of one that it cannot build anew.
    static let errorsKeepTheirTypes = Transformation(name: "an error keeps its type", rule: "BEY-18") { lines, _ in
        let result = lines.map { line in
            guard line.what == "NegotiationError", line.string("error") == "Exception", line.string("text")?.contains("timed out") ?? false
            else { return line }
            return line.with("error", "AckTimeoutError")
        }
        return result == lines ? nil : result
    }
}

extension GoldenLine {
    /// Whether the payload has the shape of a description, a candidate or a track's metadata.
    fileprivate var looksLikeASignal: Bool { fields["sig"] != nil || fields["data"]?["__meteredTrackMeta"] != nil }
}
