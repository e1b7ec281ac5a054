import NIOCore
import NIOWebSocket

/// The client's end of the WebSocket protocol (RFC 6455), frames in, actions out: fragments, control frames, the closing handshake, the size cap.
struct WebSocketEndpoint {
    enum Action: Equatable {
        /// Nothing to do.
        case none
        /// A whole text message.
        case text(ByteBuffer)
        /// A whole binary message of this size.
        case binary(bytes: Int)
        /// Answer a ping.
        case pong(ByteBuffer)
        /// The peer closes. `reply` says whether it wants our close frame, that is whether the closing began there.
        case closed(code: CloseCode?, reason: String, reply: Bool)
        /// The peer broke the protocol or the cap: the connection must be failed with this code.
        case fail(CloseCode, reason: String)
    }

    private enum State {
        case open
        /// Our close frame went out; data is no longer of interest.
        case closing
        /// A close frame came, or the connection was failed: nothing counts any more.
        case ended
    }

    private let maximumMessageBytes: Int
    private var state = State.open
    private var fragments: (opcode: WebSocketOpcode, payload: ByteBuffer)?

    init(maximumMessageBytes: Int) { self.maximumMessageBytes = maximumMessageBytes }

    /// Our close frame went out.
    mutating func closeSent() {
        switch state {
        case .open:
            state = .closing
            fragments = nil
        case .closing, .ended: break
        }
    }

    /// A frame came.
    mutating func received(_ frame: WebSocketFrame) -> Action {
        switch state {
        case .ended: return .none
        case .open, .closing: break
        }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return fail(.protocolError, "reserved bits set") }
        guard frame.maskKey == nil else { return fail(.protocolError, "masked frame from a server") }
        switch frame.opcode {
        case .text, .binary: return dataFrame(frame)
        case .continuation: return continuationFrame(frame)
        case .ping: return .pong(frame.data)
        case .pong: return .none
        case .connectionClose: return closeFrame(frame.data)
        default: return fail(.protocolError, "unknown opcode")
        }
    }

    /// The decoder could not go on.
    mutating func decoderFailed(_ error: NIOWebSocketError) -> Action {
        switch (state, error) {
        case (.ended, _): .none
        case (.open, .invalidFrameLength), (.closing, .invalidFrameLength): fail(.messageTooBig, "frame over \(maximumMessageBytes) bytes")
        case (.open, .fragmentedControlFrame), (.closing, .fragmentedControlFrame): fail(.protocolError, "fragmented control frame")
        case (.open, .multiByteControlFrameLength), (.closing, .multiByteControlFrameLength): fail(.protocolError, "long control frame")
        }
    }

    private mutating func dataFrame(_ frame: WebSocketFrame) -> Action {
        guard fragments == nil else { return fail(.protocolError, "new message inside a fragmented one") }
        fragments = (frame.opcode, ByteBuffer())
        return append(frame)
    }

    private mutating func continuationFrame(_ frame: WebSocketFrame) -> Action {
        switch state {
        case .open: break
        // The beginning of the message was dropped when our close frame went out.
        case .closing, .ended: return .none
        }
        guard fragments != nil else { return fail(.protocolError, "continuation without a beginning") }
        return append(frame)
    }

    private mutating func append(_ frame: WebSocketFrame) -> Action {
        guard var message = fragments else { preconditionFailure("a message has begun") }
        guard message.payload.readableBytes + frame.length <= maximumMessageBytes else {
            return fail(.messageTooBig, "message over \(maximumMessageBytes) bytes")
        }
        fragments = nil
        if frame.fin && message.payload.readableBytes == 0 {
            message.payload = frame.data
        } else {
            var data = frame.data
            message.payload.writeBuffer(&data)
        }
        guard frame.fin else {
            fragments = message
            return .none
        }
        switch state {
        case .closing, .ended: return .none
        case .open: return message.opcode == .text ? .text(message.payload) : .binary(bytes: message.payload.readableBytes)
        }
    }

    private mutating func closeFrame(_ payload: ByteBuffer) -> Action {
        let reply: Bool
        switch state {
        case .open: reply = true
        case .closing, .ended: reply = false
        }
        var payload = payload
        guard payload.readableBytes > 0 else {
            state = .ended
            return .closed(code: nil, reason: "", reply: reply)
        }
        guard let number = payload.readInteger(as: UInt16.self), CloseCode(rawValue: number).isAllowedOnWire else {
            return fail(.protocolError, "malformed close frame")
        }
        state = .ended
        return .closed(code: CloseCode(rawValue: number), reason: String(buffer: payload), reply: reply)
    }

    private mutating func fail(_ code: CloseCode, _ reason: String) -> Action {
        fragments = nil
        switch state {
        case .open:
            state = .ended
            return .fail(code, reason: reason)
        // We are closing already; the end of the TCP connection will end it.
        case .closing, .ended:
            state = .ended
            return .none
        }
    }
}
