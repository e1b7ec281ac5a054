import CompactJSON
import MeteredRealtime
import NIOCore

/// Turns the SDK's diagnostics into `client` lines. Confined to the simulation's thread.
final class ClientLines {
    private let recorder: LineRecorder
    private let server: ScriptedServer

    /// FORMAT.md, "Listener rules": events come from listeners that the official SDK drops at the end of close() and at a terminal close. Each set
    /// that is registered tells every event once.
    private var listeners = 1
    /// Whether this session has been welcomed: a failed first connect keeps the listeners.
    private var wasWelcomed = false
    private var isClosing = false
    private var isDialling = false
    /// The client's state, as it last told.
    private(set) var state = SignallingState.idle
    /// Whether the server has closed the present socket, so that our close frame is the WebSocket layer's answer and no line.
    private var serverHasClosed = false

    init(recorder: LineRecorder, server: ScriptedServer) {
        self.recorder = recorder
        self.server = server
    }

    /// The application registers its listeners again.
    func reattach() { listeners += 1 }

    /// A call of close() has returned.
    func closeReturned() { listeners = 0 }

    private var socket: JSONValue { .integer(Int64(server.lastAttempt)) }

    func receive(_ diagnostic: SignallingDiagnostic) {
        switch diagnostic {
        case .event(let event): receive(event)
        case .connectCalled:
            wasWelcomed = false
            isClosing = false
        case .closeCalled:
            isClosing = true
            if isDialling { recorder.record("client", "connectCancelled", ["n": socket]) }
            isDialling = false
        case .dialling:
            isDialling = true
            serverHasClosed = false
        case .dialFailed, .webSocketOpened: isDialling = false
        case .frameSent(let frame): recorder.record("client", "send", SentLine.members(of: frame, socket: socket))
        case .closeFrameSent(let code, let reason):
            guard !serverHasClosed else { return }
            recorder.record("client", "closeFrame", ["conn": socket, "code": code.json, "reason": .string(reason)])
        case .closeFrameReceived: serverHasClosed = true
        case .closeHandshakeAbandoned: recorder.record("client", "abort", ["conn": socket])
        case .socketClosed(let code, _):
            recorder.record("client", "socketClosed", ["conn": socket, "code": .integer(Int64(code.rawValue))])
        case .closeFinished, .networkPathChanged, .attemptStarted, .tokenRequested, .tokenReceived, .tokenFailed, .backoffScheduled,
            .backoffShortened, .frameReceived, .frameDropped, .requestStarted, .requestRefused, .requestFinished, .lateAcknowledgement,
            .pingSent,
            .watchdogFired, .eventsDropped, .log:
            break
        }
    }

    private func receive(_ event: SignallingEvent) {
        if listeners > 0 {
            let (what, fields) = EventLine.members(of: event)
            for _ in 0..<listeners { recorder.record("client", what, fields) }
        }
        if case .stateChanged(_, let to) = event { state = to }
        switch event {
        case .connected: wasWelcomed = true
        case .stateChanged(_, to: .closed): if isClosing || wasWelcomed { listeners = 0 }
        case .stateChanged, .disconnected, .presence, .message, .direct, .serverError, .goingAway, .tokenProviderFailed,
            .subscriptionReplayFailed, .upgradeRejected:
            break
        }
    }
}

/// How a frame of the client reads as a line.
enum SentLine {
    static func members(of frame: SentFrameRecord, socket: JSONValue) -> JSONObject {
        var members: JSONObject = ["conn": socket, "type": .string(frame.type)]
        if let to = frame.to { members["to"] = .string(to) }
        if let channel = frame.channel { members["channel"] = .string(channel) }
        if frame.type == "subscribe" { members["includeSenderMetadata"] = .bool(frame.includeSenderMetadata ?? false) }
        if let payload = frame.payload {
            for (key, value) in PayloadText.members(of: payload) { members[key] = value }
        }
        return members
    }
}

/// How an event of the SDK reads as a line.
enum EventLine {
    static func members(of event: SignallingEvent) -> (what: String, fields: JSONObject) {
        switch event {
        case .stateChanged(let from, let to): ("state", ["from": .string(from.rawValue), "to": .string(to.rawValue)])
        case .connected(let welcome, let isReconnect): ("Connected", connected(welcome, isReconnect))
        case .disconnected(let code, let reason, let willReconnect):
            (
                "Disconnected",
                ["code": .integer(Int64(code.rawValue)), "reason": .string(reason), "willReconnect": .bool(willReconnect)]
            )
        case .presence(let channel, let joined, let left):
            ("Presence", ["channel": .string(channel), "joined": ids(joined), "left": ids(left)])
        case .message(let channel, let from, let data, _):
            ("Message", payload(data, after: ["channel": .string(channel), "from": .string(from)]))
        case .direct(let from, let data, _): ("Direct", payload(data, after: ["from": .string(from)]))
        case .serverError(let code, let message, let requestID):
            (
                "ServerError",
                ["code": .string(code), "text": message.map(JSONValue.string) ?? .null, "correlated": .bool(requestID != nil)]
            )
        case .goingAway(let retryAfter): ("GoingAway", ["retryAfterMs": .integer(retryAfter.milliseconds)])
        case .tokenProviderFailed(let failures, let error):
            ("TokenProviderError", ["count": .integer(Int64(failures)), "text": .string(error.text)])
        case .subscriptionReplayFailed(let channel, let error): ("ReplayFailed", replayFailed(channel, error))
        case .upgradeRejected(let status): ("UpgradeRejected", ["status": .integer(Int64(status))])
        }
    }

    private static func connected(_ welcome: Welcome, _ isReconnect: Bool) -> JSONObject {
        [
            "peerId": .string(welcome.peerID), "isReconnect": .bool(isReconnect),
            "maxMessageSize": .integer(Int64(welcome.maximumMessageBytes)),
            "expiresAt": welcome.expiresAt.map(JSONValue.integer) ?? .null,
            "iceServers": welcome.iceServers.map { .integer(Int64($0.count)) } ?? .null,
        ]
    }

    private static func replayFailed(_ channel: String, _ error: SignallingError) -> JSONObject {
        let failure = FailureMembers.members(of: error)
        var members: JSONObject = ["channel": .string(channel), "error": failure["error"] ?? .null]
        if let code = failure["code"] { members["code"] = code }
        return members
    }

    private static func ids(_ peers: [PresencePeer]) -> JSONValue { .array(peers.map { .string($0.peerID) }) }

    private static func payload(_ data: JSONValue, after members: JSONObject) -> JSONObject {
        var members = members
        for (key, value) in PayloadText.members(of: data) { members[key] = value }
        return members
    }
}

extension CloseCode? {
    fileprivate var json: JSONValue { map { .integer(Int64($0.rawValue)) } ?? .null }
}
