import CompactJSON

extension Transformation {
    /// close() sends its close frame at once; the official peer first waits for its peer connections to close.
    static let closeWaitsForNoLink = Transformation(name: "close() does not wait for peer connections", rule: "SIG-16") { lines, scripted in
        guard scripted.target == .peer, let wait = ClosingLinks(lines, scripted: scripted) else { return nil }
        return wait.applied(to: lines)
    }
}

/// The time between a peer's close() and the close frame that follows it.
private struct ClosingLinks {
    private static let reports: Set<String> = ["Presence", "Message", "Direct", "ServerError", "GoingAway"]

    let called: Int64
    let call: Int
    let frame: Int
    let delay: Int64

    /// Nil if close() waits for nothing, or for more than links.
    init?(_ lines: [GoldenLine], scripted: GoldenCase) {
        guard let call = lines.firstIndex(where: { $0.isPeerState(to: "leaving") }),
            let frame = lines[call...].firstIndex(where: { $0.isAbout("client", "closeFrame") }),
            lines[frame].milliseconds > lines[call].milliseconds,
            !lines[call..<frame].contains(where: { $0.isAbout("client", "socketClosed") }),
            let socket = lines[frame].integer("conn"), scripted.server.connection(Int(socket)).blackHoles.isEmpty
        else { return nil }
        (self.call, self.frame) = (call, frame)
        called = lines[call].milliseconds
        delay = lines[frame].milliseconds - called
    }

    func applied(to lines: [GoldenLine]) -> [GoldenLine] {
        let ending = lines.indices.filter { $0 >= frame && isOfTheEnd(lines[$0], in: lines) }
        let kept = lines.indices.filter { index in !ending.contains(index) && !isUnheard(index, lines[index]) }.map { lines[$0] }
        return kept.adding(ending.map { lines[$0].at(lines[$0].milliseconds - delay) })
    }

    /// What the close frame brings about.
    private func isOfTheEnd(_ line: GoldenLine, in lines: [GoldenLine]) -> Bool {
        if line.who == "client" { return !Self.reports.contains(line.what) }
        if line.isAbout("app", "result"), let id = line.integer("id") {
            return lines[..<frame].contains { $0.isAbout("app", "call") && $0.integer("id") == id }
        }
        return line.who == "peer"
    }

    /// What only a connection that is still open hears and sends.
    private func isUnheard(_ index: Int, _ line: GoldenLine) -> Bool {
        guard index > call, line.milliseconds > called else { return false }
        return line.who == "client" && (Self.reports.contains(line.what) || line.what == "send") || line.isAbout("peer", "Data")
    }
}
