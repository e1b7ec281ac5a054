import NIOCore
import NIOHTTP1

/// Sends the upgrade request and watches for its failure (RFC 6455 section 4.1). NIO's own handler, ahead of it, does the upgrade.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: HTTPRequestHead
    private var hasSent = false
    /// Called once at most, with the HTTP status if the server answered.
    private var failed: ((_ reason: String, _ status: Int?) -> Void)?

    init(request: HTTPRequestHead, failed: @escaping (_ reason: String, _ status: Int?) -> Void) {
        self.request = request
        self.failed = failed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { send(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
        context.fireChannelActive()
    }

    /// NIO completes a connect before it says that the channel is active, so that both moments come to a handler that is added in between.
    private func send(_ context: ChannelHandlerContext) {
        guard !hasSent else { return }
        hasSent = true
        context.write(Self.wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { failed = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): fail(context, "HTTP status \(head.status.code)", Int(head.status.code))
        case .body, .end: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "connection closed during the upgrade", nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOHTTPClientUpgradeError: fail(context, "invalid answer to the upgrade", nil)
        case is HTTPParserError: fail(context, "answer is not HTTP", nil)
        default: fail(context, Redaction.scrub(String(describing: error)), nil)
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String, _ status: Int?) {
        let report = failed
        failed = nil
        context.close(promise: nil)
        report?(reason, status)
    }
}
