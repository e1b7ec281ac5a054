import NIOCore
import NIOHTTP1
import NIOWebSocket
import SimulationKernel

/// The stock NIO HTTP/1 upgrade and WebSocket pipelines at both ends of an in-memory pipe, recording what arrives.
package final class WebSocketPair {
    package let pipe: SimulatedPipe
    package let client = Endpoint()
    package let server = Endpoint()

    /// Dials at once: the upgrade completes as the simulation runs.
    package init(client clientLoop: SimulatedEventLoop, server serverLoop: SimulatedEventLoop, latency: TimeAmount = .zero) throws {
        self.pipe = SimulatedPipe(client: clientLoop, server: serverLoop, latency: latency)
        var generator = clientLoop.simulation.random("websocket-key")
        try Self.configureServer(self.pipe.server, self.server)
        try Self.configureClient(
            self.pipe.client, self.client, key: NIOWebSocketClientUpgrader.randomRequestKey(using: &generator),
            masks: clientLoop.simulation.random("websocket-mask"))
    }

    private static func configureServer(_ channel: SimulatedChannel, _ endpoint: Endpoint) throws {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try endpoint.install(in: channel, masks: nil) }
            })
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }

    private static func configureClient(_ channel: SimulatedChannel, _ endpoint: Endpoint, key: String, masks: RandomStream) throws {
        let upgrader = NIOWebSocketClientUpgrader(
            requestKey: key,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try endpoint.install(in: channel, masks: masks) }
            })
        let request = UpgradeRequest()
        try channel.pipeline.syncOperations.addHTTPClientHandlers(
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(request, promise: nil) }
            ))
        try channel.pipeline.syncOperations.addHandler(request)
    }

    /// The WebSocket end: records frames, answers a close frame by closing, and can send.
    ///
    /// `@unchecked Sendable`: confined to its loop.
    package final class Endpoint: ChannelInboundHandler, @unchecked Sendable {
        package typealias InboundIn = WebSocketFrame
        package typealias OutboundOut = WebSocketFrame

        /// Text, continuation and close frames received: opcode, FIN bit and unmasked payload.
        package private(set) var received: [(opcode: WebSocketOpcode, isFinal: Bool, payload: String)] = []
        package private(set) var isClosed = false
        package var onFrame: ((Endpoint, WebSocketFrame) -> Void)?
        package var onOpen: ((Endpoint) -> Void)?
        private var context: ChannelHandlerContext?
        private var masks: RandomStream?

        package var isOpen: Bool { self.context != nil }

        func install(in channel: any Channel, masks: RandomStream?) throws {
            self.masks = masks
            try channel.pipeline.syncOperations.addHandler(self)
        }

        package func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            self.onOpen?(self)
        }

        package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

        package func channelInactive(context: ChannelHandlerContext) {
            self.isClosed = true
            context.fireChannelInactive()
        }

        package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = self.unwrapInboundIn(data)
            self.received.append((frame.opcode, frame.fin, String(buffer: frame.unmaskedData)))
            self.onFrame?(self, frame)
            if frame.opcode == .connectionClose {
                var payload = frame.unmaskedData
                self.send(.connectionClose, payload.readSlice(length: payload.readableBytes) ?? ByteBuffer())
                context.close(promise: nil)
            }
        }

        package func send(_ opcode: WebSocketOpcode, isFinal: Bool = true, _ payload: ByteBuffer) {
            guard let context = self.context else { preconditionFailure("a frame was sent before the upgrade") }
            // A copy of a stream continues the same stream.
            var maskKey: WebSocketMaskingKey?
            if var masks = self.masks { maskKey = .random(using: &masks) }
            let frame = WebSocketFrame(fin: isFinal, opcode: opcode, maskKey: maskKey, data: payload)
            context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
        }

        package func send(text: String, _ opcode: WebSocketOpcode = .text, isFinal: Bool = true) {
            self.send(opcode, isFinal: isFinal, ByteBuffer(string: text))
        }

        /// Starts the closing handshake.
        package func close(code: UInt16) {
            var payload = ByteBuffer()
            payload.writeInteger(code)
            self.send(.connectionClose, payload)
        }
    }

    /// Sends the upgrade request when the connection is there.
    private final class UpgradeRequest: ChannelInboundHandler, RemovableChannelHandler, Sendable {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        func channelActive(context: ChannelHandlerContext) {
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: "/v1", headers: ["Host": "rms.metered.ca", "Content-Length": "0"])
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            context.fireChannelActive()
        }
    }
}
