extension Vocabulary {
    static let scenario = Shape(
        "a scenario", "One file: who there is, what happens, what must come of it.",
        [
            Field("faultline", .integer(1...1), "The version of the language: 1.", required: true),
            Field("name", .text, "A short name. May mention parameters as ${name}.", required: true),
            Field("story", .text, "What happens and what should come of it, for a person."),
            Field(
                "spec", .list(.reference(.rule)),
                "The rules of the specification that the scenario exercises, for example [SIG-01, APP-01]."),
            Field("seeds", .seeds, "The seeds of its runs: 7, 1...20 or [1, 5, 9]; at most 10,000.", default: "1"),
            Field("duration", .duration, "How long the world runs; without it 30 s past the last thing that happens or is expected."),
            Field(
                "extends", .text,
                "Another file, relative to this one, to start from. Mappings merge key by key, anything else replaces, ~ removes a key."),
            Field("parameters", .named(.anything), "Named values with their defaults. ${name} in any value stands for it."),
            Field("matrix", .named(.list(.anything)), "Lists of values for parameters: one scenario for each combination, at most 1,000."),
            Field("networks", .named(.shape(.network)), "Access networks by name: a preset, or figures."),
            Field("hosts", .named(.shape(.host)), "Devices by name.", required: true),
            Field("service", .shape(.service), "The policies of the realtime service."),
            Field("tokenEndpoint", .shape(.tokenEndpoint), "Where applications fetch their tokens."),
            Field("turn", .named(.shape(.turnServer)), "STUN and TURN servers by name, for calls."),
            Field("peers", .named(.shape(.peer)), "Clients of the service by name: the SDK and the application around it.", required: true),
            Field("timeline", .list(.shape(.timelineEntry)), "What happens, each entry with its instant and one action."),
            Field("expect", .list(.shape(.expectation)), "What must come of it."),
        ])

    /// The figures of a link; each may be one value or one for each direction.
    private static let linkFields = [
        Field("rate", .perDirection(.rate), "Data rate; without it unlimited."),
        Field("delay", .perDirection(.duration), "One-way propagation delay."),
        Field("jitter", .perDirection(.duration), "Each packet takes up to this much longer, drawn uniformly; order is kept."),
        Field("loss", .perDirection(.share), "The share of packets lost."),
        Field("burst", .perDirection(.factor(1...1_000)), "The mean number of packets lost in a row; 1 is independent loss."),
        Field("queue", .perDirection(.size), "What waits for the link before the tail is dropped."),
        Field("reordering", .perDirection(.share), "The share of packets that overtake those before them."),
        Field("duplication", .perDirection(.share), "The share of packets that arrive twice."),
    ]

    static let network = Shape(
        "a network", "What lies between an interface and the internet. A bare word is a preset.", shorthand: "preset",
        [Field("preset", .reference(.preset), "The figures to start from.", default: "ethernet")] + linkFields + [
            Field("mtu", .size, "The largest IP packet, 576 B to 9000 B."),
            Field("nat", .shape(.nat), "The address translator; none for public addresses."),
            Field(
                "shared", .flag, "Whether the hosts that name it are in one place, behind one NAT; a preset by its own name never is.",
                default: "on"),
            Field("ipv6", .choice(of: Scenario.IPVersions.self), "none: IPv4 only; dual: both; only-nat64: IPv6 with NAT64."),
        ])

    static let nat = Shape(
        "a NAT", "An address translator in the words of RFC 4787. A bare word is its mapping; none is no translator.", shorthand: "mapping",
        [
            Field("mapping", .choice(["none"] + Scenario.NAT.Behaviour.allCases.map(\.rawValue)), "When a new external port is taken."),
            Field("filtering", .choice(of: Scenario.NAT.Behaviour.self), "Which packets from outside pass."),
            Field("udpTimeout", .duration, "An idle UDP mapping is forgotten after this."),
            Field("tcpTimeout", .duration, "An idle TCP connection is forgotten after this."),
        ])

