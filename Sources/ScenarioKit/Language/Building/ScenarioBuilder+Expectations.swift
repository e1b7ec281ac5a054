import NIOCore

/// What must come of it.
extension ScenarioBuilder {
    func buildExpectations(duration: TimeAmount) -> [Scenario.Expectation] {
        let items = root.list("expect")
        guard items.count <= Self.mostEntries else {
            root.report("expect", "there are more than 2,000 expectations.")
            return []
        }
        return items.compactMap { item in
            guard !diagnostics.isFull, let fields = Fields(item, .expectation, diagnostics), let kind = kind(fields, duration) else {
                return nil
            }
            return Scenario.Expectation(kind: kind, text: item.flowText, position: item.position)
        }
    }

    private func kind(_ fields: Fields, _ duration: TimeAmount) -> Scenario.Expectation.Kind? {
        let kinds = Vocabulary.expectationKinds.filter(fields.has)
        guard kinds.count == 1, let kind = kinds.first else {
            if kinds.isEmpty, !fields.hadUnknownKeys {
                diagnostics.report(
                    fields.position,
                    "this expectation does not say what must be.\(Suggestion.list(Vocabulary.expectationKinds, label: "Give one of"))")
            } else if kinds.count > 1 {
                diagnostics.report(
                    fields.keyPosition(kinds[1]),
                    "two expectations in one entry: \(kinds.joined(separator: " and ")). Write an entry for each.")
            }
            return nil
        }
        switch kind {
        case "state", "signalling", "pair": return state(kind, fields, duration)
        case "keeps":
            check(fields, allowed: ["link", "keeps"] + Self.windowKeys)
            guard fields.word("keeps") != nil, let links = requiredLinks(fields), let window = usableWindow(fields, duration: duration)
            else { return nil }
            return .sameObject(links, window: window)
        case "recoveredAtRung":
            check(fields, allowed: ["link", "recoveredAtRung"] + Self.windowKeys)
            guard let rung = countRange(fields, "recoveredAtRung", allowsNone: true), let links = requiredLinks(fields),
                let window = usableWindow(fields, duration: duration)
            else { return nil }
            return .recovers(links, rung: rung, window: window)
        case "event", "shows", "hides", "prompts", "service": return event(fields, duration)
        case "never":
            check(fields, allowed: ["never"])
            guard let inner = fields.fields("never", .never) else { return nil }
            check(inner, allowed: patternKeys(inner) + Self.windowKeys)
            guard let pattern = pattern(inner, mayBeImpossible: true), let window = usableWindow(inner, duration: duration) else {
                return nil
            }
            return .occurs(pattern, count: Scenario.CountRange(least: 0, most: 0), window: window)
        case "order": return order(fields, duration)
        case "conforms":
            check(fields, allowed: ["conforms"])
            let rules = conformingRules(fields)
            return rules.isEmpty ? nil : .conforms(rules: rules)
        case "outcome": return outcome(fields)
        case let other: preconditionFailure("the expectation \(other) is in the vocabulary but nothing builds it")
        }
    }

    /// Reports keys that have no meaning here.
    private func check(_ fields: Fields, allowed: [String]) {
        let kind = fields.keysInOrder.first(where: Vocabulary.expectationKinds.contains) ?? "event"
        let subject = ["event", "service"].contains(kind) ? "\"\(kind): \(fields.node(kind)?.text?.shortened ?? "")\"" : "\"\(kind)\""
        for key in fields.keysInOrder where !allowed.contains(key) {
            let others = Suggestion.list(allowed.filter { $0 != kind }, label: "What goes with it")
            diagnostics.report(fields.keyPosition(key), "\"\(key)\" has no meaning with \(subject).\(others)")
        }
    }

    // MARK: - Kinds

    private func state(_ kind: String, _ fields: Fields, _ duration: TimeAmount) -> Scenario.Expectation.Kind? {
        let subjectKeys = kind == "state" ? Self.subjectKeys : [kind == "pair" ? "link" : "peer"]
        check(fields, allowed: subjectKeys + [kind] + (fields.has("media") ? ["track"] : []) + Self.windowKeys)
        let lasting = ["from", "until", "at"].filter(fields.has)
        let passing = ["after", "within", "before"].filter(fields.has)
        if let last = lasting.first, let pass = passing.first {
            let advice = "A state holds all the while with from, until or at; at some moment with after, within or before."
            diagnostics.report(fields.keyPosition(pass), "\"\(last)\" and \"\(pass)\" do not go together. \(advice)")
            return nil
        }
        guard let (subjects, states) = stateSubjects(kind, fields), let text = fields.scalar(kind)?.trimmed,
            let state = state(text, kind, of: states, fields), let window = usableWindow(fields, duration: duration), !subjects.isEmpty
        else { return nil }
        return lasting.isEmpty ? .reaches(subjects, state: state, window: window) : .stays(subjects, state: state, window: window)
    }

