/// What happens in calls: the peer's events, the links', and what the WebRTC library under them does.
extension EventWord {
    private static let remote = EventField("remote", .text)
    private static let object = EventField("object", .integer)
    private static let reason = EventField("reason", .text)
    private static let callStates = Scenario.CallState.allCases.map(\.rawValue)
    private static let linkStates = Scenario.LinkState.allCases.map(\.rawValue)
    private static let signal = EventField("signal", .choice(["offer", "answer", "ice", "ice-end", "track-metadata"]))
    private static let label = EventField("label", .text)

    static let callEvents: [EventWord] = [
        EventWord(
            "peer-state", for: .call, "The state of MeteredPeer changed.",
            [EventField("was", .choice(callStates), trace: "from"), EventField("becomes", .choice(callStates), trace: "to")]),
        EventWord("joined", for: .call, "The call was joined.", [EventField("id", .text, trace: "peerId"), EventField("channel", .text)]),
        EventWord("left", for: .call, "The call ended for this peer.", [reason]),
        EventWord("peer-joined", for: .call, "A remote peer was added.", [remote, object]),
        EventWord("peer-left", for: .call, "A remote peer was removed.", [remote, object]),
        EventWord("peer-refreshed", for: .call, "A remote peer survived a snapshot (ROS-04).", [remote, object]),
        EventWord("peer-error", for: .call, "MeteredPeer raised an error.", [EventField("error", .text), EventField("code", .code)]),
        EventWord("peer-data", for: .call, "Data came through signalling.", [EventField("kind", .text), EventField("sender", .text, trace: "from")]),
        EventWord(
            "snapshot", for: .call, "A presence was taken for the snapshot (ROS-02).",
            [EventField("channel", .text), EventField("joined", .member)]),
        EventWord(
            "reconcile", for: .call, "The snapshot is late (ROS-09), or was overtaken (ROS-08).",
            [EventField("phase", .choice(["forced-subscribe", "timed-out", "superseded"])), EventField("ordinal", .integer, trace: "n")]),
        EventWord(
            "link-state", kind: "remote-state", for: .call, "The state of a remote peer changed.",
            [
                remote, object, EventField("was", .choice(linkStates), trace: "from"),
                EventField("becomes", .choice(linkStates), trace: "to"),
            ]),
        EventWord(
            "connection", for: .call, "A peer connection was made.",
            [remote, EventField("ordinal", .integer), EventField("cause", .choice(["first", "swap", "replaced"]), trace: "reason")]),
        EventWord("connection-closed", for: .call, "A peer connection was closed.", [remote, EventField("ordinal", .integer)]),
        EventWord(
            "pc-state", for: .call, "A peer connection changed one of its states.",
            [
                remote, EventField("ordinal", .integer),
                EventField("machine", .choice(["signaling", "ice", "gathering", "connection"])),
                EventField("condition", .text, trace: "state"),
            ]),
        EventWord(
            "ladder", for: .call, "Something happened on the ladder of a link (ICE-01 to ICE-07).",
            [
                remote,
                EventField(
                    "phase", .choice(["started", "rung", "skipped", "suspended", "resumed", "reset", "abandoned", "gave-up"])),
                EventField("cause", .text), EventField("rung", .integer), EventField("delay", .duration),
            ]),
        EventWord(
            "rung", kind: "ladder", for: .call, "A rung of a link's ladder began.", [remote, EventField("rung", .integer)],
            marks: [("phase", "rung")]),
        EventWord(
            "rung-skipped", kind: "ladder", for: .call, "A rung was skipped because signalling was not ready (ICE-07).",
            [remote, EventField("rung", .integer)], marks: [("phase", "skipped")]),
        EventWord(
            "gave-up", kind: "ladder", for: .call, "The ladder of a link is at its end (ICE-05).", [remote], marks: [("phase", "gave-up")]),
        EventWord("signal-sent", for: .call, "A signal was sent.", [remote, signal, EventField("repeat", .flag)]),
        EventWord("signal-received", for: .call, "A signal came.", [remote, signal]),
        EventWord("signal-dropped", for: .call, "A signal was dropped.", [remote, signal, reason]),
        EventWord(
            "negotiation-error", for: .call, "A negotiation failed, or recovery gave up.",
            [remote, EventField("error", .text), EventField("giveUp", .flag, trace: "isGiveUp")]),
        EventWord(
            "ice-candidate-error", for: .call, "A STUN or TURN server could not be used.",
            [remote, EventField("url", .text), EventField("code", .code)]),
        EventWord("ice-restart", for: .call, "ICE restarted outside of the ladder (SIG-19).", [remote, EventField("cause", .text)]),
        EventWord(
            "stream", for: .call, "A remote stream came or went.",
            [remote, EventField("phase", .choice(["added", "removed"])), EventField("stream", .text), object]),
        EventWord(
            "track", for: .call, "A remote track came or went.",
            [remote, EventField("track", .text), EventField("kind", .choice(["audio", "video"])), EventField("phase", .text)]),
        EventWord(
            "data-channel", for: .call, "A data channel changed its state.",
            [
                remote, label, EventField("condition", .choice(["connecting", "open", "closing", "closed"]), trace: "state"),
                EventField("origin", .choice(["local", "remote"])),
            ]),
    ] + libraryEvents + callAppEvents

    /// What the WebRTC library does.
    private static let libraryEvents: [EventWord] = [
        EventWord(
            "candidate", for: .call, "A candidate was gathered.",
            [remote, EventField("type", .choice(["host", "srflx", "prflx", "relay"])), EventField("protocol", .text)]),
        EventWord(
            "pair", for: .call, "A pair of candidates was selected or lost.",
            [remote, EventField("phase", .choice(["selected", "lost"])), EventField("local", .text), EventField("far", .text, trace: "remoteCandidate")]),
        EventWord(
            "turn", for: .call, "Something happened to an allocation.",
            [EventField("server", .text), EventField("phase", .text), EventField("code", .code)]),
        EventWord("dtls", for: .call, "DTLS went on.", [remote, EventField("phase", .text)]),
        EventWord(
            "media", for: .call, "The frames of a remote track began to move, or stopped.",
            [
                remote, EventField("track", .text), EventField("phase", .choice(["flowing", "stalled"])),
                EventField("for", .duration),
            ]),
    ]

    /// What the application of a call does, beyond the patterns.
    private static let callAppEvents: [EventWord] = [
        EventWord(
            "tile", kind: "app", for: .call, "The application showed or hid a remote peer's tile.",
            [remote, object, EventField("phase", .choice(["shown", "hidden"]))], marks: [("note", "tile")]),
        EventWord(
            "data-sent", kind: "app", for: .call, "The application sent on a data channel.", [remote, label],
            marks: [("note", "data-sent")]),
        EventWord(
            "data-failed", kind: "app", for: .call, "A send on a data channel failed, or there is no such channel.",
            [remote, label, EventField("error", .text)], marks: [("note", "data-failed")]),
        EventWord(
            "data-received", kind: "app", for: .call, "A message came on a data channel.",
            [remote, label, EventField("bytes", .integer)], marks: [("note", "data-received")]),
    ]
}