    static let host = Shape(
        "a host", "A device.",
        [
            Field("interfaces", .named(.shape(.interface)), "Its interfaces, the preferred one first.", required: true),
            Field("count", .integer(1...20_000), "Makes a group of that many: name-001, name-002, ..."),
            Field("tcp", .choice(of: Scenario.TCPProfile.self), "How its TCP retransmits.", default: "linux"),
            Field("clock", .choice(of: Scenario.SleepClock.self), "What its timers do while it sleeps.", default: "stops-in-sleep"),
            Field("pathEvents", .flag, "Whether the application hands the system's path events to the SDK (SIG-19).", default: "on"),
            Field("wallClockOffset", .signedDuration, "How far its wall clock is ahead; negative is behind.", default: "0 s"),
            Field(
                "dns", .shape(.resolver),
                "Its stub resolver; without it that of tcp's system: linux asks at 0 and 5 s, darwin at 0, 1, 4 and 13 s."),
        ])

    static let interface = Shape(
        "an interface", "A bare word is its network; off is an interface that never works.", shorthand: "network",
        [
            Field("network", .either([.choice(["off"]), .reference(.network)]), "The network it is attached to, or off.", required: true),
            Field("up", .flag, "Whether it is up at the start.", default: "on"),
        ])

    static let resolver = Shape(
        "a resolver", "The stub resolver of a host.",
        [
            Field("timeout", .duration, "How long it waits for an answer.", default: "5 s"),
            Field("attempts", .integer(1...10), "How often it asks in all.", default: "2"),
            Field("cache", .duration, "How long it keeps an answer.", default: "60 s"),
        ])

    static let service = Shape(
        "the service", "The realtime service and its policies (SRV-01 to SRV-07).",
        [
            Field("network", .reference(.network), "The network it is attached to.", default: "datacentre"),
            Field("tokenLifetime", .duration, "How long a token is valid.", default: "1 h"),
            Field(
                "sessions", .choice(of: Scenario.SessionPolicy.self), "What a second connection of a peer id does to the first.",
                default: "replace"),
            Field("pingInterval", .duration, "How often it pings a connection.", default: "30 s"),
            Field("pingGrace", .duration, "How long it waits for the pong.", default: "10 s"),
            Field("connectionCap", .integer(0...1_000_000), "Connections at one time before 4010; without it unlimited."),
            Field("messageRate", .integer(1...1_000_000), "Sustained messages per second before 4011.", default: "100"),
            Field("messageBurst", .integer(1...1_000_000), "Messages at once before 4011.", default: "200"),
            Field("messageQuota", .integer(0...1_000_000_000), "Messages of a connection before over_message_quota; without it unlimited."),
            Field("maxMessageSize", .size, "The largest message; more closes with 1009.", default: "65536 B"),
            Field(
                "deniedChannel", .choice(of: Scenario.DeniedChannel.self), "How a subscribe outside the allowed channels is answered.",
                default: "error"),
            Field("keys", .named(.shape(.key)), "The valid publishable keys by name; without it one key, default, that allows everything."),
            Field("processingDelay", .duration, "How long it takes to answer a frame.", default: "1 ms"),
            Field("tls", .choice(["none"] + Scenario.TLSVersion.allCases.map(\.rawValue)), "The TLS version.", default: "1.3"),
            Field("wallClockOffset", .signedDuration, "How far its wall clock is ahead; negative is behind.", default: "0 s"),
            Field(
                "iceServers", .either([.choice(["none"]), .oneOrMore(.reference(.turnServer))]),
                "The STUN and TURN servers it hands to clients (WIRE-07); without it every one there is."),
            Field(
                "iceServerRefresh", .choice(of: Scenario.ICEServerRefresh.self),
                "every-welcome: fresh credentials each time; never: those of the first; first-only: later welcomes have no servers.",
                default: "every-welcome"),
        ])

    static let key = Shape(
        "a key", "A publishable key. A bare value is the channels it allows.", shorthand: "channels",
        [
            Field("channels", .oneOrMore(.text), "Channels it allows; * at the end stands for anything.", default: "*"),
            Field("actions", .oneOrMore(.choice(of: Scenario.KeyAction.self)), "Actions it allows.", default: "[subscribe, publish, send]"),
        ])

    /// The words for what the token endpoint does.
    static let tokenBehaviours = ["works", "fails", "hangs", "issues-expired", "issues-invalid"]

    static let tokenEndpoint = Shape(
        "the token endpoint", "Where applications fetch their tokens. A bare word is what it does from the start.", shorthand: "does",
        [
            Field("does", .choice(tokenBehaviours), "What it does with a call.", default: "works"),
            Field("times", .integer(1...1_000_000), "For how many calls, then it works; without it until told otherwise."),
            Field("latency", .duration, "How long a call takes.", default: "80 ms"),
        ])

