/// Calls and what they need: TURN servers, media, data channels, the options of `MeteredPeer`.
extension Vocabulary {
    private static let transports = ValueType.oneOrMore(.choice(of: Scenario.TURNTransport.self))

    static let turnServer = Shape(
        "a turn server", "A STUN or TURN server on a host of its own. With no keys at all it has every transport.",
        [
            Field("kind", .choice(["turn", "stun"]), "stun only answers binding requests.", default: "turn"),
            Field("network", .reference(.network), "The network it is attached to.", default: "datacentre"),
            Field("transports", transports, "What it listens on; a stun server: udp.", default: "[udp, tcp, tls]"),
            Field("ports", .shape(.turnPorts), "The ports, where they are not the usual ones."),
            Field("urls", transports, "The transports whose URLs clients get; without it every one it listens on."),
            Field("credentialLifetime", .duration, "How long the credentials that clients get are valid.", default: "24 h"),
            Field(
                "allocationLifetime", .duration, "How long an allocation lives without a refresh (RFC 8656, section 3.2).",
                default: "10 min"),
            Field("quota", .integer(0...1_000_000), "Allocations of one user at a time before 486; without it unlimited."),
            Field("capacity", .integer(0...1_000_000), "Allocations in all before 508; without it unlimited."),
            Field("nonceLifetime", .duration, "How long a nonce is accepted before 438.", default: "1 h"),
        ])

    private static let port = ValueType.integer(1...65_535)

    static let turnPorts = Shape(
        "the ports of a turn server", "Ports by transport.",
        [
            Field("udp", port, "For UDP.", default: "3478"), Field("tcp", port, "For TCP.", default: "3478"),
            Field("tls", port, "For TLS.", default: "5349"),
        ])

    /// The keys of a peer that only a call has.
    static let callFields = [
        Field("profile", .choice(of: Scenario.WebRTCProfileName.self), "The WebRTC library whose timing it has.", default: "libwebrtc"),
        Field("gather", .choice(of: Scenario.Gathering.self), "How long it looks for candidates.", default: "once"),
        Field("icePolicy", .choice(of: Scenario.ICEPolicy.self), "relay: only candidates of a TURN server.", default: "all"),
        Field(
            "media", .either([.choice(["none"]), .oneOrMore(.choice(of: Scenario.MediaSource.self))]),
            "What it sends from the start; none for data channels only.", default: "[camera, microphone]"),
        Field("data", .shape(.dataChannels), "Data channels that it opens to everyone; without it none."),
        Field("peerOptions", .shape(.peerOptions), "Options of MeteredPeer; what is not given keeps the SDK's default."),
    ]

    static let dataChannels = Shape(
        "data channels", "Opened to every remote peer when its link is connected (APP-03). A bare value is the labels.",
        shorthand: "labels",
        [
            Field("labels", .oneOrMore(.text), "Their labels.", required: true),
            Field("reopens", .flag, "Whether they are opened again each time a link is connected again.", default: "on"),
            Field("ordered", .flag, "Whether messages keep their order.", default: "on"),
            Field("retransmits", .integer(0...65_535), "How often a message is sent again; without it for ever."),
            Field("every", .duration, "Sends a message this often on each; without it only the timeline sends."),
            Field("size", .size, "The size of each message.", default: "100 B"),
        ])

    static let peerOptions = Shape(
        "peer options", "Options of MeteredPeer.",
        [
            Field("ladderDelays", .list(.duration), "ICE-01: the delay of each rung after the one before; the first is 0 s."),
            Field("stableAfter", .duration, "ICE-04: how long connected must hold to reset the ladder."),
            Field("giveUpAfter", .duration, "ICE-05: from the last rung to giving up."),
            Field("politeDefer", .duration, "ICE-08: how long the polite side waits for the other's first offer."),
            Field("replacementInterval", .duration, "ICE-11: at most one replacement of a connection within this."),
            Field("snapshotTimeout", .duration, "ROS-09: how long a snapshot is waited for; 0 s is for ever."),
            Field("forcedSubscribes", .integer(0...100), "ROS-09: how often a subscribe is forced."),
            Field("stuckTimeout", .duration, "BEY-15: how long a link may be on its way before the ladder starts; 0 s is off."),
            Field("offerTimeout", .duration, "BEY-16: how long an answer is waited for; 0 s is off."),
            Field("offerRepeats", .integer(0...100), "BEY-16: how often an offer is repeated."),
            Field("answerSettleTime", .duration, "ICE-10: with several offers unanswered, how long an answer waits for a later one."),
            Field("keepsConnectedLinks", .flag, "BEY-22: whether a link that is connected at the snapshot is kept."),
            Field("maximumRemotePeers", .integer(1...100_000), "ROS-06: remote peers at one time."),
            Field("dataChannelBuffer", .size, "Bytes that a data channel buffers before messages wait."),
            Field("dataChannelQueue", .integer(0...1_000_000), "Messages that wait for a data channel before a send fails."),
        ])
}

