import CompactJSON

extension Transformation {
    /// A frame that is too large closes the socket with 1009, and that is the code reported; the official client reports 1006.
    static let inboundOversizeKeepsItsCode = Transformation(name: "inbound oversize is reported as 1009", rule: "WIRE-05") { lines, _ in
        var result = lines
        var changed = false
        for frame in lines where frame.isAbout("client", "closeFrame") && frame.integer("code") == 1009 {
            guard let socket = frame.integer("conn"),
                lines.contains(where: { $0.isAbout("server", "oversized") && $0.integer("conn") == socket }),
                let closed = result.firstIndex(where: { $0.isAbout("client", "socketClosed") && $0.integer("conn") == socket }),
                result[closed].integer("code") == 1006
            else { continue }
            changed = true
            let time = result[closed].milliseconds
            for index in result.indices where result[index].milliseconds == time {
                let line = result[index]
                if index == closed {
                    result[index] = line.with("code", 1009)
                } else if line.isAbout("client", "Disconnected"), line.integer("code") == 1006 {
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
                !isClosing(lines, at: index), !wasReported(result, at: line.milliseconds), !wasJustLost(lines[..<index], line.milliseconds)
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

    /// A client that gives up because its token provider fails reports 1006: the last attempt never opened. The official client reports the code of
    /// the last socket.
    static let failedTokenIsReportedAs1006 = Transformation(name: "token give-up is reported as 1006", rule: "SIG-03") { lines, _ in
        let result = lines.map { line in
            line.isAbout("client", "Disconnected") && line.string("reason") == "token provider failed" ? line.with("code", 1006) : line
        }
        return result == lines ? nil : result
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

    /// Whether a connection was lost at this instant and no attempt was made yet: then it is the peer that ends its client.
    private static func wasJustLost(_ before: ArraySlice<GoldenLine>, _ time: Int64) -> Bool {
        before.last { $0.who == "client" && ["Disconnected", "connectAttempt"].contains($0.what) }.map {
            $0.what == "Disconnected" && $0.milliseconds == time && $0.fields["willReconnect"] == true
        } ?? false
    }

    private static func wasReported(_ lines: [GoldenLine], at time: Int64) -> Bool {
        lines.last { $0.who == "client" && $0.what == "Disconnected" }.map {
            $0.milliseconds == time && $0.fields["willReconnect"]?.boolValue == false
        } ?? false
    }

    /// close() aborts a socket whose server does not answer in time; the official client leaves it open.
    static let unansweredCloseIsAborted = Transformation(name: "close() aborts an unanswered socket", rule: "SIG-16") { lines, scripted in
        var result = lines
        for call in lines where call.isAbout("app", "call") && call.string("do") == "close" {
            let due = call.milliseconds + closeTimeoutMilliseconds
            guard due <= scripted.end.milliseconds, let socket = openSocket(result, at: call.milliseconds) else { continue }
            func ends(_ line: GoldenLine) -> Bool {
                line.who == "client" && ["abort", "socketClosed"].contains(line.what) && line.integer("conn") == socket
            }
            guard !result.contains(where: { ends($0) && $0.milliseconds <= due }) else { continue }
            result.removeAll(where: ends)
            result = result.map { $0.milliseconds >= due ? $0.withoutOpenSocket(socket) : $0 }
            let place =
                result.firstIndex { $0.milliseconds > due || $0.milliseconds == due && $0.isAbout("client", "state") } ?? result.endIndex
            result.insert(
                contentsOf: [
                    GoldenLine(due, "client", "abort", ["conn": .integer(socket)]),
                    GoldenLine(due, "client", "socketClosed", ["conn": .integer(socket), "code": 1006]),
                ], at: place)
        }
        return result == lines ? nil : result
    }

    /// How long close() waits for the server's close frame (SIG-16).
    private static let closeTimeoutMilliseconds: Int64 = 1000

    /// The socket that is open at an instant, or nil.
    private static func openSocket(_ lines: [GoldenLine], at time: Int64) -> Int64? {
        let before = lines.prefix { $0.milliseconds <= time }
        guard let socket = before.last(where: { $0.isAbout("server", "accept") })?.integer("n") else { return nil }
        return before.contains { $0.isAbout("client", "socketClosed") && $0.integer("conn") == socket } ? nil : socket
    }

    /// close() returns after the calls that it ended; the official client's returns before them.
    static let closeReturnsLast = Transformation(name: "close() returns after the calls that it ended", rule: "SIG-16") { lines, _ in
        var result: [GoldenLine] = []
        var closes: [GoldenLine] = []
        for line in lines {
            if let first = closes.first, first.milliseconds != line.milliseconds {
                result += closes
                closes = []
            }
            if line.isAbout("app", "result"), line.string("do") == "close" { closes.append(line) } else { result.append(line) }
        }
        result += closes
        let isResult = { (line: GoldenLine) in line.isAbout("app", "result") }
        return result.filter(isResult) == lines.filter(isResult) ? nil : result
    }
}

extension GoldenLine {
    /// A `dump` or `end` line without a socket among those that are open; any other line as it is.
    fileprivate func withoutOpenSocket(_ ordinal: Int64) -> GoldenLine {
        guard let sockets = fields["openSockets"]?.arrayValue else { return self }
        return with("openSockets", .array(sockets.filter { $0.int64Value != ordinal }))
    }
}
