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
                    fields[index].explanation += ", \(word.name)"
                    if case .code = field.type { fields[index].type = field.valueType }
                } else {
                    fields.append(Field(field.name, field.valueType, "Of the events: \(word.name)"))
                }
            }
        }
        return fields
    }()

    static let pattern = Shape(
        "an event", "An event and what it looks like. A bare word is the event.", shorthand: "event", subjectFields + sightFields + eventFields)

    static let never = Shape(
        "an event", "An event that must not be. A bare word is the event.", shorthand: "event", pattern.fields + windowFields)

    /// The keys that say what kind of expectation it is.
    private static let kindFields = [
        Field("state", .choice(of: Scenario.PeerState.self), "The peer is in this state: at some moment (after, within, before), or all the while (from, until, at)."),
        Field("never", .shape(.never), "No such event in the window."),
        Field("order", .list(.shape(.pattern)), "Such events, in this order; others may lie between."),
        Field("conforms", .oneOrMore(.either([.reference(.checker), .reference(.rule)])), "The run conforms to these checkers or rules of the specification."),
        Field("outcome", .outcome, "How the peer ends: a state, or terminal and a code."),
        Field("count", .count, "How many such events: 1, 1...3 or 2...", default: "1..."),
        Field("atMost", .integer(0...1_000_000_000), "With per: at most this many such events in any stretch of that length."),
        Field("per", .duration, "The length of the stretch."),
    ]

    static let expectation = Shape(
        "an expectation", "Something that must hold.", subjectFields + sightFields + kindFields + windowFields + eventFields)
}