/// What happens to calls.
extension Vocabulary {
    /// The actions of a timeline entry that only calls know.
    static let callActions = [
        Field("turn", .shape(.turnFault), "A TURN server does something wrong."),
        Field("udp-blocked", .shape(.udpBlocked), "A firewall lets no UDP through."),
        Field("snapshot", .shape(.snapshot), "The service does something odd with snapshots."),
        Field("ice-servers", .shape(.iceServersChange), "The service hands out other STUN and TURN servers from now on."),
        Field("join", .shape(.join), "An application joins a channel's call."),
        Field("restart", .shape(.restart), "An application is reloaded: a fresh MeteredPeer with the same peer id."),
        Field("add-track", .shape(.addTrack), "An application begins to send a track."),
        Field("remove-track", .shape(.removeTrack), "An application stops sending a track."),
        Field("replace-track", .shape(.replaceTrack), "An application sends another track in the place of one."),
        Field("open-channel", .shape(.openChannel), "An application opens a data channel."),
        Field("send-data", .shape(.sendData), "An application sends on a data channel."),
    ]

    private static let peers = ValueType.oneOrMore(.reference(.peer))
    private static let ofPeers = Field("peer", peers, "The peers: names, groups or all.", required: true)
    private static let forAWhile = Field("for", .duration, "How long; without it to the end.")
    private static let source = ValueType.choice(of: Scenario.MediaSource.self)

    static let turnFault = Shape(
        "a turn fault", "A TURN server does something wrong.",
        [
            Field("server", .oneOrMore(.reference(.turnServer)), "The servers.", default: "all"),
            Field(
                "does", .choice(Scenario.TURNFault.words),
                "crash: its machine is gone, silently. die: its process is gone, the machine answers with ICMP and RST. drain: no new allocations (300 with \"to\", else 508). expire-credentials: what clients have is refused with 401. quota: new allocations get 486. capacity: they get 508. stale-nonce: the next requests get 438. restart: every allocation is lost, 437.",
                required: true),
            Field("to", .reference(.turnServer), "With drain: the server that clients are sent to."),
            Field("for", .duration, "How long, for what lasts: crash, die, drain, quota, capacity; without it to the end."),
        ])

    static let udpBlocked = Shape(
        "a udp block",
        "A firewall of the network that a host uses at that moment: no UDP passes but name lookups. A bare name is the host.",
        shorthand: "host",
        [
            Field("host", .oneOrMore(.reference(.host)), "The hosts: names, groups or all.", required: true),
            Field("allows", .choice(of: Scenario.AllowedTCP.self), "tcp: all TCP; tcp-443: only TCP to port 443.", default: "tcp"),
            Field("answers", .flag, "Whether senders are told (ICMP, administratively prohibited).", default: "off"),
            forAWhile,
        ])

    static let snapshot = Shape(
        "a snapshot trick",
        "What the service does with the presence that follows a subscribe. One that never comes is \"silent: presence\".",
        [
            Field("peer", peers, "Who gets it: names, groups or all.", default: "all"),
            Field(
                "does", .choice(Scenario.SnapshotTrick.words),
                "late: it comes \"by\" later, deltas do not wait. twice: it comes twice. duplicated: each member stands in it twice. foreign: another channel's snapshot comes first. padded: \"with\" made-up members stand in it.",
                required: true),
            Field("by", .duration, "With late: how much later."),
            Field("channel", .text, "With foreign: the other channel.", default: "another-room"),
            Field("with", .integer(1...20_000), "With padded: how many."),
            Field("times", .integer(1...1_000_000), "How many of each peer's; without it every one."),
            forAWhile,
        ])

    static let iceServersChange = Shape(
        "a change of ice servers", "The service hands out these from the next welcome on. A bare value is the servers.", shorthand: "hands",
        [
            Field("hands", .either([.choice(["none"]), .oneOrMore(.reference(.turnServer))]), "The servers, or none.", required: true)
        ])

    static let join = Shape(
        "a join", "join().", [ofPeers, Field("channel", .text, "The channel.", required: true)])

    static let restart = Shape(
        "a restart", "The application closes everything and is back with a fresh MeteredPeer, the same user. A bare name is the peer.",
        shorthand: "peer",
        [
            ofPeers, Field("down", .duration, "How long there is none.", default: "0 s"),
            Field("metadata", .anything, "What others see of it from then on; without it as before."),
        ])

    static let addTrack = Shape(
        "an add-track", "addTrack().",
        [
            ofPeers, Field("track", source, "What.", required: true),
            Field("metadata", .anything, "What it says of the track (WIRE-11), a mapping."),
        ])

    static let removeTrack = Shape("a remove-track", "removeTrack().", [ofPeers, Field("track", source, "What.", required: true)])

    static let replaceTrack = Shape(
        "a replace-track", "replaceTrack().",
        [
            ofPeers, Field("track", source, "What goes.", required: true),
            Field("with", source, "What comes, of the same kind: camera and screen are video.", required: true),
        ])

    private static let toPeers = Field("to", peers, "The receivers: names, groups or all; never itself.", default: "all")
    private static let label = Field("label", .text, "The channel's label.", required: true)

    static let openChannel = Shape(
        "an open-channel", "createDataChannel().",
        [
            ofPeers, toPeers, label, Field("ordered", .flag, "Whether messages keep their order.", default: "on"),
            Field("retransmits", .integer(0...65_535), "How often a message is sent again; without it for ever."),
        ])

    static let sendData = Shape(
        "a send-data", "Sends on the newest data channel of that label.",
        [
            ofPeers, toPeers, label, Field("size", .size, "The size of each message.", default: "100 B"),
            Field("times", .integer(1...10_000), "How many at once.", default: "1"),
        ])
}
