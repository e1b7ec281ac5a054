/// What happens in calls: the peer's events, the links', and what the WebRTC library under them does.
extension EventWord {
    private static let remote = EventField("remote", .text)
    private static let object = EventField("object", .integer)
    private static let reason = EventField("reason", .text)
    private static let callStates = Scenario.CallState.allCases.map(\.rawValue)
    private static let linkStates = Scenario.LinkState.allCases.map(\.rawValue)
    private static let signal = EventField("signal", .choice(["offer", "answer", "ice", "ice-end", "track-metadata"]))
    private static let label = EventField("label", .text)
    private static let detail = EventField("detail", .text, trace: "event")

    static let callEvents: [EventWord] =
        [
            EventWord(
                "peer-state", for: .call, "The state of MeteredPeer changed.",
                [EventField("was", .choice(callStates), trace: "from"), EventField("becomes", .choice(callStates), trace: "to")]),
            EventWord(
                "joined", for: .call, "The call was joined.", [EventField("id", .text, trace: "peerId"), EventField("channel", .text)]),
            EventWord("left", for: .call, "The call ended for this peer.", [reason]),
            EventWord("peer-joined", for: .call, "A remote peer was added.", [remote, object]),
            EventWord("peer-left", for: .call, "A remote peer was removed.", [remote, object]),
            EventWord("peer-refreshed", for: .call, "A remote peer survived a snapshot (ROS-04).", [remote, object]),
            EventWord(
                "peer-error", for: .call, "MeteredPeer raised an error.",
                [
                    EventField(
                        "error",
                        .choice(["disconnected", "reconcile-timeout", "token-provider", "resubscribe-failed", "server-error", "other"])),
                    EventField("code", .code), EventField("name", .text),
                ]),
            EventWord(
                "peer-data", for: .call, "Data came.",
                [EventField("kind", .choice(["broadcast", "direct", "channel"])), EventField("sender", .text, trace: "from"), label]),
            EventWord(
                "join", for: .call, "The application called join, or it returned or threw.",
                [EventField("phase", .choice(["called", "done", "failed"])), EventField("channel", .text), EventField("error", .text)]),
            EventWord(
                "leave", for: .call, "The application called the peer's close, or it returned.",
                [EventField("phase", .choice(["called", "done"]))]),
            EventWord(
                "member-ignored", for: .call, "A member of a presence did not become a remote peer (ROS-06).",
                [remote, EventField("reason", .choice(["self", "duplicate", "over-cap"]))]),
            EventWord(
                "data-dropped", kind: "peer-data-dropped", for: .call, "Data that the application was not shown (ROS-13).",
                [EventField("sender", .text, trace: "from"), reason]),
            EventWord(
                "snapshot", for: .call, "A presence was taken for the snapshot (ROS-02).",
                [EventField("channel", .text), EventField("member", .member, trace: "members")]),
            EventWord(
                "reconcile", for: .call, "The snapshot is late (ROS-09), or was overtaken (ROS-08).",
                [
                    EventField("phase", .choice(["forced-subscribe", "timed-out", "superseded"])),
                    EventField("ordinal", .integer, trace: "n"),
                ]),
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
                        "phase",
                        .choice([
                            "started", "scheduled", "rung", "outcome", "skipped", "suspended", "resumed", "reset", "abandoned",
                            "give-up-postponed", "gave-up",
                        ])), EventField("cause", .text), EventField("rung", .integer), EventField("delay", .duration),
                    EventField(
                        "result", .choice(["offer-sent", "answered", "yielded", "connected", "failed", "superseded"]), trace: "outcome"),
                ]),
            EventWord(
                "rung", kind: "ladder", for: .call, "A rung of a link's ladder began.", [remote, EventField("rung", .integer)],
                marks: [("phase", "rung")]),
            EventWord(
                "rung-skipped", kind: "ladder", for: .call, "A rung was skipped because signalling was not ready (ICE-07).",
                [remote, EventField("rung", .integer), EventField("cause", .choice(["signalling-down", "awaiting-snapshot"]))],
                marks: [("phase", "skipped")]),
            EventWord(
                "gave-up", kind: "ladder", for: .call, "The ladder of a link is at its end (ICE-05).", [remote],
                marks: [("phase", "gave-up")]),
            EventWord("signal-sent", for: .call, "A signal was sent.", [remote, signal, EventField("repeat", .integer, absent: 0)]),
            EventWord("signal-received", for: .call, "A signal came.", [remote, signal]),
            EventWord("signal-dropped", for: .call, "A signal was dropped.", [remote, signal, reason]),
            EventWord(
                "signal-failed", for: .call, "A signal was not delivered.", [remote, signal, EventField("error", .text)]),
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
                "ice-servers", for: .call, "What became of a welcome's ICE servers (WIRE-07).",
                [EventField("phase", .choice(["taken", "kept", "discarded"])), EventField("list", .integer, trace: "serverList")]),
            EventWord(
                "configuration", for: .call, "A peer connection was given ICE servers.",
                [remote, EventField("ordinal", .integer), EventField("list", .integer, trace: "serverList")]),
            EventWord(
                "local-track", for: .call, "A local track was added, removed, replaced, or attached to a connection.",
                [
                    remote, EventField("track", .text), EventField("kind", .choice(["audio", "video"])),
                    EventField("phase", .choice(["added", "removed", "replaced", "attached", "detached"])),
                ]),
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
            [
                remote, EventField("type", .choice(["host", "srflx", "prflx", "relay"])),
                EventField("protocol", .choice(["udp", "tcp", "tls"])),
            ]),
        EventWord(
            "pair", for: .call, "What became of a pair of candidates, each told as type and address.",
            [
                remote, EventField("phase", .choice(["succeeded", "selected", "failed", "lost"])),
                EventField("local", .text, trace: "localCandidate"), EventField("far", .text, trace: "remoteCandidate"),
            ]),
        EventWord(
            "turn", for: .call, "What a TURN client did: allocated, refused, refreshed, redirected, lost.",
            [remote, EventField("server", .text), detail, EventField("code", .integer)]),
        EventWord("ice", for: .call, "ICE went on.", [remote, detail]),
        EventWord("dtls", for: .call, "DTLS went on.", [remote, detail]),
        EventWord("sctp", for: .call, "SCTP went on.", [remote, detail]),
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
            "data-received", kind: "peer-data", for: .call, "A message came on a data channel.",
            [EventField("remote", .text, trace: "from"), label], marks: [("kind", "channel")]),
    ]
}
