/// SIG-20: outbound frames stay below the rate and the burst, and are not held back more than that asks for.
struct PacingChecker: Checker {
    static let name = "pacing"
    static let rules: [RuleID] = [.sig(20)]

    /// A frame more than the burst may be on its way when the bucket is sampled.
    private static let slack = 1.0
    /// A request that went out within this after its call was not held back.
    private static let prompt = Nanoseconds.milliseconds(25)

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients where client.spec.pacingPerSecond > 0 {
            var starts: [Int: Nanoseconds] = [:]
            for request in client.requests {
                if let sent = request.sent { starts[sent.index] = request.start.at }
            }
            for attempt in client.attempts { check(attempt, starts, client, evidence, &report) }
        }
    }

    private func check(
        _ attempt: Attempt, _ starts: [Int: Nanoseconds], _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let spec = client.spec
        var level = spec.pacingBurst
        var last = attempt.start.at
        for frame in attempt.sent {
            level = min(spec.pacingBurst, level + spec.pacingPerSecond * Double((frame.mark.at - last).value) / 1e9)
            last = frame.mark.at
            if let start = starts[frame.mark.index], wasHeldBack(from: max(start, attempt.welcome?.at ?? start), frame, client), level > 2,
                !(spec.serialSignals && frame.type == "send")
            {
                report.violate(
                    .sig(20), client.who, frame.mark,
                    "a \(frame.type) was held back \((frame.mark.at - start).text) s although \(Int(level)) more frames were allowed.")
                return
            }
            level -= 1
            if level < -Self.slack {
                report.violate(
                    .sig(20), client.who, frame.mark,
                    "more than \(number(spec.pacingBurst)) frames at once or \(number(spec.pacingPerSecond)) a second were sent.")
                return
            }
            if level < 1 { report.hold(.sig(20)) }
        }
    }

    private func wasHeldBack(from start: Nanoseconds, _ frame: Attempt.Frame, _ client: ClientHistory) -> Bool {
        frame.mark.at - start > Self.prompt && !client.clock.wasSuspended(from: start, to: frame.mark.at)
    }

    private func number(_ value: Double) -> String { String(Nanoseconds(clamping: value).value) }
}
