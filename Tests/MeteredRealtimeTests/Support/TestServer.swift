import CompactJSON
import NIOCore
import NIOHTTP1
import NIOWebSocket
import SimulationKernel

@testable import MeteredRealtime

/// A scripted WebSocket server on simulated pipes: NIO's own server side of the protocol, no knowledge of the SDK.
final class TestServer: @unchecked Sendable {
    /// What becomes of a dial.
    enum Dial {
        case accept(after: TimeAmount = .milliseconds(50))
        case refuse(after: TimeAmount = .milliseconds(10))
        case http(HTTPResponseStatus)
        case wrongUpgradeKey
        case notHTTP
        /// TCP connects, the upgrade is never answered.
        case silentUpgrade
        case hang
    }

    struct Refused: Error, CustomStringConvertible { let description = "connection refused" }

    let loop: SimulatedEventLoop
    /// The script for the n-th dial, from 1.
    var dials: (Int) -> Dial = { _ in .accept() }
    /// Called when the n-th dial has been upgraded.
    var onOpen: (TestConnection, Int) -> Void = { connection, _ in connection.welcomeSoon() }
    var oneWayLatency = TimeAmount.zero
    /// Whether what is written within a millisecond goes out as one segment.
    var coalescesWrites = false
    private(set) var dialCount = 0
    /// How many dials the client gave up half way.
    var abandonedDials = 0
    private(set) var requests: [HTTPRequestHead] = []
    private(set) var connections: [TestConnection] = []
    private(set) var pipes: [SimulatedPipe] = []

    init(loop: SimulatedEventLoop) { self.loop = loop }

    func connect() -> EventLoopFuture<any Channel> {
        dialCount += 1
        let number = dialCount
        let dial = dials(number)
        let promise = loop.makePromise(of: (any Channel).self)
        switch dial {
        case .hang: break
        case .refuse(let delay): loop.assumeIsolated().scheduleTask(in: delay) { promise.fail(Refused()) }
        case .accept(let delay): loop.assumeIsolated().scheduleTask(in: delay) { promise.succeed(self.open(number, dial)) }
        case .http, .wrongUpgradeKey, .notHTTP, .silentUpgrade:
            loop.assumeIsolated().scheduleTask(in: .milliseconds(50)) { promise.succeed(self.open(number, dial)) }
        }
        pendingDials.append(promise)
        return promise.futureResult
    }

    /// Dials that hang, to be ended by the test or at the end of it.
    private(set) var pendingDials: [EventLoopPromise<any Channel>] = []

    /// A dial that hung gives a channel after all. Returns that channel.
    func completeHungDial(_ index: Int) -> any Channel {
        let channel = open(index + 1, .silentUpgrade)
        pendingDials[index].succeed(channel)
        return channel
    }

    /// Fails what still hangs, so that no promise is dropped.
    func finish() { for promise in pendingDials { promise.fail(Refused()) } }

    private func open(_ number: Int, _ dial: Dial) -> any Channel {
        let pipe = SimulatedPipe(client: loop, server: loop, latency: oneWayLatency)
        pipes.append(pipe)
        do { try configure(pipe.server, number, dial) } catch { preconditionFailure("\(error)") }
        return pipe.client
    }

    private func configure(_ channel: any Channel, _ number: Int, _ dial: Dial) throws {
        let operations = channel.pipeline.syncOperations
        if coalescesWrites { try operations.addHandler(Coalescer()) }
        switch dial {
        case .silentUpgrade: return
        case .notHTTP, .wrongUpgradeKey: return try operations.addHandler(RawResponder(dial))
        case .accept, .http, .refuse, .hang: break
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                bound.value.requests.append(head)
                if case .http = dial { return channel.eventLoop.makeSucceededFuture(nil) }
                return channel.eventLoop.makeSucceededFuture([:])
            },
            upgradePipelineHandler: { channel, _ in
                let connection = TestConnection(channel: channel)
                bound.value.connections.append(connection)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(connection)
                    bound.value.onOpen(connection, number)
                }
            })
        try operations.configureHTTPServerPipeline(withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        if case .http(let status) = dial { try operations.addHandler(StatusResponder(status)) }
    }
}

/// Answers the first bytes with something that is no WebSocket upgrade.
private final class RawResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String

    init(_ dial: TestServer.Dial) {
        if case .wrongUpgradeKey = dial {
            text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: bm9wZQ==\r\n\r\n"
        } else {
            text = "220 mail.example.test ESMTP\r\n"
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// Holds writes back for a millisecond and sends them as one.
private final class Coalescer: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var held: ByteBuffer?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var bytes = Self.unwrapOutboundIn(data)
        if held == nil {
            held = ByteBuffer()
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) {
                guard let held = self.held else { return }
                self.held = nil
                context.writeAndFlush(Self.wrapOutboundOut(held), promise: nil)
            }
        }
        held?.writeBuffer(&bytes)
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) {}
}

