import CompactJSON

/// The lines of a golden that belong to one link, and their replacement.
struct LinkLines {
    let id: String
    let scripted: GoldenCase

    /// Whether a line is one that ``LinkModel`` tells of, acknowledgements apart (they do not say what they are for).
    func isOfLink(_ line: GoldenLine) -> Bool {
        switch (line.who, line.what) {
        case ("client", "send"): line.string("to") == id && line.fields["sig"] != nil
        case ("remote:\(id)", "state"), ("remote:\(id)", "NegotiationError"): true
        case ("app", "call"), ("app", "result"):
            line.integer("id").flatMap(scripted.entry)?.isReaction(to: id) ?? false
        default: isAnswer(line)
        }
    }

    /// An answer to an offer of ours; the end of candidates behind it follows it in the same way as in the model.
    private func isAnswer(_ line: GoldenLine) -> Bool {
        guard line.string("from") == id, line.who == "client" ? line.what == "Direct" : line.isAbout("server", "frame") else {
            return false
        }
        if line.string("sig") == "ice-end" { return true }
        guard line.string("sig") == "answer" else { return false }
        return line.string("ufrag").map { $0.hasPrefix("r-\(id)-") } ?? true
    }

    /// What two lines must agree on to be the same; the texts of errors are the SDK's.
    private static func key(_ line: GoldenLine) -> GoldenLine {
        var line = line
        line.fields["text"] = nil
        line.fields["code"] = nil
        // BEY-18: a plain exception is a timeout whose type was lost.
        if line.string("error") == "Exception" { line.fields["error"] = "AckTimeoutError" }
        return line
    }

    /// Whether the model tells what the lines tell.
    func agree(_ lines: [GoldenLine], _ model: [GoldenLine]) -> Bool {
        compared(lines) == compared(model)
    }

    /// The link's lines that decide, in order for each `who`.
    func compared(_ lines: [GoldenLine]) -> [GoldenLine] {
        let own = lines.filter { isOfLink($0) && $0.who != "server" }.map(Self.key)
        return own.filter { $0.who == "client" } + own.filter { $0.who != "client" }
    }

    /// The lines with what the one model told replaced by what the other tells. What both tell stays where it is.
    func replacing(_ old: [GoldenLine], by new: [GoldenLine], in lines: [GoldenLine]) -> [GoldenLine] {
        // Whole instants, so that what happens in one keeps its order.
        let instants = Set((Self.difference(old, new) + Self.difference(new, old)).map(\.milliseconds))
        var gone = old.filter { instants.contains($0.milliseconds) }.map(Self.key)
        let added = new.filter { instants.contains($0.milliseconds) }
        let kept = lines.filter { line in
            guard let index = gone.firstIndex(where: { $0 == Self.key(line) }) else { return true }
            gone.remove(at: index)
            return false
        }
        var result = kept.adding(added)
        for socket in SocketLife.ordinals(in: result) {
            result = Heartbeats.recompute(result, socket: socket, scripted: scripted) ?? result
        }
        return settingStates(SignalOrder(result).sorted(result, at: instants))
    }

    private static func difference(_ left: [GoldenLine], _ right: [GoldenLine]) -> [GoldenLine] {
        var right = right.map(key)
        return left.map(key).filter { line in
            guard let index = right.firstIndex(of: line) else { return true }
            right.remove(at: index)
            return false
        }
    }

    /// The lines with the link's state in dumps as the state lines have it.
    private func settingStates(_ lines: [GoldenLine]) -> [GoldenLine] {
        var state = JSONValue.string("idle")
        return lines.map { line in
            if line.isAbout("peer", "PeerJoined"), line.string("id") == id { state = line.fields["state"] ?? state }
            if line.isAbout("remote:\(id)", "state") { state = line.fields["to"] ?? state }
            return line.mappingRemotes { remote in
                guard remote["id"]?.stringValue == id else { return remote }
                var remote = remote
                remote["state"] = state
                return remote
            }
        }
    }
}
