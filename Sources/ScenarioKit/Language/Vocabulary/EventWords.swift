/// An event that expectations can speak of: its name, the `what` of the trace it stands for, and the fields it can be told apart by.
struct EventWord: Sendable {
    var name: String
    /// The `what` in the trace.
    var kind: String
    var explanation: String
    var source: Source
    /// Which peers have it; of no meaning for hosts and the service.
    var audience: Audience
    var fields: [EventField]
    /// What else tells it from other events of its kind: trace fields and their values.
    var marks: [(field: String, value: String)]

    /// Whose event it is.
    enum Source: String, Sendable {
        case peer, host, service
    }

    /// Peers by what their app is.
    enum Audience: String, Sendable {
        case everyone, chat, call

        func includes(call: Bool) -> Bool {
            switch self {
            case .everyone: true
            case .chat: !call
            case .call: call
            }
        }
    }

    init(
        _ name: String, kind: String? = nil, of source: Source = .peer, for audience: Audience = .everyone, _ explanation: String,
        _ fields: [EventField] = [], marks: [(field: String, value: String)] = []
    ) {
        self.name = name
        self.kind = kind ?? name
        self.source = source
        self.audience = audience
        self.explanation = explanation
        self.fields = fields
        self.marks = marks
    }
}

/// A field of an event.
struct EventField: Sendable {
    /// The key in an expectation.
    var name: String
    /// The field in the trace.
    var traceField: String
    var type: FieldType
    /// The number that an event without the field stands for, if it stands for one.
    var absent: Double?

    enum FieldType: Sendable {
        case text, flag, integer, duration
        /// A number or a symbolic code.
        case code
        case choice([String])
        /// A list of peer ids that holds this one.
        case member
    }

    init(_ name: String, _ type: FieldType, trace: String? = nil, absent: Double? = nil) {
        self.name = name
        self.type = type
        self.absent = absent
        if case .duration = type { self.traceField = trace ?? name + "Ns" } else { self.traceField = trace ?? name }
    }

    var valueType: ValueType {
        switch type {
        case .text, .member: .text
        case .flag: .flag
        case .integer: .range(.integer(0...Int(Int32.max)))
        case .duration: .range(.duration)
        case .code: .either([.range(.integer(0...4999)), .text])
        case .choice(let words): .choice(words)
        }
    }
}

extension EventWord {
    static let all = peerEvents + callEvents + hostEvents + serviceEvents

    /// The event of that name, for peers whose app is a call or is not one; without `isCall` the first of that name.
    static func named(_ name: String, _ source: Source, isCall: Bool? = nil) -> EventWord? {
        all.first { $0.name == name && $0.source == source && (isCall == nil || $0.audience.includes(call: isCall == true)) }
    }

    static func names(_ source: Source) -> [String] {
        var names: [String] = []
        for word in all where word.source == source && !names.contains(word.name) { names.append(word.name) }
        return names
    }

    private static let states = Scenario.SignallingState.allCases.map(\.rawValue)
    private static let code = EventField("code", .code)
    private static let reason = EventField("reason", .text)
    private static let channel = EventField("channel", .text)
    private static let bytes = EventField("bytes", .integer)
    private static let sender = EventField("sender", .text, trace: "from")
    private static let frame = EventField("frame", .text)

