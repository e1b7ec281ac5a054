import CompactJSON

extension Transformation {
    /// A frame that is too large closes the socket with 1009, and that is the code reported; the official client reports 1006.
    static let inboundOversizeKeepsItsCode = Transformation(name: "inbound oversize is reported as 1009", rule: "WIRE-05") { lines, _ in
        var result = lines
        var changed = false
        for oversized in lines where oversized.isAbout("server", "oversized") {
            guard let socket = oversized.integer("conn"),
                let closed = result.firstIndex(where: { $0.isAbout("client", "socketClosed") && $0.integer("conn") == socket }),
                result[closed].integer("code") == 1006, result[closed].milliseconds >= oversized.milliseconds
            else { continue }
            changed = true
            let time = result[closed].milliseconds
            for index in result.indices where result[index].milliseconds == time {
                let line = result[index]
                if index == closed || line.isAbout("client", "Disconnected") && line.integer("code") == 1006 {
                    result[index] = line.with("code", 1009)
                } else if line.isAbout("app", "result"), line.string("do") == "connect", line.integer("closeCode") == 1006 {
                    result[index] = line.with("closeCode", 1009)
                }
            }
        }
        return changed ? result : nil
    }

    /// A client that gives up says so however the last attempt ended; the official client is silent if it did not open.
    static let spentBudgetIsReported = Transformation(name: "spent budget is reported", rule: "BEY-01, SIG-03") { lines, _ in
        var result: [GoldenLine] = []
        for (index, line) in lines.enumerated() {
            if line.isAbout("client", "state"), line.string("from") == "reconnecting", line.string("to") == "closed",
                !isClosing(lines, at: index), !wasReported(result, at: line.milliseconds)
            {
                result.append(
                    GoldenLine(
                        line.milliseconds, "client", "Disconnected",
                        ["code": 1006, "reason": "ConnectionRefusedError", "willReconnect": false]))
            }
            result.append(line)
        }
        return result.count > lines.count ? result : nil
    }

    /// Whether a close() of the application is under way at this line.
    private static func isClosing(_ lines: [GoldenLine], at index: Int) -> Bool {
        var open: Set<Int64> = []
        for line in lines[..<index] where line.string("do") == "close" {
            guard let id = line.integer("id") else { continue }
            if line.isAbout("app", "call") { open.insert(id) }
            if line.isAbout("app", "result") { open.remove(id) }
        }
        return !open.isEmpty
    }

    private static func wasReported(_ lines: [GoldenLine], at time: Int64) -> Bool {
        lines.last { $0.who == "client" && $0.what == "Disconnected" }.map {
            $0.milliseconds == time && $0.fields["willReconnect"]?.boolValue == false
        } ?? false
    }

    /// close() aborts a socket whose server does not answer in time; the official client leaves it open.
    static let unansweredCloseIsAborted = Transformation(name: "close() aborts an unanswered socket", rule: "SIG-16") { lines, scripted in
        var result = lines
        var changed = false
        for frame in lines where frame.isAbout("client", "closeFrame") {
            guard let socket = frame.integer("conn"), closeWasCalled(lines, at: frame.milliseconds, scripted) else { continue }
            let due = frame.milliseconds + closeTimeoutMilliseconds
            func ends(_ line: GoldenLine) -> Bool {
                line.who == "client" && ["abort", "socketClosed"].contains(line.what) && line.integer("conn") == socket
            }
            guard due <= scripted.end.milliseconds, !result.contains(where: { ends($0) && $0.milliseconds <= due }) else { continue }
            changed = true
            result.removeAll(where: ends)
            let place = result.firstIndex { $0.milliseconds > due || $0.milliseconds == due && $0.isAbout("client", "state") } ?? result.endIndex
            result.insert(
                contentsOf: [
                    GoldenLine(due, "client", "abort", ["conn": .integer(socket)]),
                    GoldenLine(due, "client", "socketClosed", ["conn": .integer(socket), "code": 1006]),
                ], at: place)
        }
        return changed ? result : nil
    }

    /// How long close() waits for the server's close frame (SIG-16).
    private static let closeTimeoutMilliseconds: Int64 = 1000

    private static func closeWasCalled(_ lines: [GoldenLine], at time: Int64, _ scripted: GoldenCase) -> Bool {
        lines.contains { $0.isAbout("app", "call") && $0.string("do") == "close" && $0.milliseconds == time }
    }
}
