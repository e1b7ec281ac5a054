import Trace

/// One event of every kind, made as producers make them.
enum TraceExamples {
    static let all = client + peer + webrtc

    /// What clients and the world around them report.
    static let client: [TraceEvent] = {
        var options = TracedOptions()
        options.credential = .token
        options.host = "phone"
        options.maxAttempts = 3
        options.reconnectJitter = 0.1
        options.autoReconnect = false
        return [
            .options(at: 0, who: "a", options), .state(at: 0, who: "a", from: "idle", to: "connecting"),
            .attempt(at: 0, who: "a", n: 0, ordinal: 1), .token(at: 0, who: "a", phase: .failed, n: 1, error: "timeout"),
            .dial(at: 0, who: "a", host: "h", port: 443, tls: true), .dialFailed(at: 0, who: "a", error: "refused", status: 401),
            .open(at: 0, who: "a"), .welcome(at: 0, who: "a", peerID: "p", maxMessageSize: 65_536),
            .backoff(at: 0, who: "a", attempt: 1, baseNs: 1, floorNs: 2, delayNs: 3, reason: "r"),
            .backoffShortened(at: 0, who: "a", remainingNs: 1), .lateAck(at: 0, who: "a", requestID: "r"), .connectCalled(at: 0, who: "a"),
            .sent(at: 0, who: "a", frame: "publish", requestID: "r", channel: "c", to: "p", bytes: 10, dataBytes: 2),
            .received(at: 0, who: "a", frame: "ack", requestID: "r", channel: "c", from: "p", code: "x", bytes: 9, rawRetryAfter: 5),
            .droppedFrame(at: 0, who: "a", reason: "bad JSON", binary: false), .closeSent(at: 0, who: "a", code: 1000, reason: ""),
            .closeReceived(at: 0, who: "a", code: 1000, reason: ""), .closeAbandoned(at: 0, who: "a"),
            .socketClosed(at: 0, who: "a", code: 1000, reason: "", opened: true),
            .connected(at: 0, who: "a", peerID: "p", reconnect: false),
            .disconnected(at: 0, who: "a", code: 1006, reason: "", willReconnect: true),
            .presence(at: 0, who: "a", channel: "c", joined: ["p"], left: []), .message(at: 0, who: "a", channel: "c", from: "p"),
            .direct(at: 0, who: "a", from: "p"), .serverError(at: 0, who: "a", code: "x"), .goingAway(at: 0, who: "a", retryAfterNs: 1),
            .tokenProviderError(at: 0, who: "a", count: 3), .replayFailed(at: 0, who: "a", channel: "c", error: "e"),
            .upgradeRejected(at: 0, who: "a", status: 401), .request(at: 0, who: "a", id: "r", kind: .replay, channel: "c"),
            .requestDone(at: 0, who: "a", id: "r", kind: .replay, outcome: .rejected, code: "x"), .watchdog(at: 0, who: "a", silenceNs: 1),
            .pathChanged(at: 0, who: "a", oldPathGone: true), .closeCalled(at: 0, who: "a"), .closedDone(at: 0, who: "a"),
            .log(at: 0, who: "a", level: "info", text: "t"), .app(at: 0, who: "a", .shows("banner")),
            .interface(at: 0, who: "phone", name: "wifi", up: true, address: "10.0.0.2"), .path(at: 0, who: "phone", satisfied: true),
            .sleep(at: 0, who: "phone", clock: .stops), .wake(at: 0, who: "phone"), .appSuspended(at: 0, who: "phone", clock: .continues),
            .appResumed(at: 0, who: "phone"), .wallClock(at: 0, who: "phone", jumpNs: -1),
            .packetDropped(at: 0, who: "wifi", link: "wifi", reason: "loss", fault: "f", transport: "TCP", count: 2, bytes: 99),
            .network(.tcp, at: 0, who: "phone", event: "syn", details: ["n": 1]), .network(.nat, at: 0, who: "nat", event: "bound"),
            .network(.dns, at: 0, who: "phone", event: "query"), .accept(at: 0, connection: 1, peer: "p"),
            .serviceClose(at: 0, connection: 1, peer: "p", code: 1000, reason: ""), .serviceRefused(at: 0, reason: "down", status: 503),
            .serviceState(at: 0, state: "down"), .timeline(at: 0, name: "doors close", action: "blackout", phase: .begin),
        ]
    }()

    static let offer: TracedSignal = {
        var offer = TracedSignal(.offer, ufrag: "u1", fingerprint: "f1", sections: ["audio", "video"], tracks: ["mic", "cam"])
        offer.trackID = "mic"
        offer.characters = 120
        return offer
    }()

