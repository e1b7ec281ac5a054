/// What a trace event can be. The raw value is the event's `what` on disk; the fields of each kind stand in ``TraceVocabulary``.
public enum TraceKind: String, CaseIterable, Hashable, Sendable {
    // The client under test.
    case options
    case state
    case attempt
    case token
    case dial
    case dialFailed = "dial-failed"
    case open
    case welcome
    case backoff
    case backoffShortened = "backoff-shortened"
    case sent
    case received
    case droppedFrame = "dropped-frame"
    case closeSent = "close-sent"
    case closeReceived = "close-received"
    case closeAbandoned = "close-abandoned"
    case socketClosed = "socket-closed"
    case connected
    case disconnected
    case presence
    case message
    case direct
    case serverError = "server-error"
    case goingAway = "going-away"
    case tokenProviderError = "token-provider-error"
    case replayFailed = "replay-failed"
    case upgradeRejected = "upgrade-rejected"
    case request
    case requestDone = "request-done"
    case lateAck = "late-ack"
    case watchdog
    case pathChanged = "path-changed"
    case connectCalled = "connect-called"
    case closeCalled = "close-called"
    case closedDone = "closed-done"
    case log

    // The peer under test: the room, its remote peers, one connection to each.
    case peerOptions = "peer-options"
    case join
    case leave
    case peerState = "peer-state"
    case joined
    case left
    case peerJoined = "peer-joined"
    case peerLeft = "peer-left"
    case peerRefreshed = "peer-refreshed"
    case memberIgnored = "member-ignored"
    case peerError = "peer-error"
    case peerData = "peer-data"
    case peerDataDropped = "peer-data-dropped"
    case iceServers = "ice-servers"
    case snapshot
    case reconcile
    case remoteState = "remote-state"
    case connection
    case configuration
    case connectionClosed = "connection-closed"
    case pcState = "pc-state"
    case ladder
    case iceRestart = "ice-restart"
    case signalSent = "signal-sent"
    case signalReceived = "signal-received"
    case signalDropped = "signal-dropped"
    case signalFailed = "signal-failed"
    case negotiationError = "negotiation-error"
    case iceCandidateError = "ice-candidate-error"
    case localTrack = "local-track"
    case stream
    case track
    case dataChannel = "data-channel"

    // The WebRTC library below it.
    case candidate
    case pair
    case ice
    case turn
    case dtls
    case sctp
    case media

    // What stands around it.
    case app
    case interface
    case path
    case sleep
    case wake
    case appSuspended = "app-suspended"
    case appResumed = "app-resumed"
    case wallClock = "wall-clock"
    case packetDropped = "packet-dropped"
    case tcp
    case nat
    case dns
    case accept
    case serviceClose = "service-close"
    case serviceRefused = "service-refused"
    case serviceState = "service-state"
    case timeline

    /// Which part of the world reports events of this kind.
    public enum Source: String, CaseIterable, Hashable, Sendable {
        case client, peer, webrtc, app, host, network, service, timeline
    }

    /// Which part of the world reports events of this kind.
    public var source: Source {
        switch self {
        case .options, .state, .attempt, .token, .dial, .dialFailed, .open, .welcome, .backoff, .backoffShortened, .sent, .received,
            .droppedFrame, .closeSent,
            .closeReceived, .closeAbandoned, .socketClosed, .connected, .disconnected, .presence, .message, .direct, .serverError,
            .goingAway, .tokenProviderError, .replayFailed, .upgradeRejected, .request, .requestDone, .lateAck, .watchdog, .pathChanged,
            .connectCalled, .closeCalled,
            .closedDone, .log:
            return .client
        case .peerOptions, .join, .leave, .peerState, .joined, .left, .peerJoined, .peerLeft, .peerRefreshed, .memberIgnored, .peerError,
            .peerData, .peerDataDropped, .iceServers, .snapshot, .reconcile, .remoteState, .connection, .configuration, .connectionClosed,
            .pcState, .ladder, .iceRestart, .signalSent, .signalReceived, .signalDropped, .signalFailed, .negotiationError,
            .iceCandidateError,
            .localTrack, .stream, .track, .dataChannel:
            return .peer
        case .candidate, .pair, .ice, .turn, .dtls, .sctp, .media: return .webrtc
        case .app: return .app
        case .interface, .path, .sleep, .wake, .appSuspended, .appResumed, .wallClock: return .host
        case .packetDropped, .tcp, .nat, .dns: return .network
        case .accept, .serviceClose, .serviceRefused, .serviceState: return .service
        case .timeline: return .timeline
        }
    }

    /// The kind of this name; nil for a name that the vocabulary does not have.
    public init?(name: String) {
        guard let kind = Self.byName[name] else { return nil }
        self = kind
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}
