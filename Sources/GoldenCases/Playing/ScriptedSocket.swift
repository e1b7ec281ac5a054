import CompactJSON
import NIOCore
import NIOWebSocket
import SimulationKernel

/// One accepted socket of the scripted service. Confined to the simulation's thread.
final class ScriptedSocket {
    let ordinal: Int
    private let script: ConnectionScript
    private let channel: any Channel
    private unowned let server: ScriptedServer
    private var answers: RequestAnswers
    private var acknowledgedSubscribes = 0
    private var acceptedAt = NIODeadline.uptimeNanoseconds(0)
    private(set) var isOpen = true
    private var wasOversized = false
    /// Whether the welcome has gone out.
    private(set) var isWelcomed = false

    init(ordinal: Int, script: ConnectionScript, channel: any Channel, server: ScriptedServer) {
        self.ordinal = ordinal
        self.script = script
        self.channel = channel
        self.server = server
        answers = RequestAnswers(script.acknowledgement)
    }

    /// The upgrade is done: the welcome first, then the steps.
    func accepted() {
        acceptedAt = server.loop.now
        if let welcome = script.welcome {
            var frame: JSONObject = ["type": "welcome"]
            for (key, value) in welcome.members { frame[key] = value }
            server.after(welcome.after) { [self] in deliver(.object(frame)) }
        }
        for step in script.steps {
            server.after(step.at) { [self] in perform(step.action) }
        }
    }

    /// TCP is gone.
    func ended() {
        guard isOpen else { return }
        isOpen = false
        server.ended(self)
    }

    private func record(_ what: String, _ fields: JSONObject) {
        var members: JSONObject = ["conn": .integer(Int64(ordinal))]
        for (key, value) in fields { members[key] = value }
        server.recorder.record("server", what, members)
    }

    // MARK: Actions