    static let peer: [TraceEvent] = {
        var options = TracedPeerOptions()
        options.ladderDelaysNs = [0, 1_000_000_000]
        options.keepsConnectedLinks = true
        return [
            .peerOptions(at: 0, who: "a", options), .join(at: 0, who: "a", phase: .failed, channel: "c", error: "rejected", code: "x"),
            .leave(at: 0, who: "a", phase: .called), .peerState(at: 0, who: "a", from: "joining", to: "joined"),
            .joined(at: 0, who: "a", peerID: "p", channel: "c"), .left(at: 0, who: "a", reason: "closed"),
            .peerJoined(at: 0, who: "a", remote: "b", object: 1, metadata: ["name": "Bob"]),
            .peerLeft(at: 0, who: "a", remote: "b", object: 1),
            .peerRefreshed(at: 0, who: "a", remote: "b", object: 1, metadata: ["name": "Bob"], kept: false),
            .memberIgnored(at: 0, who: "a", remote: "p", reason: .own),
            .peerError(at: 0, who: "a", error: .disconnected, code: 4020, name: "admin_disconnect", text: "kicked"),
            .peerData(at: 0, who: "a", kind: .direct, from: "b", label: "chat", shape: "rtc-ice"),
            .peerDataDropped(at: 0, who: "a", kind: .direct, from: "z", reason: "not in the roster"),
            .iceServers(at: 0, who: "a", phase: .taken, urls: ["turn:t.example:3478?transport=udp"], list: 1),
            .snapshot(at: 0, who: "a", channel: "c", members: ["p", "b"], metadata: ["b": ["name": "Bob"]]),
            .reconcile(at: 0, who: "a", phase: .forcedSubscribe, n: 1),
            .remoteState(at: 0, who: "a", remote: "b", object: 1, from: "connected", to: "reconnecting"),
            .connection(at: 0, who: "a", remote: "b", ordinal: 2, reason: .swap, iceServers: ["stun:s.example"], list: 1),
            .configuration(at: 0, who: "a", remote: "b", ordinal: 2, iceServers: ["stun:s.example"], list: 2),
            .connectionClosed(at: 0, who: "a", remote: "b", ordinal: 2),
            .pcState(at: 0, who: "a", remote: "b", ordinal: 2, machine: .signaling, state: "have-local-offer"),
            .ladder(at: 0, who: "a", remote: "b", phase: .rung, cause: .failed, rung: 4, delayNs: 8_000_000_000, outcome: .offerSent),
            .iceRestart(at: 0, who: "a", remote: "b", cause: "path-changed"),
            .signalSent(at: 0, who: "a", remote: "b", offer, repetition: 1, requestID: "r7"),
            .signalReceived(at: 0, who: "a", remote: "b", offer),
            .signalDropped(at: 0, who: "a", remote: "b", offer, reason: "collision"),
            .signalFailed(at: 0, who: "a", remote: "b", offer, error: "disconnected"),
            .negotiationError(at: 0, who: "a", remote: "b", error: "gave-up", isGiveUp: true, attempts: 9),
            .iceCandidateError(at: 0, who: "a", remote: "b", url: "turn:t.example", code: 701, text: "no answer"),
            .localTrack(at: 0, who: "a", phase: .attached, track: "mic", kind: "audio", stream: "s", remote: "b", ordinal: 2),
            .stream(at: 0, who: "a", remote: "b", phase: .added, stream: "s", object: 2),
            .track(at: 0, who: "a", remote: "b", phase: .added, track: "cam", kind: "video", stream: "s", metadata: ["hd": true]),
            .dataChannel(at: 0, who: "a", remote: "b", label: "chat", state: "open", origin: .local, object: 3),
        ]
    }()

    static let webrtc: [TraceEvent] = [
        .candidate(at: 0, who: "a", remote: "b", type: "relay", address: "203.0.113.9:49152", transport: "udp"),
        .pair(at: 0, who: "a", remote: "b", phase: .selected, localCandidate: "host 10.0.0.2:5000", remoteCandidate: "host 10.0.0.3:5000"),
        .webrtc(.ice, at: 0, who: "a", remote: "b", event: "check", details: ["n": 3]),
        .webrtc(.dtls, at: 0, who: "a", event: "connected"), .webrtc(.sctp, at: 0, who: "a", event: "established"),
        .turn(at: 0, who: "a", remote: "b", server: "turn:t.example", event: "refused", code: 486),
        .media(at: 0, who: "a", remote: "b", track: "cam", kind: "video", phase: .flowing, forNs: 1_300_000_000),
    ]
}
