import NIOCore
import NIOWebSocket

/// What a WebSocket connection tells its owner, in order. After ``failedToOpen(reason:status:)`` and ``ended(code:reason:)`` nothing follows.
enum WebSocketSignal {
    /// The dial failed; `status` is the HTTP status of a refused upgrade.
    case failedToOpen(reason: String, status: Int?)
    /// The upgrade is done.
    case opened
    /// A text message came.
    case text(ByteBuffer)
    /// A binary message came.
    case binary(bytes: Int)
    /// A close frame came.
    case closeReceived(code: CloseCode?, reason: String)
    /// The server broke the protocol or the cap: the owner has to close with this code.
    case mustClose(CloseCode, reason: String)
    /// The connection is over: the server's code, 1005 if it gave none, 1006 if there was no close frame.
    case ended(code: CloseCode, reason: String)
}

/// Performs what ``WebSocketEndpoint`` decides on one open channel.
final class WebSocketFrameHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private var endpoint: WebSocketEndpoint
    private let nonces: NonceSource
    private let signal: (WebSocketSignal) -> Void
    private var context: ChannelHandlerContext?
    private var hasEnded = false
    /// The code with which the connection had to be failed: the decoder is of no more use, and what still comes is not looked at.
    private var failure: CloseCode?

    init(maximumMessageBytes: Int, nonces: NonceSource, signal: @escaping (WebSocketSignal) -> Void) {
        endpoint = WebSocketEndpoint(maximumMessageBytes: maximumMessageBytes)
        self.nonces = nonces
        self.signal = signal
    }

    /// Writes a text frame.
    func send(text: [UInt8]) {
        guard let context else { return }
        write(.text, context.channel.allocator.buffer(bytes: text), to: context, promise: nil)
    }

    /// Writes a close frame. The reason is cut to what a control frame holds (RFC 6455 section 5.5: 125 bytes with the code).
    func sendClose(_ code: CloseCode, reason: String) {
        endpoint.closeSent()
        guard let context else { return }
        write(.connectionClose, Self.closePayload(code, reason: reason, allocator: context.channel.allocator), to: context, promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(endpoint.received(Self.unwrapInboundIn(data)), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // WIRE-05: an oversized frame is reported with our own code, however the connection ends.
        end(code: failure == .messageTooBig ? .messageTooBig : .abnormalClosure, reason: "")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            perform(endpoint.decoderFailed(error), context: context)
        } else if failure == nil {
            // A reset or a TLS failure: the connection is of no more use.
            context.close(promise: nil)
        }
    }

    private func perform(_ action: WebSocketEndpoint.Action, context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .text(let text): signal(.text(text))
        case .binary(let bytes): signal(.binary(bytes: bytes))
        case .pong(let payload): write(.pong, payload, to: context, promise: nil)
        case .fail(let code, let reason):
            failure = code
            signal(.mustClose(code, reason: reason))
        case .closed(let code, let reason, let reply):
            if reply {
                let echo = code.map { Self.closePayload($0, reason: "", allocator: context.channel.allocator) } ?? ByteBuffer()
                write(.connectionClose, echo, to: context, promise: nil)
            }
            signal(.closeReceived(code: code, reason: reason))
            end(code: code ?? .noStatusReceived, reason: reason)
            context.close(promise: nil)
        }
    }

    private func end(code: CloseCode, reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        signal(.ended(code: code, reason: reason))
    }

    private func write(
        _ opcode: WebSocketOpcode, _ payload: ByteBuffer, to context: ChannelHandlerContext, promise: EventLoopPromise<Void>?
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: nonces.nextMaskingKey(), data: payload)
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: promise)
    }

    private static func closePayload(_ code: CloseCode, reason: String, allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 2 + reason.utf8.count)
        buffer.writeInteger(code.rawValue)
        var text = Substring(reason)
        while text.utf8.count > 123 { text = text.dropLast() }
        buffer.writeSubstring(text)
        return buffer
    }
}

/// The one owner of a client's generators: a copy would repeat the sequence.
final class NonceSource {
    private var sources: RandomSources

    init(_ sources: RandomSources) { self.sources = sources }

    /// A number in [0, 1) for jitter.
    func nextJitter() -> Double { sources.nextJitter() }

    func nextRequestID() -> String { sources.nextRequestID() }

    func nextMaskingKey() -> WebSocketMaskingKey {
        let word = sources.nonces.next()
        return [
            UInt8(truncatingIfNeeded: word >> 56), UInt8(truncatingIfNeeded: word >> 48),
            UInt8(truncatingIfNeeded: word >> 40), UInt8(truncatingIfNeeded: word >> 32),
        ]
    }

    /// The value of `Sec-WebSocket-Key`: 16 random bytes in Base64 (RFC 6455 section 4.1).
    func nextUpgradeKey() -> String { NIOWebSocketClientUpgrader.randomRequestKey(using: &sources.nonces) }
}
