import NIOCore

/// The timeline: instants first, then actions.
extension ScenarioBuilder {
    /// More than any story.
    static let mostEntries = 2_000

    /// An entry whose instant may depend on others.
    private struct Draft {
        var fields: Fields
        var name: String?
        var moment: MomentExpression
        var position: SourcePosition
        var time: TimeAmount?
    }

    func buildTimeline() -> [Scenario.TimelineEntry] {
        instants.end = root.has("duration") ? root.interval("duration") : nil
        let items = root.list("timeline")
        guard items.count <= Self.mostEntries else {
            root.report("timeline", "the timeline has more than 2,000 entries.")
            return []
        }
        var drafts = items.compactMap(draft)
        resolve(&drafts)
        let entries = drafts.compactMap { draft -> Scenario.TimelineEntry? in
            // Actions are checked even if their instant is not known.
            guard let (action, position) = action(of: draft.fields), let time = draft.time else { return nil }
            if let end = instants.end, time > end {
                let words = "this happens at \(QuantityText.duration(time)), after the end of the scenario (\(QuantityText.duration(end)))."
                diagnostics.report(draft.position, words)
            }
            return Scenario.TimelineEntry(at: time, name: draft.name, action: action, position: position)
        }
        // Sorting must keep the order of entries of one instant.
        return entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private func draft(_ node: SourceNode) -> Draft? {
        guard let fields = Fields(node, .timelineEntry, diagnostics) else { return nil }
        let name = instantName(fields)
        let times = ["at", "after"].filter(fields.has)
        guard times.count == 1, let key = times.first else {
            let message =
                times.isEmpty
                ? "an entry needs its instant: \"at: 30 s\" or \"after: doors close + 5 s\"."
                : "an entry has either \"at\" or \"after\", not both."
            diagnostics.report(fields.position, message)
            _ = action(of: fields)
            return nil
        }
        guard let text = fields.scalar(key) else { return nil }
        switch MomentExpression.parse(text) {
        case .success(let moment):
            if key == "at", moment.anchor != nil {
                fields.report("at", "\"at\" counts from the start. Write \"after: \(moment.text.shortened)\".")
            } else if key == "after", moment.anchor == nil {
                fields.report(
                    "after", "\"after\" needs the name of an instant. Write \"at: \(moment.text)\" or \"after: start + \(moment.text)\".")
            }
            return Draft(fields: fields, name: name, moment: moment, position: fields.node(key)?.position ?? fields.position)
        case .failure(let problem):
            fields.report(key, problem.message)
            _ = action(of: fields)
            return nil
        }
    }

    private func instantName(_ fields: Fields) -> String? {
        guard let name = fields.text("name")?.trimmed else { return nil }
        if ["start", "end", "all"].contains(name) {
            fields.report("name", "\"\(name)\" is a word of the language and cannot name an instant.")
            return nil
        }
        let hasOperator = name.contains(" + ") || name.contains(" - ")
        guard let first = name.first, !first.isNumber, first != "-", first != ".", !hasOperator, name.count <= 80 else {
            fields.report(
                "name", "\"\(name.shortened)\" cannot name an instant: it must not begin with a digit or hold \" + \" or \" - \".")
            return nil
        }
        return name
    }

    /// Resolves instants in rounds: each round those whose anchor is known. What is left over refers to nothing or to itself.
    private func resolve(_ drafts: inout [Draft]) {
        var owners: [String: SourcePosition] = [:]
        for draft in drafts {
            guard let name = draft.name else { continue }
            if owners[name] != nil {
                draft.fields.report("name", "there are two instants \"\(name)\".")
            } else {
                owners[name] = draft.position
            }
        }
        var isProgressing = true
        while isProgressing {
            isProgressing = false
            for index in drafts.indices where drafts[index].time == nil {
                if let anchor = drafts[index].moment.anchor, owners[anchor] != nil, instants.time(of: anchor) == nil { continue }
                guard case .success(let instant) = instants.resolve(drafts[index].moment) else { continue }
                drafts[index].time = instant.time
                isProgressing = true
                if let name = drafts[index].name, instants.time(of: name) == nil { instants.define(name, instant.time) }
            }
        }
        // Those known come in the order of the file, which reads better than the order of resolution.
        let unresolved = drafts.filter { $0.time == nil }
        for draft in unresolved {
            if let anchor = draft.moment.anchor, owners[anchor] != nil, instants.time(of: anchor) == nil {
                let isCycle = unresolved.contains { $0.name == anchor }
                if isCycle {
                    diagnostics.report(
                        draft.position,
                        "this instant depends on \"\(anchor)\", whose own instant is not known; instants must not refer to each other in a circle."
                    )
                }
            } else if case .failure(let problem) = instants.resolve(draft.moment) {
                diagnostics.report(draft.position, problem.message)
            }
        }
    }

    /// The stated duration, or the last thing that happens or is expected and a margin.
    func resolveDuration(_ timeline: [Scenario.TimelineEntry]) -> TimeAmount {
        if let end = instants.end { return end }
        var last = TimeAmount.zero
        for entry in timeline { last = max(last, entry.at + entry.action.length) }
        for peer in peerTemplates.values {
            last = max(last, peer.connectsAt ?? .zero, peer.joins.map(\.at).max() ?? .zero, peer.publications.map(\.from).max() ?? .zero)
        }
        for item in root.list("expect") {
            let quiet = Diagnostics()
            guard let fields = Fields(item, .expectation, quiet) else { continue }
            let inner = fields.fields("never", .never)
            for fields in [fields, inner].compactMap({ $0 }) {
                if let window = window(fields, defaultEnd: nil, quiet) { last = max(last, window.end.time) }
            }
        }
        let end = min(last + Self.margin, .nanoseconds(UnitTable.duration.largest))
        instants.end = end
        return end
    }
}

extension Scenario.Action {
    /// How long it goes on, as far as the scenario says; 0 for what is over at once or never.
    public var length: TimeAmount {
        switch self {
        case .blackout(let blackout): blackout.duration ?? .zero
        case .linkDown(_, _, let duration), .dns(_, _, let duration), .captivePortal(_, _, let duration), .crash(_, let duration),
            .refuse(let duration), .slow(_, _, let duration), .silent(_, _, let duration), .tokenEndpoint(_, _, let duration),
            .turn(_, _, let duration), .snapshot(_, _, _, let duration):
            duration ?? .zero
        case .udpBlocked(let block): block.duration ?? .zero
        case .restart(let restart): restart.down
        case .roam(let roam): roam.dead
        case .link(let change): change.duration ?? .zero
        case .sleep(_, let duration, _, _), .suspendApp(_, let duration, _, _): duration
        case .deploy(let deploy): deploy.grace + deploy.down
        case .http(_, _, .duration(let duration)): duration
        case .http(_, _, .times), .http(_, _, .unlimited), .natRebind, .vpn, .wallClock, .halfOpen, .serviceClose, .reject, .malformed,
            .raw, .flap, .goingAway, .newID,
            .connect, .retry, .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged, .iceServers, .join, .addTrack,
            .removeTrack, .replaceTrack, .openChannel, .sendData:
            .zero
        }
    }
}
