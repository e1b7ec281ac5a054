import CompactJSON
import NIOCore
import NIOHTTP1
import NIOWebSocket
import SimulationKernel

/// The signalling service of a case: accepts, refuses or ignores connection attempts as scripted. Confined to the simulation's thread.
///
/// Sockets run on NIO's HTTP and WebSocket server handlers over an in-memory pipe, so that the SDK's bytes are read by an implementation that is not its own.
final class ScriptedServer {
    let loop: SimulatedEventLoop
    let recorder: LineRecorder
    private let scripted: GoldenCase
    private var script: ServerScript { scripted.server }
    private var attempts = 0
    /// How to end the answers to attempts that are still on their way, oldest first.
    private var waiting: [(ordinal: Int, abandon: () -> Void)] = []
    /// The sockets that were accepted and are open, oldest first.
    private(set) var openSockets: [ScriptedSocket] = []

    init(_ scripted: GoldenCase, loop: SimulatedEventLoop, recorder: LineRecorder) {
        self.scripted = scripted
        self.loop = loop
        self.recorder = recorder
    }

    /// The remote peers.
    private(set) lazy var remotes = ScriptedRemotes(scripted, server: self)

    /// The ordinal of the last connection attempt.
    var lastAttempt: Int { attempts }

    /// Schedules the actions at absolute times.
    func start() {
        for step in script.steps {
            after(step.at) { [self] in openSockets.last?.perform(step.action) }
        }
    }

    /// Ends everything that still waits, so that nothing is left over from the run.
    func stop() {
        for answer in waiting { answer.abandon() }
        waiting.removeAll()
    }

    /// Completes a promise after a time, or fails it when the run ends before.
    private func settle<Value: Sendable>(
        _ promise: EventLoopPromise<Value>, _ ordinal: Int, after latency: TimeAmount, _ result: @escaping () -> Result<Value, any Error>
    ) {
        waiting.append((ordinal, { promise.fail(ChannelError.eof) }))
        after(latency) { [self] in
            guard let index = waiting.firstIndex(where: { $0.ordinal == ordinal }) else { return }
            waiting.remove(at: index)
            promise.completeWith(result())
        }
    }

    /// A connection attempt of the client.
    func attempt() -> EventLoopFuture<any Channel> {
        attempts += 1
        let ordinal = attempts
        let connection = script.connection(ordinal)
        switch connection.connect {
        case .refuse(let latency): return refuse(ordinal, after: latency)
        case .hang: return open { _ in }
        case .http(let status, let latency):
            return open { channel in
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(
                    UpgradeRefusal(status: status, latency: latency) { [recorder] in
                        recorder.record("server", "httpReject", ["n": .integer(Int64(ordinal)), "status": .integer(Int64(status))])
                    })
            }
        case .accept(let latency):
            return open { channel in try self.acceptUpgrade(on: channel, ordinal, connection, after: latency) }
        }
    }

    private func refuse(_ ordinal: Int, after latency: TimeAmount) -> EventLoopFuture<any Channel> {
        let promise = loop.makePromise(of: (any Channel).self)
        settle(promise, ordinal, after: latency) { [recorder] in
            recorder.record("server", "refuse", ["n": .integer(Int64(ordinal))])
            return .failure(ConnectionRefused())
        }
        return promise.futureResult
    }

    private func open(_ configure: (any Channel) throws -> Void) -> EventLoopFuture<any Channel> {
        let pipe = SimulatedPipe(client: loop, server: loop)
        do { try configure(pipe.server) } catch { return loop.makeFailedFuture(error) }
        // A pipe is active one tick after it was made.
        let client: any Channel = pipe.client
        return loop.submit { client }
    }

    private func acceptUpgrade(
        on channel: any Channel, _ ordinal: Int, _ connection: ConnectionScript, after latency: TimeAmount
    ) throws {
        let socket = ScriptedSocket(ordinal: ordinal, script: connection, channel: channel, server: self)
        let answer = loop.makePromise(of: HTTPHeaders?.self)
        settle(answer, ordinal, after: latency) { .success([:]) }
        let confined = NIOLoopBound((socket, self), eventLoop: loop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: Self.largestFrameBytes,
            shouldUpgrade: { _, _ in answer.futureResult },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
                    let (socket, server) = confined.value
                    try channel.pipeline.syncOperations.addHandler(ScriptedSocketHandler(socket))
                    server.accepted(socket)
                }
            })
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }

    /// The largest frame that the service reads; a client may try to send more than the service's limit for messages.
    private static let largestFrameBytes = 1 << 26

    private func accepted(_ socket: ScriptedSocket) {
        openSockets.append(socket)
        recorder.record("server", "accept", ["n": .integer(Int64(socket.ordinal))])
        socket.accepted()
    }

    /// A direct message for a remote peer.
    func forward(_ request: JSONObject) {
        guard let to = request["to"]?.stringValue, let data = request["data"] else { return }
        remotes.receive(data, at: to)
    }

    /// A direct message of a remote peer: it is lost when the client has no socket that was welcomed.
    func deliverDirect(_ data: JSONValue, from id: String) {
        let frame: JSONObject = ["type": "direct", "from": .string(id), "data": data]
        guard let socket = openSockets.last(where: \.isWelcomed) else {
            return recorder.record("server", "lost", ["dir": "down", "type": "direct", "from": .string(id)])
        }
        socket.deliver(.object(frame))
    }

    func ended(_ socket: ScriptedSocket) { openSockets.removeAll { $0 === socket } }

    /// Runs something later; at one instant in the order of the calls.
    func after(_ delay: TimeAmount, _ body: @escaping () -> Void) { loop.schedule(at: loop.now + delay, body) }
}

/// TCP refused the connection.
struct ConnectionRefused: Error, CustomStringConvertible {
    var description: String { "connection refused" }
}

/// Answers a request for an upgrade with a status.
private final class UpgradeRefusal: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let status: Int
    private let latency: TimeAmount
    private let onRefusal: () -> Void

    init(status: Int, latency: TimeAmount, onRefusal: @escaping () -> Void) {
        self.status = status
        self.latency = latency
        self.onRefusal = onRefusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            context.eventLoop.assumeIsolated().scheduleTask(in: latency) { [self] in refuse(context) }
        case .body, .end: break
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        onRefusal()
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status), headers: ["content-length": "0", "connection": "close"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
