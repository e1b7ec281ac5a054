import Trace

/// States and outcomes.
extension ExpectationEvaluator {
    /// Why something was at no moment of the window in the state.
    func neverReached(_ subject: Scenario.Subject, _ state: String, _ window: Window) -> Miss? {
        let (start, end) = (window.start.time.nanoseconds, window.end.time.nanoseconds)
        let states = index.states(of: subject)
        let first = states.inForce(atNs: start - 1)
        // The state in force at the start counts only if it outlasts what happens in that instant.
        let inForce = states.inForce(atNs: start)
        if states[inForce].state == state { return nil }
        let last = states.inForce(atNs: end)
        let seen = states[max(first + 1, 0)..<max(first + 1, last + 1)]
        if seen.contains(where: { $0.state == state }) { return nil }

        var message = "\(subject.name) was not \(state) \(Words.window(window)): it was \(course(states, from: inForce, through: last))"
        let next = states[(last + 1)...].first { $0.state == state }
        if let next {
            message += "; it became \(state) at \(Words.time(next.timeNs)), \(Words.time(next.timeNs - end)) too late."
        } else if let before = states[..<inForce].lastIndex(where: { $0.state == state }), before > 0 {
            let left = states[before + 1]
            message += "; it was \(state) last until \(Words.time(left.timeNs)), \(Words.time(start - left.timeNs)) before."
        } else {
            message += "."
        }
        if next == nil, let reason = whyNot(subject, state, window) { message += " \(reason)" }
        let evidence = next ?? states[last]
        return Miss(message, timeNs: next?.timeNs ?? end, traceIndex: evidence.index >= 0 ? evidence.index : nil)
    }

    /// Why a link cannot be connected, as far as the trace and the scenario tell.
    private func whyNot(_ subject: Scenario.Subject, _ state: String, _ window: Window) -> String? {
        switch (subject, state) {
        case (.link(let link), "connected"), (.media(let link, _), "flowing"), (.pair(let link), "direct"), (.pair(let link), "relay"):
            CallDiagnosis(scenario: scenario, index: index, link: link, untilNs: window.end.time.nanoseconds).sentence
        case _: nil
        }
    }

    /// Why something was not in the state all through the window.
    func left(_ subject: Scenario.Subject, _ state: String, _ window: Window) -> Miss? {
        let (start, end) = (window.start.time.nanoseconds, window.end.time.nanoseconds)
        let states = index.states(of: subject)
        let inForce = states.inForce(atNs: start)
        guard states[inForce].state == state else {
            var message = "\(subject.name) was \(states[inForce].state) at \(Words.instant(window.start)), not \(state)"
            if let next = states[(inForce + 1)...].first(where: { $0.state == state }) {
                message += "; it became \(state) at \(Words.time(next.timeNs)), \(Words.time(next.timeNs - start)) later."
            } else {
                message += "."
                if let reason = whyNot(subject, state, window) { message += " \(reason)" }
            }
            return Miss(message, timeNs: start, traceIndex: states[inForce].index >= 0 ? states[inForce].index : nil)
        }
        guard let leaving = states[(inForce + 1)...].first(where: { $0.timeNs < end && $0.state != state }) else { return nil }
        let message =
            "\(subject.name) was not \(state) all the time \(Words.window(window)): it became \(leaving.state) at \(Words.time(leaving.timeNs))."
        return Miss(message, timeNs: leaving.timeNs, traceIndex: leaving.index)
    }

    /// `connected, from 31.200 s reconnecting, from 33.000 s connected`
    private func course(_ states: [TraceIndex.StateChange], from first: Int, through last: Int) -> String {
        var words = [states[first].state]
        for change in states[min(first + 1, states.count)..<max(first + 1, last + 1)].prefix(4) {
            words.append("from \(Words.time(change.timeNs)) \(change.state)")
        }
        if last - first > 4 { words.append("...") }
        return words.joined(separator: ", ") + (last == first ? " all the time" : "")
    }

    /// Why a peer's end was another.
    func ended(_ subject: Scenario.Subject, otherwiseThan outcome: Scenario.Outcome) -> Miss? {
        let states = index.states(of: subject)
        let last = states[states.count - 1]
        let evidence = last.index >= 0 ? last.index : nil
        let since = last.index >= 0 ? " since \(Words.time(last.timeNs))" : ""
        switch outcome {
        case .state(let state):
            if last.state == state { return nil }
            return Miss(
                "\(subject.name) ended \(last.state)\(since), not \(state).", timeNs: last.index >= 0 ? last.timeNs : nil,
                traceIndex: evidence)
        case .terminal(let code): return notTerminal(subject.peer, code, last, evidence, since)
        }
    }

    private func notTerminal(_ peer: String, _ code: Int, _ last: TraceIndex.StateChange, _ evidence: Int?, _ since: String) -> Miss? {
        guard last.state == Scenario.SignallingState.closed.rawValue else {
            return Miss(
                "\(peer) ended \(last.state)\(since), not closed for good by \(code).", timeNs: last.timeNs == .min ? nil : last.timeNs,
                traceIndex: evidence)
        }
        // A session reports its end once; a first connect that fails reports no drop, so its socket tells (SIG-05).
        let reports = index.places(ofKind: "disconnected", about: [peer]).filter { index.events[$0][.willReconnect] == false }
        if let report = reports.last {
            let found = index.events[report][.code]
            if reports.count > 1, found == code {
                return Miss(
                    "\(peer) reported its end \(reports.count) times, not once.", timeNs: index.events[report].timeNs, traceIndex: report)
            }
            if found == code { return nil }
            return Miss(
                "\(peer) was closed for good by \(found.map(String.init) ?? "no code"), not by \(code).",
                timeNs: index.events[report].timeNs, traceIndex: report)
        }
        let closes = index.places(ofKind: "socket-closed", about: [peer])
        guard let close = closes.last else {
            return Miss("\(peer) is closed, but no socket of it ended, so not by \(code).", timeNs: last.timeNs, traceIndex: evidence)
        }
        let found = index.events[close][.code]
        if found == code { return nil }
        return Miss(
            "\(peer)'s last socket ended with \(found.map(String.init) ?? "no code"), not with \(code).",
            timeNs: index.events[close].timeNs, traceIndex: close)
    }
}
