/// Whose state an expectation is about.
extension ScenarioBuilder {
    /// The keys that name what is in a state, and what goes with each.
    static let subjectKeys = ["peer", "link", "media"]

    /// The subjects of `peer`, `link` or `media`, and the words of their states; nil if they are not known, which has been said.
    func subjects(_ fields: Fields) -> (subjects: [Scenario.Subject], states: [String])? {
        let given = Self.subjectKeys.filter(fields.has)
        guard given.count == 1, let key = given.first else {
            let words = "this expectation needs one of \"peer\", \"link\" and \"media\"; \"peer: all\" means every one."
            diagnostics.report(given.count > 1 ? fields.keyPosition(given[1]) : fields.position, words)
            return nil
        }
        switch key {
        case "peer": return peerSubjects(fields)
        case "link":
            return links(fields, "link").map { ($0.map(Scenario.Subject.link), Scenario.LinkState.allCases.map(\.rawValue)) }
        case "media":
            guard let links = links(fields, "media") else { return nil }
            let track = fields.has("track") ? fields.text("track")?.trimmed : nil
            // `alice -> bob` is what goes from alice to bob, which bob has of alice.
            let received = links.map { Scenario.Subject.media(Scenario.Link(peer: $0.remote, remote: $0.peer), track: track) }
            return (received, Scenario.MediaState.allCases.map(\.rawValue))
        case let other: preconditionFailure("the subject \(other) is in the vocabulary but nothing builds it")
        }
    }

    private func peerSubjects(_ fields: Fields) -> (subjects: [Scenario.Subject], states: [String])? {
        let entries = peerDirectory.resolve(fields.texts("peer"), diagnostics)
        guard !entries.isEmpty else { return nil }
        let calls = entries.filter { peerTemplates[$0.declared]?.call != nil }
        let peers = peerDirectory.members(of: entries)
        if calls.isEmpty { return (peers.map(Scenario.Subject.signalling), Scenario.SignallingState.allCases.map(\.rawValue)) }
        guard calls.count == entries.count else {
            let chat = entries.first { peerTemplates[$0.declared]?.call == nil }?.declared ?? ""
            let words = "\"\(calls[0].declared)\" is a call and \"\(chat)\" is not, so their states have different words."
            fields.report("peer", "\(words) Write an entry for each.")
            return nil
        }
        return (peers.map(Scenario.Subject.call), Scenario.CallState.allCases.map(\.rawValue))
    }

    /// A state that the subjects can be in.
    func state(_ text: String, _ key: String, of states: [String], _ fields: Fields) -> String? {
        if states.contains(text) { return text }
        fields.report(
            key, "\"\(text.shortened)\" is not a value of \"\(key)\".\(Suggestion.hint(for: text, among: states, label: "Its values"))")
        return nil
    }

    /// `alice -> bob`, `alice <-> bob`, `alice -> all`, one or several.
    func links(_ fields: Fields, _ key: String) -> [Scenario.Link]? {
        var result: [Scenario.Link] = []
        var seen: Set<Scenario.Link> = []
        let texts = fields.texts(key)
        for (text, position) in texts {
            guard let ends = Self.linkEnds(text) else {
                diagnostics.report(
                    position, "\"\(text.shortened)\" is not a link. Write \"alice -> bob\", or \"alice <-> bob\" for both ways.")
                return nil
            }
            guard let from = callPeers(ends.from, position), let to = callPeers(ends.to, position) else { return nil }
            for peer in from {
                for remote in to where remote != peer {
                    let ways = ends.isBothWays ? [(peer, remote), (remote, peer)] : [(peer, remote)]
                    for way in ways {
                        let link = Scenario.Link(peer: way.0, remote: way.1)
                        if seen.insert(link).inserted { result.append(link) }
                    }
                }
            }
        }
        if result.isEmpty, !texts.isEmpty { fields.report(key, "a link has two ends.") }
        return result.isEmpty ? nil : result
    }

    private static func linkEnds(_ text: String) -> (from: String, to: String, isBothWays: Bool)? {
        for (arrow, isBothWays) in [(" <-> ", true), (" -> ", false)] {
            guard let range = text.lastRange(of: arrow) else { continue }
            let (from, to) = (String(text[..<range.lowerBound]).trimmed, String(text[range.upperBound...]).trimmed)
            return from.isEmpty || to.isEmpty ? nil : (from, to, isBothWays)
        }
        return nil
    }

    private func callPeers(_ name: String, _ position: SourcePosition) -> [String]? {
        if name == "all" { return peers.filter { $0.call != nil }.map(\.name) }
        let entries = peerDirectory.resolve([(name, position)], diagnostics)
        guard let entry = entries.first else { return nil }
        guard peerTemplates[entry.declared]?.call != nil else {
            diagnostics.report(position, "\"\(name)\" is not a call and has no links. Write \"app: call\".")
            return nil
        }
        return entry.members
    }
}