    private static let peerEvents: [EventWord] = [
        EventWord(
            "state", "The client's state changed.",
            [EventField("was", .choice(states), trace: "from"), EventField("becomes", .choice(states), trace: "to")]),
        EventWord(
            "attempt", "An attempt began: the wait is over, the token call comes next.",
            [EventField("attempt", .integer, trace: "n"), EventField("ordinal", .integer)]),
        EventWord(
            "token", "The application was asked for a token.",
            [EventField("phase", .choice(["call", "ok", "failed"])), EventField("failures", .integer, trace: "n")]),
        EventWord(
            "dial", "A connection attempt left.", [EventField("host", .text), EventField("port", .integer), EventField("tls", .flag)]),
        EventWord("dial-failed", "A connection attempt failed.", [EventField("error", .text), EventField("status", .integer)]),
        EventWord("open", "The WebSocket is open."),
        EventWord("welcome", "The service welcomed the client.", [EventField("id", .text, trace: "peerId")]),
        EventWord(
            "backoff", "A wait before an attempt began.",
            [
                EventField("attempt", .integer), EventField("base", .duration), EventField("floor", .duration),
                EventField("delay", .duration), reason,
            ]),
        EventWord("backoff-shortened", "A wait was cut short by a change of the network path."),
        EventWord("sent", "A frame was sent.", [frame, channel, EventField("to", .text), bytes]),
        EventWord("received", "A frame came.", [frame, channel, sender, code, bytes]),
        EventWord("dropped-frame", "A frame was dropped.", [reason]),
        EventWord("close-sent", "A close frame was sent.", [code, reason]),
        EventWord("close-received", "A close frame came.", [code, reason]),
        EventWord("close-abandoned", "The echo of a close frame is no longer waited for."),
        EventWord("socket-closed", "A socket ended.", [code, reason, EventField("opened", .flag)]),
        EventWord(
            "connected", "The application was told of a connection.",
            [EventField("id", .text, trace: "peerId"), EventField("reconnect", .flag)]),
        EventWord("disconnected", "The application was told of a drop.", [code, reason, EventField("willReconnect", .flag)]),
        EventWord("presence", "Presence came.", [channel, EventField("joined", .member), EventField("left", .member)]),
        EventWord(
            "peer-joined", kind: "presence", for: .chat, "Presence told that someone joined.",
            [channel, EventField("id", .member, trace: "joined")]),
        EventWord(
            "peer-left", kind: "presence", for: .chat, "Presence told that someone left.",
            [channel, EventField("id", .member, trace: "left")]),
        EventWord("message", "A message came.", [channel, sender]),
        EventWord("direct", "A direct message came.", [sender]),
        EventWord("server-error", "The service reported an error.", [code]),
        EventWord("going-away", "The service announced that it is going away.", [EventField("retryAfter", .duration)]),
        EventWord(
            "token-provider-error", "The token provider's failures were reported.", [EventField("failures", .integer, trace: "count")]),
        EventWord("replay-failed", "A subscription could not be replayed.", [channel, EventField("error", .text)]),
        EventWord("upgrade-rejected", "The upgrade was answered with an HTTP status.", [EventField("status", .integer)]),
        EventWord("request", "A request was made.", [EventField("request", .text, trace: "kind"), channel]),
        EventWord(
            "request-done", "A request ended.",
            [
                EventField("request", .text, trace: "kind"),
                EventField("result", .choice(["ok", "timeout", "disconnected", "rejected", "closed", "refused"]), trace: "outcome"), code,
            ]),
        EventWord("late-ack", "An ack came for a request that had ended."),
        EventWord("watchdog", "The watchdog fired."),
        EventWord("path-changed", "The SDK was told of a path change.", [EventField("oldPathGone", .flag)]),
        EventWord("connect-called", "The application called connect."),
        EventWord("close-called", "The application called close."),
        EventWord("closed-done", "close returned."),
        EventWord("app", "The application did something that its user sees.", [EventField("note", .text)]),
        EventWord("log", "The SDK wrote a log line.", [EventField("level", .text), EventField("text", .text)]),
    ]

    private static let detail = EventField("detail", .text, trace: "event")

    private static let hostEvents: [EventWord] = [
        EventWord(
            "interface", of: .host, "An interface came up or went down.",
            [EventField("interface", .text, trace: "name"), EventField("up", .flag)]),
        EventWord(
            "path", of: .host, "The system's view of the network path changed.",
            [EventField("satisfied", .flag), EventField("interface", .text)]),
        EventWord("sleep", of: .host, "The device fell asleep."),
        EventWord("wake", of: .host, "The device woke."),
        EventWord("app-suspended", of: .host, "The system suspended the application."),
        EventWord("app-resumed", of: .host, "The system resumed the application."),
        EventWord("wall-clock", of: .host, "The wall clock jumped."),
        EventWord("tcp", of: .host, "Something happened to a TCP connection.", [detail]),
        EventWord("nat", of: .host, "Something happened to a NAT mapping.", [detail]),
        EventWord("dns", of: .host, "A name lookup went on.", [detail]),
        EventWord("packet-dropped", of: .host, "A packet was lost.", [reason, EventField("fault", .text)]),
    ]

    private static let client = EventField("of", .text, trace: "peer")

    private static let serviceEvents: [EventWord] = [
        EventWord("accept", of: .service, "The service accepted a connection.", [client]),
        EventWord("service-close", of: .service, "The service closed a connection.", [client, code, reason]),
        EventWord("service-refused", of: .service, "The service refused a connection.", [reason, EventField("status", .integer)]),
        EventWord("service-state", of: .service, "The service changed its state.", [EventField("condition", .text, trace: "state")]),
    ]
}

/// What applications show, and which of them can.
struct AppSight: Sendable {
    var word: String
    var apps: [Scenario.App]
    var explanation: String
    /// The key of the expectation and of the trace's `app` event that it goes with.
    var verbs: [String]

    /// The verbs of `app` events.
    static let verbs = ["shows", "hides", "prompts"]

    static let all = [
        AppSight(word: "banner", apps: [.banner], explanation: "the reconnecting banner (APP-01)", verbs: ["shows", "hides"]),
        AppSight(word: "retry", apps: [.manualRetry], explanation: "the retry button (APP-02)", verbs: ["shows", "hides"]),
        AppSight(
            word: "login", apps: [.errorScreens, .tokenLogin], explanation: "the way to log in again (APP-04, APP-05)", verbs: ["prompts"]),
        AppSight(word: "billing", apps: [.errorScreens], explanation: "the way to billing (APP-04)", verbs: ["prompts"]),
        AppSight(word: "kicked", apps: [.errorScreens], explanation: "that the user was kicked (APP-04)", verbs: ["prompts"]),
        AppSight(word: "access-denied", apps: [.errorScreens], explanation: "that access is denied (APP-04)", verbs: ["prompts"]),
        AppSight(word: "connection-failed", apps: [.errorScreens], explanation: "that no connection could be made", verbs: ["prompts"]),
    ]
}
