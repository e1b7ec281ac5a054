import CompactJSON

extension Transformation {
    /// With our close frame a connection is over: what arrives until its end is not reported and answers nothing, and a call made meanwhile finds no
    /// connection. The official client goes on reading, and lets calls wait for the end.
    static let closingConnectionIsOver = Transformation(name: "nothing is heard behind our close frame", rule: "SIG-16, BEY-03") {
        lines, scripted in
        var result = lines
        for ordinal in SocketLife.ordinals(in: lines) {
            guard let window = ClosingWindow(ordinal, in: result, scripted: scripted) else { continue }
            result = window.applied(to: result, scripted: scripted)
        }
        return result == lines ? nil : result
    }
}

/// The lines between a close frame of ours and the end of the connection.
private struct ClosingWindow {
    let socket: Int64
    /// The indices behind the close frame and before the line of the end.
    let indices: Range<Int>
    let start: Int64
    let end: Int64
    /// Whether close() sent the frame.
    let isClose: Bool

    init?(_ ordinal: Int64, in lines: [GoldenLine], scripted: GoldenCase) {
        guard let frame = lines.firstIndex(where: { $0.isAbout("client", "closeFrame") && $0.integer("conn") == ordinal }) else {
            return nil
        }
        let last = lines[frame...].firstIndex { line in
            line.isAbout("client", "socketClosed") && line.integer("conn") == ordinal
                || line.isAbout("client", "state") && line.string("to") == "closed"
        }
        socket = ordinal
        indices = frame + 1..<(last ?? lines.endIndex)
        start = lines[frame].milliseconds
        end = last.map { lines[$0].milliseconds } ?? scripted.end.milliseconds
        let start = start
        isClose = lines.contains { $0.isAbout("app", "call") && $0.string("do") == "close" && $0.milliseconds == start }
    }

    private static let reports: Set<String> = ["Presence", "Message", "Direct", "ServerError", "GoingAway"]

    func applied(to lines: [GoldenLine], scripted: GoldenCase) -> [GoldenLine] {
        var result = lines
        let welcomed = isClose ? lines[indices].first { $0.isAbout("client", "state") && $0.string("to") == "connected" } : nil
        // From the back, so that the indices of the window stay true.
        let heard = indices.filter { Self.reports.contains(lines[$0].what) && lines[$0].who == "client" }.map { lines[$0].milliseconds }
        for index in indices.reversed()
        where isUnheard(lines[index], afterWelcome: welcomed != nil) || lines[index].isPassedOn && heard.contains(lines[index].milliseconds)
        {
            result.remove(at: index)
        }
        if let previous = welcomed?.fields["from"],
            let last = result.firstIndex(where: { $0.isAbout("client", "state") && $0.string("to") == "closed" && $0.milliseconds >= end })
        {
            result[last] = result[last].with("from", previous)
        }
        for call in lines.indices where lines[call].isAbout("app", "call") {
            guard let id = lines[call].integer("id"), let ending = ending(ofCall: call, id, in: lines) else { continue }
            result = Self.replacing(id, by: ending, in: result)
        }
        return result
    }

    private func isUnheard(_ line: GoldenLine, afterWelcome: Bool) -> Bool {
        guard line.who == "client" else { return false }
        if Self.reports.contains(line.what) { return true }
        guard afterWelcome else { return false }
        return line.what == "Connected" || line.what == "state" && line.string("to") == "connected" || line.what == "send"
    }

    /// How a call ends instead that ended in the window, or was made in it; nil if nothing changes.
    private func ending(ofCall call: Int, _ id: Int64, in lines: [GoldenLine]) -> GoldenLine? {
        guard let name = lines[call].string("do"), name != "close" else { return nil }
        let index = lines.firstIndex { $0.isAbout("app", "result") && $0.integer("id") == id }
        let result = index.map { lines[$0] }
        var failure = GoldenLine(end, "app", "result", ["id": .integer(id), "do": .string(name), "ok": false])
        if indices.contains(call) {
            // The official client's call waits for the end of the connection, which may never come.
            guard name != "connect", result == nil || result?.string("error") == "DisconnectedError" else { return nil }
            failure.fields["error"] = "NotConnectedError"
            return failure.at(lines[call].milliseconds)
        }
        guard let index, indices.contains(index), let result else { return nil }
        guard result.fields["ok"] == true || result.string("error") == "ServerRequestError", name != "connect" || isClose else {
            return nil
        }
        failure.fields["error"] = name == "connect" ? "SignallingError" : "DisconnectedError"
        return failure
    }

    /// The lines with a call's result replaced, in its place in time: before what else happens later, behind what happened before.
    private static func replacing(_ id: Int64, by line: GoldenLine, in lines: [GoldenLine]) -> [GoldenLine] {
        var result = lines.filter { !($0.isAbout("app", "result") && $0.integer("id") == id) }
        let place = result.firstIndex {
            $0.milliseconds > line.milliseconds || $0.milliseconds == line.milliseconds && $0.isAbout("app", "result")
        }
        result.insert(line, at: place ?? result.endIndex)
        return result
    }
}

extension GoldenLine {
    /// What a peer passes on of what its client reports.
    fileprivate var isPassedOn: Bool {
        isAbout("peer", "Data") || isAbout("peer", "FatalError") && string("text")?.hasPrefix("server error") == true
    }
}
