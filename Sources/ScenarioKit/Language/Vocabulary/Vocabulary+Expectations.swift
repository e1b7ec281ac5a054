extension Vocabulary {
    /// The keys that say when.
    static let windowFields = [
        Field("after", .moment, "The window begins here.", default: "start"),
        Field("within", .duration, "The window is this long."),
        Field("before", .moment, "The window ends here.", default: "end"),
        Field("from", .moment, "As after; with a state: the state holds all the while.", default: "start"),
        Field("until", .moment, "As before; with a state: the state holds all the while.", default: "end"),
        Field("at", .moment, "The window is this instant; with a state: the state holds then."),
    ]

    /// Whose events.
    private static let subjectFields = [
        Field("peer", .oneOrMore(.reference(.peer)), "The peers: names, groups or all. What is said holds for each of them."),
        Field("host", .oneOrMore(.reference(.host)), "The hosts, for an event of a host."),
        Field("link", .oneOrMore(.link), "One peer as another has it: alice -> bob; both ways: alice <-> bob; alice -> all."),
        Field("media", .oneOrMore(.link), "What one peer gets from another: alice -> bob is what bob sees of alice."),
        Field("event", .choice(EventWord.names(.peer) + EventWord.names(.host)), "An event of these peers or hosts."),
        Field("service", .choice(EventWord.names(.service)), "An event of the service."),
    ]

    private static let sightFields = AppSight.verbs.map { verb in
        Field(verb, .choice(AppSight.all.filter { $0.verbs.contains(verb) }.map(\.word)), "What the application \(verb).")
    }

    /// The keys that events can be told apart by, each once.
    static let eventFields: [Field] = {
        var fields: [Field] = []
        for word in EventWord.all {
            for field in word.fields where !subjectFields.contains(where: { $0.key == field.name }) {
                if let index = fields.firstIndex(where: { $0.key == field.name }) {
                    if !fields[index].explanation.hasSuffix(" \(word.name)") { fields[index].explanation += ", \(word.name)" }
                    fields[index].type = union(fields[index].type, field.valueType)
                } else {
                    fields.append(Field(field.name, field.valueType, "Of the events: \(word.name)"))
                }
            }
        }
        return fields
    }()

    /// What a key may be that means one thing with one event and another with another.
    private static func union(_ one: ValueType, _ other: ValueType) -> ValueType {
        if one == other { return one }
        switch (one, other) {
        case (.choice(let words), .choice(let more)): return .choice(words + more.filter { !words.contains($0) })
        case (.either(let types), _): return types.contains(other) ? one : .either(types + [other])
        case (_, .either(let types)): return types.contains(one) ? other : .either([one] + types)
        case _: return .either([one, other])
        }
    }

    static let pattern = Shape(
        "an event", "An event and what it looks like. A bare word is the event.", shorthand: "event",
        subjectFields + sightFields + eventFields)

    static let never = Shape(
        "an event", "An event that must not be. A bare word is the event.", shorthand: "event", pattern.fields + windowFields)

    /// The keys of which an expectation has exactly one.
    static let expectationKinds = [
        "state", "signalling", "pair", "keeps", "recoveredAtRung", "event", "shows", "hides", "prompts", "service", "never", "order",
        "conforms", "outcome",
    ]

    /// The keys that say what kind of expectation it is.
    private static let kindFields = [
        Field(
            "state", .choice(stateWords),
            "The peer, link or media is in this state: at some moment (after, within, before), or all the while (from, until, at)."),
        Field(
            "signalling", .choice(of: Scenario.SignallingState.self), "With peer, of a call too: the state of its signalling client."),
        Field("pair", .choice(of: Scenario.PairKind.self), "With link: what carries it: direct, relay, or none yet."),
        Field("keeps", .choice(["object"]), "With link: it is the same RemotePeer object all the while, and never leaves (ROS-04)."),
        Field(
            "recoveredAtRung", .range(.integer(0...1_000)),
            "With link: it was lost in the window, and this was the last rung before it was connected again; 0 is without one."),
        Field("never", .shape(.never), "No such event in the window."),
        Field("order", .list(.shape(.pattern)), "Such events, in this order; others may lie between."),
        Field(
            "conforms", .oneOrMore(.either([.reference(.checker), .reference(.rule)])),
            "The run conforms to these checkers or rules of the specification."),
        Field("outcome", .outcome, "How the peer ends: a state, or terminal and a code."),
        Field("count", .count, "How many such events: 1, 1...3 or 2...", default: "1..."),
        Field("atMost", .integer(0...1_000_000_000), "With per: at most this many such events in any stretch of that length."),
        Field("per", .duration, "The length of the stretch."),
    ]

    /// The states that something can be in.
    private static let stateWords: [String] = {
        let all =
            Scenario.SignallingState.allCases.map(\.rawValue) + Scenario.CallState.allCases.map(\.rawValue)
            + Scenario.LinkState.allCases.map(\.rawValue) + Scenario.MediaState.allCases.map(\.rawValue)
        var words: [String] = []
        for word in all where !words.contains(word) { words.append(word) }
        return words
    }()

    static let expectation = Shape(
        "an expectation", "Something that must hold.", subjectFields + sightFields + kindFields + windowFields + eventFields)
}