    private func stateSubjects(_ kind: String, _ fields: Fields) -> (subjects: [Scenario.Subject], states: [String])? {
        switch kind {
        case "signalling":
            guard requirePeer(fields) else { return nil }
            return (selectedPeers(fields).map(Scenario.Subject.signalling), Scenario.SignallingState.allCases.map(\.rawValue))
        case "pair":
            return requiredLinks(fields).map { ($0.map(Scenario.Subject.pair), Scenario.PairKind.allCases.map(\.rawValue)) }
        case _: return subjects(fields)
        }
    }

    private func requiredLinks(_ fields: Fields) -> [Scenario.Link]? {
        if !fields.has("link") { diagnostics.report(fields.position, "this expectation needs \"link\", for example \"alice -> bob\".") }
        return fields.has("link") ? links(fields, "link") : nil
    }

    private func event(_ fields: Fields, _ duration: TimeAmount) -> Scenario.Expectation.Kind? {
        check(fields, allowed: patternKeys(fields) + ["count", "atMost", "per"] + Self.windowKeys)
        guard let pattern = pattern(fields), let window = usableWindow(fields, duration: duration) else { return nil }
        guard fields.has("atMost") || fields.has("per") else {
            let count = fields.has("count") ? countRange(fields) : Scenario.CountRange(least: 1, most: nil)
            return count.map { .occurs(pattern, count: $0, window: window) }
        }
        if fields.has("count") { fields.report("count", "give either \"count\" or \"atMost\" with \"per\".") }
        guard fields.has("atMost"), fields.has("per") else {
            diagnostics.report(fields.position, "\"atMost\" and \"per\" go together: { atMost: 30, per: 1 s }.")
            return nil
        }
        guard let most = fields.integer("atMost"), let per = fields.interval("per") else { return nil }
        return .rate(pattern, atMost: most, per: per, window: window)
    }

    private func order(_ fields: Fields, _ duration: TimeAmount) -> Scenario.Expectation.Kind? {
        check(fields, allowed: ["peer", "host", "order"] + Self.windowKeys)
        let items = fields.list("order")
        if fields.has("order"), items.count < 2 { fields.report("order", "an order needs at least two events.") }
        let patterns = items.compactMap { item -> Scenario.EventPattern? in
            guard let inner = Fields(item, .pattern, diagnostics) else { return nil }
            check(inner, allowed: patternKeys(inner))
            return pattern(inner, defaults: fields)
        }
        guard patterns.count == items.count, patterns.count >= 2, let window = usableWindow(fields, duration: duration) else { return nil }
        return .order(patterns, window: window)
    }

    private func conformingRules(_ fields: Fields) -> [String] {
        var result: [String] = []
        for (text, position) in fields.texts("conforms") {
            if let checker = SpecificationRules.checkers.first(where: { $0.name == text }) {
                result += checker.rules.filter { !result.contains($0) }
            } else if SpecificationRules.contains(text) {
                if !result.contains(text) { result.append(text) }
            } else {
                let names = SpecificationRules.checkers.map(\.name)
                let isRule = text.contains("-") && text.contains(where: \.isNumber)
                let hint = isRule ? Self.ruleHint(text) : Suggestion.hint(for: text, among: names, label: "The checkers")
                diagnostics.report(position, "\"\(text.shortened)\" is neither a checker nor a rule of the specification.\(hint)")
            }
        }
        return result
    }

    private func outcome(_ fields: Fields) -> Scenario.Expectation.Kind? {
        check(fields, allowed: ["peer", "link", "outcome"])
        guard let text = fields.text("outcome")?.trimmed, let (subjects, known) = subjects(fields) else { return nil }
        let words = text.split(separator: " ")
        if words.count == 2, words[0] == "terminal", let code = Int(words[1]), (1000...4999).contains(code) {
            guard fields.has("peer") else {
                fields.report("outcome", "a link ends with its peer, not by a close code.")
                return nil
            }
            return .outcome(subjects, .terminal(code: code))
        }
        if known.contains(text) { return .outcome(subjects, .state(text)) }
        fields.report(
            "outcome",
            "\"\(text.shortened)\" is not an outcome. Write a state (\(known.joined(separator: ", "))) or for example \"terminal 4001\".")
        return nil
    }

    private func requirePeer(_ fields: Fields) -> Bool {
        if !fields.has("peer") { diagnostics.report(fields.position, "this expectation needs \"peer\"; \"peer: all\" means every one.") }
        return fields.has("peer")
    }

    /// `1`, `1...3`, `2...`
    private func countRange(_ fields: Fields, _ key: String = "count", allowsNone: Bool = false) -> Scenario.CountRange? {
        guard let text = fields.text(key)?.trimmed else { return nil }
        let ends = text.rangeEnds
        let high = ends.high?.trimmed
        guard let least = Int(ends.low.trimmed), least >= 0, high == nil || high == "" || Int(high ?? "") != nil else {
            fields.report(key, "\"\(text.shortened)\" is not a count. Write \"1\", \"1...3\" or \"2...\".")
            return nil
        }
        let most = high.map { Int($0) } ?? least
        if let most, most < least {
            fields.report(key, "the count \"\(text)\" runs backwards.")
            return nil
        }
        if most == 0, !allowsNone {
            fields.report(key, "to say that something must not be, write \"never\" instead of \"\(key): \(text.shortened)\".")
            return nil
        }
        return Scenario.CountRange(least: least, most: most)
    }
}