/// Answers a request with a status.
private final class StatusResponder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let status: HTTPResponseStatus

    init(_ status: HTTPResponseStatus) { self.status = status }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        context.write(
            Self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: ["Content-Length": "0"]))), promise: nil
        )
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// The server's end of one WebSocket.
final class TestConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    struct Received {
        let at: NIODeadline
        let json: JSONValue
        let maskKey: WebSocketMaskingKey?
    }

    let channel: any Channel
    private(set) var received: [Received] = []
    private(set) var closeFrames: [(code: UInt16?, reason: String, at: NIODeadline)] = []
    private(set) var pongs: [ByteBuffer] = []
    private(set) var isGone = false
    var echoesClose = true
    /// How long the echo of a close frame takes.
    var closeEchoDelay = TimeAmount.milliseconds(30)
    /// Answers a request; nil for silence. The default acknowledges after 30 ms and sends a snapshot after a subscribe.
    var answer: (_ connection: TestConnection, _ frame: JSONValue) -> Void = { $0.acknowledge($1) }
    private var context: ChannelHandlerContext?

    init(channel: any Channel) { self.channel = channel }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelInactive(context: ChannelHandlerContext) { isGone = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            let text = String(buffer: frame.unmaskedData)
            guard let json = try? JSONValue(parsing: text) else { preconditionFailure("the client sent no JSON: \(text)") }
            received.append(Received(at: channel.eventLoop.now, json: json, maskKey: frame.maskKey))
            answer(self, json)
        case .connectionClose:
            var payload = frame.unmaskedData
            let code = payload.readInteger(as: UInt16.self)
            closeFrames.append((code, String(buffer: payload), channel.eventLoop.now))
            guard echoesClose, closeFrames.count == 1, !sentClose else { return }
            after(closeEchoDelay) { $0.send(close: code, reason: String(buffer: payload)) }
        case .pong: pongs.append(frame.unmaskedData)
        default: break
        }
    }

    // MARK: Script

    func after(_ delay: TimeAmount, _ body: @escaping (TestConnection) -> Void) {
        channel.eventLoop.assumeIsolated().scheduleTask(in: delay) { body(self) }
    }

    func welcomeSoon(after delay: TimeAmount = .milliseconds(20), _ fields: JSONObject = [:]) { after(delay) { $0.welcome(fields) } }

    func welcome(_ fields: JSONObject = [:]) {
        var frame: JSONObject = [
            "type": "welcome", "peerId": "m", "expiresAt": nil, "serverTime": 1_700_000_000_000, "maxMessageSize": 65_536,
        ]
        for (key, value) in fields { frame[key] = value }
        send(.object(frame))
    }

    func acknowledge(_ frame: JSONValue, after delay: TimeAmount = .milliseconds(30)) {
        guard let requestID = frame["requestId"] else {
            if frame["type"] == "ping" { after(delay) { $0.send(["type": "pong"]) } }
            return
        }
        after(delay) { connection in
            connection.send(["type": "ack", "requestId": requestID])
            if frame["type"] == "subscribe", let channel = frame["channel"] {
                connection.send(["type": "presence", "channel": channel, "joined": [], "left": []])
            }
        }
    }

    func reject(_ frame: JSONValue, code: String, after delay: TimeAmount = .milliseconds(30)) {
        guard let requestID = frame["requestId"] else { return }
        after(delay) { $0.send(["type": "error", "code": .string(code), "message": "no", "requestId": requestID]) }
    }

    func send(_ json: JSONValue) {
        guard let bytes = try? json.encoded() else { preconditionFailure("not JSON") }
        send(opcode: .text, ByteBuffer(bytes: bytes))
    }

    func send(text: String) { send(opcode: .text, ByteBuffer(string: text)) }

    private var sentClose = false

    func send(opcode: WebSocketOpcode, _ payload: ByteBuffer, fin: Bool = true) {
        guard channel.isActive, let context else { return }
        context.writeAndFlush(Self.wrapOutboundOut(WebSocketFrame(fin: fin, opcode: opcode, data: payload)), promise: nil)
    }

    /// A close frame, and by default the end of TCP with it.
    func send(close code: UInt16?, reason: String = "", endsTCP: Bool = true) {
        sentClose = true
        var payload = ByteBuffer()
        if let code {
            payload.writeInteger(code)
            payload.writeString(reason)
        }
        send(opcode: .connectionClose, payload)
        if endsTCP { drop() }
    }

    /// The end of TCP without a close frame.
    func drop() { channel.close(promise: nil) }

    /// The requests of a type, in order.
    func frames(_ type: String) -> [JSONValue] { received.map(\.json).filter { $0["type"] == .string(type) } }
}