    func perform(_ action: ServerAction) {
        guard isOpen else { return }
        switch action {
        case .frame(let frame): deliver(frame)
        case .presence(let channel, let joined, let left): deliver(presence(channel, joined: joined, left: left))
        case .raw(let text):
            pass("text") { [self] in
                record("rawText", [:])
                write(.text, ByteBuffer(string: text))
            }
        case .binary(let bytes):
            pass("binary") { [self] in
                record("binary", [:])
                write(.binary, ByteBuffer(bytes: bytes))
            }
        case .close(let code, let reason):
            pass("close") { [self] in
                record("close", ["code": code.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason)])
                close(code, reason)
            }
        case .drop:
            record("drop", [:])
            endTCP()
        case .oversized(let bytes):
            pass("oversized") { [self] in
                wasOversized = true
                record("oversized", ["bytes": .integer(Int64(bytes))])
                write(.text, ByteBuffer(repeating: UInt8(ascii: "x"), count: bytes))
            }
        case .remoteDescription(let kind, let from, let userFragment, let media):
            server.deliverDirect(server.remotes.description(kind, userFragment, media, from: from), from: from)
        case .remoteCandidates(let from, let candidate, let count):
            for _ in 0..<count { server.deliverDirect(ScriptedRemotes.candidate(candidate), from: from) }
        }
    }

    private func presence(_ channel: String, joined: [JSONValue], left: [JSONValue]) -> JSONValue {
        ["type": "presence", "channel": .string(channel), "joined": .array(joined), "left": .array(left)]
    }

    /// Sends a frame to the client, as the black holes have it.
    func deliver(_ frame: JSONValue) {
        pass(frame["type"]?.stringValue ?? "") { [self] in
            if frame["type"] == "welcome" { isWelcomed = true }
            record("frame", ServedFrame.members(of: frame))
            guard let bytes = try? frame.encoded() else { return }
            write(.text, ByteBuffer(bytes: bytes))
        }
    }

    /// Sends a close frame and ends TCP behind it.
    private func close(_ code: UInt16?, _ reason: String) {
        var payload = ByteBuffer()
        if let code {
            payload.writeInteger(code)
            payload.writeString(reason)
        }
        write(.connectionClose, payload)
        endTCP()
    }

    private func endTCP() {
        ended()
        channel.close(promise: nil)
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: opcode, data: payload), promise: nil)
    }

    // MARK: Black holes

    private enum Direction: String { case up, down }

    /// Does what it is given now, later or never, as the black holes have it; and only if the socket is still open then.
    private func pass(_ type: String, _ direction: Direction = .down, _ body: @escaping () -> Void) {
        guard isOpen else { return }
        let age = server.loop.now - acceptedAt
        guard let hole = script.blackHoles.first(where: { $0.from <= age && $0.to.map { age < $0 } ?? true }) else { return body() }
        switch (hole.mode, hole.to) {
        case (.delay, let end?):
            server.after(end - age) { [self] in if isOpen { body() } }
        case (.delay, nil), (.lose, _):
            record("lost", ["dir": .string(direction.rawValue), "type": .string(type)])
        }
    }

    // MARK: What the client sends

    func receive(_ frame: WebSocketFrame) {
        switch frame.opcode {
        case .text: receive(text: frame.unmaskedData)
        case .connectionClose: receiveClose(frame.unmaskedData)
        default: break
        }
    }

    private func receive(text: ByteBuffer) {
        guard let frame = try? JSONValue(parsing: Array(text.readableBytesView)).objectValue, let type = frame["type"]?.stringValue else {
            return record("unreadable", ["bytes": .integer(Int64(text.readableBytes))])
        }
        pass(type, .up) { [self] in
            switch type {
            case "ping": answerPing()
            case "subscribe", "unsubscribe", "publish", "send": answer(frame)
            default: deliver(["type": "error", "code": "unknown_type", "requestId": frame["requestId"] ?? .null])
            }
        }
    }

    private func answerPing() {
        let frame: JSONValue
        switch script.ping {
        case .pong: frame = ["type": "pong"]
        case .unknownType: frame = ["type": "error", "code": "unknown_type"]
        case .none: return
        }
        server.after(script.pongLatency) { [self] in deliver(frame) }
    }

    private func answer(_ request: JSONObject) {
        let answer = answers.answer(request)
        let requestID = request["requestId"] ?? .null
        if request["type"] == "send", !answer.result.isError { server.forward(request) }
        switch answer.result {
        case .none: break
        case .error(let code, let message):
            var frame: JSONObject = ["type": "error", "code": .string(code), "requestId": requestID]
            if let message { frame["message"] = .string(message) }
            server.after(answer.latency) { [self] in deliver(.object(frame)) }
        case .acknowledge:
            server.after(answer.latency) { [self] in
                deliver(["type": "ack", "requestId": requestID])
                if request["type"] == "subscribe" { sendSnapshot(of: request["channel"]?.stringValue ?? "") }
            }
        }
    }

    private func sendSnapshot(of channel: String) {
        acknowledgedSubscribes += 1
        guard let snapshot = script.snapshots.snapshot(forSubscribe: acknowledgedSubscribes) else { return }
        let frame = presence(snapshot.channel ?? channel, joined: snapshot.joined, left: [])
        if snapshot.afterAck == .zero { return deliver(frame) }
        server.after(snapshot.afterAck) { [self] in deliver(frame) }
    }

    private func receiveClose(_ payload: ByteBuffer) {
        pass("close", .up) { [self] in
            // An oversized frame is answered in any case (FORMAT.md).
            guard script.echoesClose || wasOversized else { return }
            server.after(script.closeEchoLatency) { [self] in
                pass("close") { [self] in
                    write(.connectionClose, payload)
                    endTCP()
                }
            }
        }
    }
}

/// The service's side of the pipeline: frames in, the end of the connection.
final class ScriptedSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let socket: ScriptedSocket

    init(_ socket: ScriptedSocket) { self.socket = socket }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { socket.receive(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) {
        socket.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// How a `server frame` line shows a frame.
enum ServedFrame {
    static func members(of frame: JSONValue) -> JSONObject {
        let type = frame["type"]?.stringValue
        var members: JSONObject = ["type": frame["type"] ?? .null]
        func ids(_ key: String) -> JSONValue { .array((frame[key]?.arrayValue ?? []).map { $0["peerId"] ?? .null }) }
        switch type {
        case "welcome": members["peerId"] = frame["peerId"] ?? .null
        case "presence":
            members["channel"] = frame["channel"] ?? .null
            members["joined"] = ids("joined")
            members["left"] = ids("left")
        case "message", "direct":
            if let channel = frame["channel"] { members["channel"] = channel }
            for (key, value) in PayloadText.members(of: frame["data"] ?? .null) { members[key] = value }
            members["from"] = frame["from"] ?? .null
        case "error":
            members["code"] = frame["code"] ?? .null
            members["correlated"] = .bool(frame["requestId"]?.stringValue != nil)
        case "going_away": members["retryAfterMs"] = frame["retryAfterMs"] ?? .null
        case .some, nil: break
        }
        return members
    }
}
