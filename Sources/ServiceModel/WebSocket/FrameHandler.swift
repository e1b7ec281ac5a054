import NIOCore
import NIOWebSocket

/// Hears what a connection brings.
protocol FrameHandlerDelegate: AnyObject {
    func received(text: ByteBuffer)
    func receivedBinary(bytes: Int)
    /// The client let a ping go unanswered; the connection ends next.
    func clientFellSilent(for silence: TimeAmount)
    /// It is over; once, and nothing comes after it.
    func ended(_ end: ConnectionEnd)
    /// Whether the service is deaf and dumb to this client at the moment.
    var isStalled: Bool { get }
    /// Whether a close frame of the client is answered.
    var echoesClose: Bool { get }
}

/// The figures that a connection needs.
struct ConnectionTiming {
    var pingInterval: TimeAmount
    var pingGrace: TimeAmount
    var closeTimeout: TimeAmount
    var failureLinger: TimeAmount
}

/// Performs what ``MessageReceiver``, ``CloseHandshake`` and ``Heartbeat`` decide on one channel after the upgrade.
final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private var receiver: MessageReceiver
    private var handshake = CloseHandshake()
    private var heartbeat = Heartbeat()
    private let timing: ConnectionTiming
    private let maximumBacklogBytes: Int
    private let reset: (any Channel) -> Void
    private weak var delegate: (any FrameHandlerDelegate)?
    private let encoderContext: ChannelHandlerContext
    private var context: ChannelHandlerContext?
    private var nextPing: Scheduled<Void>?
    private var closeTimer: Scheduled<Void>?
    private var lastHeard: NIODeadline = .uptimeNanoseconds(0)
    /// Written since the channel was last writable.
    private var backlogBytes = 0
    private var isAbandoned = false
    private var resetsOnRead = false

    /// - Parameter encoderContext: of the WebSocket encoder in the same pipeline.
    init(
        maximumMessageBytes: Int, maximumBacklogBytes: Int, timing: ConnectionTiming, reset: @escaping (any Channel) -> Void,
        encoderContext: ChannelHandlerContext, delegate: any FrameHandlerDelegate
    ) {
        self.encoderContext = encoderContext
        receiver = MessageReceiver(maximumMessageBytes: maximumMessageBytes)
        self.maximumBacklogBytes = maximumBacklogBytes
        self.timing = timing
        self.reset = reset
        self.delegate = delegate
    }

    var isOpen: Bool { handshake.isOpen && !isAbandoned }

    // MARK: What the service does

    /// Sends a frame unless the connection is closing, or the service is stalled.
    func send(_ frame: WebSocketFrame) {
        guard let context = contextToSend(bytes: frame.length) else { return }
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil)
    }

    /// Sends a frame that is encoded already, past the encoder and in one write.
    func send(encoded frame: ByteBuffer) {
        guard contextToSend(bytes: frame.readableBytes) != nil else { return }
        encoderContext.writeAndFlush(NIOAny(frame), promise: nil)
    }

    private func contextToSend(bytes: Int) -> ChannelHandlerContext? {
        guard isOpen, let context, delegate?.isStalled != true else { return nil }
        if !context.channel.isWritable {
            backlogBytes += bytes
            guard backlogBytes <= maximumBacklogBytes else {
                resetConnection()
                return nil
            }
        }
        return context
    }

    /// Starts the closing handshake; the transport ends with the client's answer or after `timeout`.
    func close(_ code: ServiceCloseCode, reason: String, timeout: TimeAmount? = nil) {
        guard !isAbandoned, let context else { return }
        switch handshake.closeRequested(code, reason: reason) {
        case .nothing: return
        case .sendCloseFrame: break
        }
        stopTimers()
        sendCloseFrame(code, reason: reason, context)
        closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout ?? timing.closeTimeout) { self.finish() }
    }

    /// Ends the transport in an orderly way, without a close frame.
    func endTransport() {
        guard handshake.isOpen, !isAbandoned else { return }
        report(handshake.transportEnded().map { ConnectionEnd(code: $0.code, reason: $0.reason, by: .service) })
        finish()
    }

    /// The peer of the connection gets a reset.
    func resetConnection() {
        guard let context, !isAbandoned else { return }
        stopTimers()
        let channel = context.channel
        report(handshake.transportEnded().map { ConnectionEnd(code: $0.code, reason: $0.reason, by: .service) })
        reset(channel)
    }

    /// The service forgets the connection without a word to its peer.
    func abandon() {
        stopTimers()
        isAbandoned = true
        report(handshake.transportEnded().map { ConnectionEnd(code: $0.code, reason: $0.reason, by: .service) })
    }

    /// An abandoned connection belongs to nobody after a restart: what still comes on it is answered by a reset (RFC 9293 section 3.5.2).
    func resetOnceHeard() { resetsOnRead = true }

    // MARK: What the channel brings

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastHeard = context.eventLoop.now
        schedulePing(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isAbandoned {
            if resetsOnRead { reset(context.channel) }
            return
        }
        guard delegate?.isStalled != true else { return }
        lastHeard = context.eventLoop.now
        perform(receiver.received(Self.unwrapInboundIn(data)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        if !isAbandoned { report(handshake.transportEnded()) }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { backlogBytes = 0 }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isAbandoned else { return }
        switch error as? NIOWebSocketError {
        case .invalidFrameLength: fail(.messageTooBig, reason: ServiceCloseCode.messageTooBig.defaultReason)
        case .fragmentedControlFrame, .multiByteControlFrameLength: fail(.protocolError, reason: "bad control frame")
        case nil: if handshake.isOpen { context.close(promise: nil) }
        }
    }

    private func perform(_ action: MessageReceiver.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .text(let text): if handshake.isOpen { delegate?.received(text: text) }
        case .binary(let bytes): if handshake.isOpen { delegate?.receivedBinary(bytes: bytes) }
        case .answerPing(let payload): send(WebSocketFrame(fin: true, opcode: .pong, data: payload))
        case .pong(let payload): heartbeat.received(pong: payload)
        case .close(let code, let reason): closeReceived(code, reason: reason, context)
        case .fail(let code, let reason): fail(code, reason: reason)
        }
    }

    private func closeReceived(_ code: ServiceCloseCode, reason: String, _ context: ChannelHandlerContext) {
        guard delegate?.echoesClose != false else { return }
        switch handshake.closeReceived(code, reason: reason) {
        case .nothing: break
        case .echoAndEnd(let end):
            stopTimers()
            sendCloseFrame(code, reason: reason, context)
            report(end)
            context.close(promise: nil)
        case .end(let end):
            stopTimers()
            report(end)
            context.close(promise: nil)
        }
    }

    /// After a breach of the protocol the decoder is lost, so that no answer can be heard: the client gets a moment to read the close frame.
    private func fail(_ code: ServiceCloseCode, reason: String) { close(code, reason: reason, timeout: timing.failureLinger) }

    // MARK: Pings

    private func schedulePing(_ context: ChannelHandlerContext) {
        guard timing.pingInterval > .zero else { return }
        nextPing = context.eventLoop.assumeIsolated().scheduleTask(in: timing.pingInterval) {
            guard self.isOpen else { return }
            self.schedulePing(context)
            guard self.delegate?.isStalled != true else { return }
            self.send(WebSocketFrame(fin: true, opcode: .ping, data: self.heartbeat.ping()))
            self.expectPong(self.heartbeat.newest, context)
        }
    }

    private func expectPong(_ ping: UInt64, _ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: timing.pingGrace) {
            guard self.isOpen, self.heartbeat.isOverdue(ping), self.delegate?.isStalled != true else { return }
            self.delegate?.clientFellSilent(for: context.eventLoop.now - self.lastHeard)
            self.close(.internalError, reason: ServiceCloseCode.internalError.defaultReason)
            self.finish()
        }
    }

    // MARK: The end

    private func sendCloseFrame(_ code: ServiceCloseCode, reason: String, _ context: ChannelHandlerContext) {
        var payload = ByteBuffer()
        if code != .noStatus {
            payload.writeInteger(code.rawValue)
            // Section 5.5: a control frame carries 125 bytes at most.
            payload.writeString(String(reason.truncated(toBytes: 123)))
        }
        context.writeAndFlush(Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)), promise: nil)
    }

    private func finish() {
        stopTimers()
        report(handshake.transportEnded())
        context?.close(promise: nil)
    }

    private func report(_ end: ConnectionEnd?) {
        if let end { delegate?.ended(end) }
    }

    private func stopTimers() {
        nextPing?.cancel()
        closeTimer?.cancel()
    }
}

extension String {
    /// The longest start of whole characters that fits.
    func truncated(toBytes limit: Int) -> Substring {
        var start = self[...]
        while start.utf8.count > limit { start.removeLast() }
        return start
    }
}