    static let peer = Shape(
        "a peer", "A client of the service: the SDK and the application around it.",
        [
            Field("on", .reference(.host), "The host it runs on.", required: true),
            Field("count", .integer(1...20_000), "Makes a group of that many: name-001, name-002, ..."),
            Field(
                "app", .oneOrMore(.choice(of: Scenario.App.self)),
                "chat or call, and the application patterns around it. call is a video call with MeteredPeer.", default: "chat"),
            Field(
                "auth", .either([.choice(["token", "key"]), .reference(.key)]), "token, key (the first key), or the name of a key.",
                default: "token"),
            Field(
                "connects", .either([.choice(["manually"]), .duration]),
                "When the application calls connect; manually: only the timeline does.", default: "0 s"),
            Field("spread", .duration, "Members of a group connect evenly spread over this time.", default: "0 s"),
            Field("joins", .oneOrMore(.join), "Channels it subscribes to: room, or room at 5 s. A call joins one."),
            Field("metadata", .anything, "What others see of it (peerMetadata), a mapping."),
            Field("senderMetadata", .flag, "Whether its subscriptions ask for the senders' metadata.", default: "off"),
            Field("publishes", .oneOrMore(.shape(.publication)), "What it publishes all along."),
            Field("options", .shape(.options), "Options of the SDK's signalling; what is not given keeps the SDK's default."),
        ] + callFields)

    static let publication = Shape(
        "a publication", "Messages at regular intervals while connected.",
        [
            Field("channel", .text, "The channel.", required: true),
            Field("every", .duration, "The interval.", required: true),
            Field("size", .size, "The size of the data.", default: "100 B"),
            Field("from", .duration, "The first instant.", default: "0 s"),
            Field("until", .duration, "The last instant; without it the end."),
        ])

    static let options = Shape(
        "the options", "Options of the SDK's signalling client by the names of the specification.",
        [
            Field("initialDelay", .duration, "SIG-01: the first reconnect delay."),
            Field("multiplier", .factor(1...100), "SIG-01: from one delay to the next."),
            Field("maxDelay", .duration, "SIG-01: the cap."),
            Field("jitterRatio", .factor(0...1), "SIG-02: the jitter's share of the delay."),
            Field("maxAttempts", .integer(0...1_000_000), "SIG-03: attempts without a connection that held."),
            Field("stableAfter", .duration, "SIG-04: how long a connection must hold to count."),
            Field("slowFloor", .duration, "SIG-06: the least delay after a 4010."),
            Field("tokenTimeout", .duration, "SIG-07: the cap of a token call."),
            Field("tokenFailureThreshold", .integer(1...1_000_000), "SIG-08: failures in a row from which on each is reported."),
            Field("openTimeout", .duration, "SIG-09: how long an attempt may take to open."),
            Field("welcomeTimeout", .duration, "SIG-09: how long an open socket may take to the welcome."),
            Field("requestTimeout", .duration, "SIG-10: how long a request may take."),
            Field("watchdog", .duration, "SIG-11: silence that ends a connection; 0 s is off."),
            Field("autoResubscribe", .flag, "SIG-12: whether subscriptions are replayed."),
            Field("resubscribeRetries", .integer(0...1_000), "SIG-12: how often a failed replay is retried."),
            Field("resubscribeDelay", .duration, "SIG-12: the delay after each failure."),
            Field("autoReconnect", .flag, "SIG-15: whether it reconnects at all."),
            Field("closeTimeout", .duration, "SIG-16: how long close() waits for the echo."),
            Field("closeHandshakeTimeout", .duration, "BEY-03: how long its own closes wait for the echo; 0 s is not at all."),
            Field("respectGoingAway", .flag, "SIG-18: whether retryAfterMs is respected."),
            Field("pathProbeTimeout", .duration, "SIG-19: how long the probe after a path change may take."),
            Field("paceRate", .integer(0...1_000_000), "SIG-20: frames per second; 0 is off."),
            Field("paceBurst", .integer(1...1_000_000), "SIG-20: frames at once."),
            Field("upgradeRejections", .flag, "BEY-07: whether rejected upgrades are reported and can be terminal."),
            Field("serialSignals", .flag, "WIRE-11: whether a signal of a call waits for the ack of the one before."),
        ])
}
