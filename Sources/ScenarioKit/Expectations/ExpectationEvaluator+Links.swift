import Trace

/// Links: object identity, and how they came back.
extension ExpectationEvaluator {
    /// Why a link was not one and the same object all through the window.
    func changedObject(_ link: Scenario.Link, _ window: Window) -> Miss? {
        let (start, end) = (window.start.time.nanoseconds, window.end.time.nanoseconds)
        let states = index.states(of: .link(link))
        let inForce = states[states.inForce(atNs: start)]
        if inForce.state == Scenario.LinkState.absent.rawValue, window.start.time > .zero {
            return Miss("\(link.peer) did not have \(link.remote) at \(Words.instant(window.start)).", timeNs: start)
        }
        let kinds: [TraceKind] = [.peerJoined, .remoteState, .peerRefreshed, .peerLeft]
        let places = kinds.flatMap { index.places(ofKind: $0, about: link) }.sorted()
        // The last object before the window is the one to be kept.
        var object = index.slice(places, fromNs: .min, toNs: start).last.flatMap { index.events[$0][.object] }
        for place in index.slice(places, fromNs: start, toNs: end) {
            let event = index.events[place]
            if event.kind == .peerLeft {
                return Miss("\(link.peer) lost \(link.remote) at \(Words.time(event.timeNs)).", timeNs: event.timeNs, traceIndex: place)
            }
            guard let found = event[.object] else { continue }
            if let object, object != found {
                let words = "\(link.words) was another object from \(Words.time(event.timeNs)) on (number \(found), not \(object))."
                return Miss(words, timeNs: event.timeNs, traceIndex: place)
            }
            object = found
        }
        return object == nil ? Miss("\(link.peer) never had \(link.remote) \(Words.window(window)).", timeNs: end) : nil
    }

    /// Why a link did not come back, or at another rung.
    func recoveredOtherwise(_ link: Scenario.Link, _ rung: Scenario.CountRange, _ window: Window) -> Miss? {
        let (start, end) = (window.start.time.nanoseconds, window.end.time.nanoseconds)
        let states = index.states(of: .link(link)).filter { $0.timeNs <= end }
        guard let lost = states.first(where: { $0.timeNs >= start && $0.state == Scenario.LinkState.reconnecting.rawValue }) else {
            return Miss("\(link.words) was not lost \(Words.window(window)).", timeNs: end)
        }
        guard let back = states.first(where: { $0.timeNs >= lost.timeNs && $0.state == Scenario.LinkState.connected.rawValue }) else {
            let reason = CallDiagnosis(scenario: scenario, index: index, link: link, untilNs: end).sentence.map { " \($0)" } ?? ""
            let words = "\(link.words) was lost at \(Words.time(lost.timeNs)) and not connected again until \(Words.instant(window.end))."
            return Miss(words + reason, timeNs: end, traceIndex: lost.index)
        }
        let rungs = index.slice(index.places(ofKind: .ladder, about: link), fromNs: lost.timeNs, toNs: back.timeNs)
            .filter { $0 < back.index && index.events[$0][.phase] == TraceEvent.LadderPhase.rung.rawValue }
        let found = rungs.last.flatMap { index.events[$0][.rung] } ?? 0
        if found >= rung.least, found <= rung.most ?? .max { return nil }
        let expected = rung.least == rung.most ? "\(rung.least)" : "\(rung.least)...\(rung.most.map(String.init) ?? "")"
        let how = found == 0 ? "without a rung" : "at rung \(found)"
        return Miss(
            "\(link.words) was connected again at \(Words.time(back.timeNs)) \(how), not at rung \(expected).", timeNs: back.timeNs,
            traceIndex: back.index)
    }
}
