import NIOCore
import NIOHTTP1

/// What becomes of an upgrade request.
enum UpgradeDecision {
    /// Upgrade, this much later.
    case upgrade(after: TimeAmount)
    /// Answer with a status and close.
    case reject(status: Int, retryAfter: TimeAmount?)
    /// Never answer.
    case ignore
}

/// Stands between the HTTP decoder and NIO's upgrade handler and lets through only what is to be upgraded, as a request that cannot fail there;
/// it answers everything else itself. It holds one request head at most.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case awaitingHead
        case awaitingEnd(HTTPRequestHead)
        case deciding
        /// What comes now is no longer ours to read.
        case passed
        /// Answered, or never to be: what comes now is nobody's.
        case finished
    }

    private var state = State.awaitingHead
    private var deadline: Scheduled<Void>?
    private let patience: TimeAmount
    private let decide: (HTTPRequestHead) -> UpgradeDecision
    private let rejected: (_ status: Int) -> Void

    /// - Parameters:
    ///   - patience: how long the whole request may take.
    ///   - decide: asked once, for a request that is well formed.
    ///   - rejected: told of each answer that is not an upgrade.
    init(patience: TimeAmount, decide: @escaping (HTTPRequestHead) -> UpgradeDecision, rejected: @escaping (_ status: Int) -> Void) {
        self.patience = patience
        self.decide = decide
        self.rejected = rejected
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.reject(context, status: 408, retryAfter: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .passed: context.fireChannelRead(data)
        case .finished: break
        case .awaitingHead, .awaitingEnd, .deciding: received(Self.unwrapInboundIn(data), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if case .deciding = state { state = .finished }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .passed: context.fireErrorCaught(error)
        case .awaitingHead, .awaitingEnd, .deciding: reject(context, status: 400, retryAfter: nil)
        case .finished: break
        }
    }

    private func received(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.awaitingHead, .head(let head)): state = .awaitingEnd(head)
        case (.awaitingEnd(let head), .end): judge(head, context)
        default:
            // A body, or a second request before the answer to the first.
            reject(context, status: 400, retryAfter: nil)
        }
    }

    private func judge(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state = .deciding
        deadline?.cancel()
        if let status = Self.statusOfMalformedUpgrade(head) { return reject(context, status: status, retryAfter: nil) }
        switch decide(head) {
        case .ignore: state = .finished
        case .reject(let status, let retryAfter): reject(context, status: status, retryAfter: retryAfter)
        case .upgrade(let delay) where delay > .zero:
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.pass(head, context) }
        case .upgrade: pass(head, context)
        }
    }

    private func pass(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard case .deciding = state, context.channel.isActive else { return }
        state = .passed
        // Only what the upgrader reads, so that a hostile list of protocols cannot make it walk.
        var clean = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        clean.headers = ["Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
        clean.headers.add(name: "Sec-WebSocket-Key", value: head.headers.first(name: "Sec-WebSocket-Key") ?? "")
        context.fireChannelRead(Self.wrapInboundOut(.head(clean)))
        context.fireChannelRead(Self.wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
    }

    private func reject(_ context: ChannelHandlerContext, status: Int, retryAfter: TimeAmount?) {
        switch state {
        case .passed, .finished: return
        case .awaitingHead, .awaitingEnd, .deciding: state = .finished
        }
        deadline?.cancel()
        rejected(status)
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
        head.headers = ["Content-Length": "0", "Connection": "close"]
        if status == 426 { head.headers.add(name: "Sec-WebSocket-Version", value: "13") }
        if let retryAfter { head.headers.add(name: "Retry-After", value: String(retryAfter.nanoseconds / 1_000_000_000)) }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    /// RFC 6455 section 4.2.1; nil: a proper request.
    private static func statusOfMalformedUpgrade(_ head: HTTPRequestHead) -> Int? {
        guard head.method == .GET else { return 405 }
        let isWebSocket = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        guard isWebSocket, head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else { return 426 }
        guard head.headers["Sec-WebSocket-Version"] == ["13"] else { return 426 }
        let keys = head.headers["Sec-WebSocket-Key"]
        // 16 bytes in base64.
        guard keys.count == 1, keys[0].utf8.count == 24, keys[0].hasSuffix("==") else { return 400 }
        return nil
    }
}
