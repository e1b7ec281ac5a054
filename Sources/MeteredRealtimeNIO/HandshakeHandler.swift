import NIOCore
import NIOTLS

/// Waits for the TLS handshake, then leaves the pipeline.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    struct ConnectionClosed: Error, CustomStringConvertible { let description = "connection closed during the TLS handshake" }

    private var completed: EventLoopPromise<Void>?

    init(_ completed: EventLoopPromise<Void>) { self.completed = completed }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            let completed = completed
            self.completed = nil
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            completed?.succeed()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error) }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ConnectionClosed())
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(ConnectionClosed()) }

    private func fail(_ error: any Error) {
        let completed = completed
        self.completed = nil
        completed?.fail(error)
    }
}
