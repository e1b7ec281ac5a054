extension Vocabulary {
    static let timelineEntry = Shape(
        "an action", "One thing that happens: its instant, perhaps a name for it, and exactly one action.",
        [
            Field("at", .moment, "When, from the start: 30 s."),
            Field("after", .moment, "When, from a named instant: doors close + 5 s."),
            Field("name", .text, "A name for the instant, for other entries and for expectations."),
        ] + actions + callActions)

    /// The keys of a timeline entry that are not an action.
    static let timelineWords = ["at", "after", "name"]

    private static let actions = [
        Field("blackout", .shape(.blackout), "Packets are lost silently."),
        Field("link-down", .shape(.linkDown), "An interface loses carrier and address."),
        Field("roam", .shape(.roam), "A host moves from one interface to another."),
        Field("link", .shape(.link), "The quality of a link changes."),
        Field("nat-rebind", .shape(.natRebind), "The NAT forgets its mappings and takes new ports."),
        Field("dns", .shape(.dns), "Name resolution fails."),
        Field("captive-portal", .shape(.captivePortal), "The network lets nothing through but its portal."),
        Field("vpn", .shape(.vpn), "A tunnel comes up or goes."),
        Field("sleep", .shape(.sleep), "A device sleeps."),
        Field("suspend-app", .shape(.suspendApp), "The system suspends an application."),
        Field("wall-clock", .shape(.wallClock), "A wall clock jumps."),
        Field("half-open", .shape(.halfOpen), "The service's side of a connection is gone, silently."),
        Field("deploy", .shape(.deploy), "The service is replaced."),
        Field("crash", .shape(.crash), "The service dies."),
        Field("service-close", .shape(.serviceClose), "The service closes connections."),
        Field("refuse", .shape(.refuse), "The service's host refuses connections."),
        Field("slow", .shape(.slow), "The service answers late."),
        Field("silent", .shape(.silent), "The service stops saying something."),
        Field("reject", .shape(.reject), "The service answers requests with an error."),
        Field("malformed", .shape(.malformed), "The service sends something malformed."),
        Field("raw", .shape(.raw), "The service sends a text frame as it is written here."),
        Field("flap", .shape(.flap), "The service welcomes and closes, again and again."),
        Field("http", .shape(.http), "The service answers the upgrade with an HTTP status."),
        Field("going-away", .shape(.goingAway), "The service announces that it is going away."),
        Field("token-endpoint", .shape(.tokenEndpointChange), "The token endpoint changes its behaviour."),
        Field("new-id", .shape(.newID), "The service knows a peer by another id from its next connection on."),
        Field("connect", .shape(.connect), "An application calls connect."),
        Field("retry", .shape(.retry), "The user presses an application's retry button (APP-02)."),
        Field("close", .shape(.close), "An application calls close."),
        Field("subscribe", .shape(.subscribe), "An application subscribes."),
        Field("unsubscribe", .shape(.unsubscribe), "An application unsubscribes."),
        Field("publish", .shape(.publish), "An application publishes."),
        Field("send", .shape(.send), "An application sends to a peer."),
        Field("network-path-changed", .shape(.networkPathChanged), "An application reports a change of the network path to the SDK."),
    ]

    private static let hosts = ValueType.oneOrMore(.reference(.host))
    private static let peers = ValueType.oneOrMore(.reference(.peer))
    private static let onHosts = Field("host", hosts, "The hosts: names, groups or all.", required: true)
    private static let onAnyHosts = Field("host", hosts, "The hosts: names, groups or all.", default: "all")
    private static let forAWhile = Field("for", .duration, "How long; without it to the end.")
    private static let ofPeers = Field("peer", peers, "The peers: names, groups or all.", required: true)
    private static let ofAnyPeers = Field("peer", peers, "The peers: names, groups or all.", default: "all")
    private static let times = ValueType.integer(1...1_000_000)

    static let blackout = Shape(
        "a blackout", "Packets are lost silently: at all links of a host, at one, or between two parties.",
        [
            Field("host", hosts, "The hosts: names, groups or all."),
            Field("interface", .reference(.interface), "Only this interface of the host."),
            Field(
                "between", .list(.oneOrMore(.reference(.party))),
                "Two parties, each a name or a list: hosts, service, token-endpoint, TURN servers; media is every TURN server and every other host of a call. From the first to the second is up."
            ),
            Field("direction", .choice(of: Scenario.Direction.self), "up is from the host, down is to it.", default: "both"),
            forAWhile,
        ])

    static let linkDown = Shape(
        "a link-down", "An interface loses carrier and address.",
        [onHosts, Field("interface", .reference(.interface), "The interface.", required: true), forAWhile])

    static let roam = Shape(
        "a roam", "One interface goes, another comes.",
        [
            onHosts,
            Field("from", .reference(.interface), "The interface that goes.", required: true),
            Field("to", .reference(.interface), "The interface that comes.", required: true),
            Field("dead", .duration, "How long there is neither.", default: "0 s"),
        ])

    static let link = Shape(
        "a link change", "New figures for the links of a host; what is not given stays.",
        [onHosts, Field("interface", .reference(.interface), "Only this interface.")]
            + network.fields.filter { ["rate", "delay", "jitter", "loss", "burst", "queue", "reordering", "duplication"].contains($0.key) }
            + [forAWhile])

    static let natRebind = Shape(
        "a nat-rebind", "The NAT in front of a host forgets its mappings. A bare name is the host.", shorthand: "host", [onHosts])

    static let dns = Shape(
        "a dns failure", "Name resolution fails. A bare word is how.", shorthand: "fails",
        [onAnyHosts, Field("fails", .choice(of: Scenario.DNSFailure.self), "How.", required: true), forAWhile])

    static let captivePortal = Shape(
        "a captive portal", "Nothing passes but the portal; port 443 is treated as said.",
        [onHosts, Field("kind", .choice(of: Scenario.CaptivePortalKind.self), "What happens to port 443.", default: "reset"), forAWhile])

    static let vpn = Shape(
        "a vpn", "A tunnel comes up or goes: the address changes.", [onHosts, Field("state", .flag, "on or off.", required: true)])

    static let sleep = Shape(
        "a sleep", "Devices sleep.",
        [
            onHosts,
            Field("for", .duration, "How long.", required: true),
            Field("clock", .choice(of: Scenario.SleepClock.self), "What the timers do; without it as the host says."),
            Field("sockets", .choice(of: Scenario.SocketsInSleep.self), "What becomes of the sockets.", default: "kept"),
        ])

    static let suspendApp = Shape(
        "a suspend-app", "The system suspends applications; the devices stay awake.",
        [
            Field("peer", peers, "The peers: names, groups or all."),
            Field("host", hosts, "Every peer on these hosts."),
            Field("for", .duration, "How long.", required: true),
            Field("sockets", .choice(of: Scenario.SocketsInSleep.self), "What becomes of the sockets.", default: "kept"),
            Field("timers", .choice(of: Scenario.SuspendedTimers.self), "What the timers do.", default: "running"),
        ])

    static let wallClock = Shape(
        "a wall-clock jump", "A wall clock jumps; monotonic clocks do not.",
        [
            Field("host", .oneOrMore(.reference(.hostOrService)), "The hosts, or service.", required: true),
            Field("jump", .signedDuration, "By how much; negative is back.", required: true),
        ])

    static let halfOpen = Shape(
        "a half-open", "The service forgets connections without a packet; the clients are not told. A bare name is the peer.",
        shorthand: "peer",
        [Field("peer", peers, "The peers: names, groups or all."), Field("host", hosts, "Every peer on these hosts.")])

    static let deploy = Shape(
        "a deploy", "going_away, a grace time, 1001 to everyone, a time of refusal, back (SRV-05).",
        [
            Field("retryAfter", .duration, "What going_away asks for; without it the field is missing."),
            Field("announce", .flag, "Whether going_away is sent at all.", default: "on"),
            Field("grace", .duration, "From going_away to the 1001.", default: "0 s"),
            Field("down", .duration, "How long connections are refused.", required: true),
        ])

    static let crash = Shape(
        "a crash", "The service dies (SRV-05).",
        [
            Field(
                "connections", .choice(of: Scenario.CrashedConnections.self), "reset: its host lives on; silent: its host is gone.",
                default: "reset"), forAWhile,
        ])

    static let serviceClose = Shape(
        "a service-close", "The service closes connections with a code.",
        [
            ofAnyPeers,
            Field("code", .integer(1000...4999), "The close code.", required: true),
            Field("reason", .text, "The reason."),
            Field(
                "when", .choice(of: Scenario.CloseMoment.self), "now: the connection that is there; the others: connections to come.",
                default: "now"),
            Field("times", times, "How many connections of each peer.", default: "1"),
        ])

    static let refuse = Shape("a refusal", "The service's host answers a SYN with a reset, whoever it is from.", [forAWhile])

    static let slow = Shape(
        "a slowdown", "The service answers later.", [ofAnyPeers, Field("delay", .duration, "By how much.", required: true), forAWhile])

    static let silent = Shape(
        "a silence", "The service stops saying something. A bare word is what.", shorthand: "what",
        [
            ofAnyPeers,
            Field(
                "what", .choice(of: Scenario.Silence.self), "What it keeps to itself; accept is about everyone.", default: "everything"),
            forAWhile,
        ])

    static let reject = Shape(
        "a rejection", "The service answers requests with an error frame.",
        [
            ofAnyPeers,
            Field("request", .choice(of: Scenario.RequestKind.self), "Which requests.", required: true),
            Field("code", .text, "The error's code, for example channel_not_authorized.", required: true),
            Field("channel", .text, "Only requests for this channel."),
            Field("times", times, "How many of each peer; without it every one."),
        ])

    static let malformed = Shape(
        "a malformed frame", "The service sends something that it should not. A bare word is the kind.", shorthand: "kind",
        [
            ofAnyPeers, Field("kind", .choice(of: Scenario.MalformedKind.self), "What is wrong.", required: true),
            Field("times", times, "How many frames at once.", default: "1"),
        ])

    static let raw = Shape(
        "a raw frame", "The service sends a text frame as it is written here. A bare text is the frame.", shorthand: "text",
        [ofAnyPeers, Field("text", .text, "The frame's text.", required: true)])

    static let flap = Shape(
        "a flap", "The service welcomes each connection and closes it again.",
        [
            ofAnyPeers,
            Field("every", .duration, "How long each connection lives after its welcome.", required: true),
            Field("code", .integer(1000...4999), "The close code.", default: "1011"),
            Field("times", times, "How many connections of each peer.", required: true),
        ])

    static let http = Shape(
        "an http answer", "The upgrade is answered with a status. A bare number is the status.", shorthand: "status",
        [
            ofAnyPeers,
            Field("status", .integer(200...599), "The status.", required: true),
            Field("times", times, "How many upgrades of each peer."),
            Field("for", .duration, "How long; with neither to the end."),
        ])

    static let goingAway = Shape(
        "a going-away", "A going_away frame without a close. A bare duration is retryAfter.", shorthand: "retryAfter",
        [ofAnyPeers, Field("retryAfter", .duration, "What it asks for; without it the field is missing.")])

    static let tokenEndpointChange = Shape(
        "a token endpoint change", "The token endpoint changes its behaviour. A bare word is what it does.", shorthand: "does",
        [
            Field("does", .choice(tokenBehaviours), "What it does with a call.", default: "works"),
            Field("times", times, "For how many calls, then it works."),
            Field("latency", .duration, "How long a call takes; without it as before."),
            Field("for", .duration, "How long, then as before; without it from now on."),
        ])

    static let newID = Shape(
        "a new id",
        "From its next connection on the service knows a peer by another id; others see a stranger come (BEY-21). Here it keeps its name.",
        [
            Field("peer", .reference(.peer), "The peer.", required: true),
            Field("id", .text, "The id, for expectations too: { event: peer-joined, remote: alice-2 }.", required: true),
        ])

    static let connect = Shape("a connect", "connect(). A bare name is the peer.", shorthand: "peer", [ofPeers])

    static let retry = Shape("a retry", "The retry button. A bare name is the peer.", shorthand: "peer", [ofPeers])

    static let close = Shape(
        "a close", "close(). A bare name is the peer.", shorthand: "peer",
        [ofPeers, Field("code", .integer(1000...4999), "The close code.", default: "1000"), Field("reason", .text, "The reason.")])

    private static let channel = Field("channel", .text, "The channel.", required: true)

    static let subscribe = Shape(
        "a subscribe", "subscribe().",
        [ofPeers, channel, Field("senderMetadata", .flag, "Whether it asks for the senders' metadata.", default: "off")])

    static let unsubscribe = Shape("an unsubscribe", "unsubscribe().", [ofPeers, channel])

    private static let message = [
        Field("size", .size, "The size of the data.", default: "100 B"),
        Field("times", .integer(1...10_000), "How many at once.", default: "1"),
    ]

    static let publish = Shape("a publish", "publish().", [ofPeers, channel] + message)

    static let send = Shape(
        "a send", "send().",
        [ofPeers, Field("to", .text, "The receiver: a peer, or any peer id; of a call without it everyone in the room.")] + message)

    static let networkPathChanged = Shape(
        "a network-path-changed", "networkPathChanged(). A bare name is the peer.", shorthand: "peer",
        [ofPeers, Field("oldPathGone", .flag, "Whether the old path is gone.", default: "off")])
}
