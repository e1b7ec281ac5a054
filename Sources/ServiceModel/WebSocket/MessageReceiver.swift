import NIOCore
import NIOWebSocket

/// The receiving half of RFC 6455 on the service's side: unmasked payloads of whole messages, and what a breach of the protocol costs.
///
/// What it holds never exceeds the message limit.
struct MessageReceiver {
    enum Action {
        /// Part of a message, or a control frame that asks for nothing.
        case none
        /// A whole text message.
        case text(ByteBuffer)
        /// A whole binary message.
        case binary(bytes: Int)
        /// Answer with a pong of the same payload.
        case answerPing(ByteBuffer)
        /// A pong.
        case pong(ByteBuffer)
        /// A close frame.
        case close(ServiceCloseCode, reason: String)
        /// Fail the connection.
        case fail(ServiceCloseCode, reason: String)
    }

    private enum Assembly {
        case idle, collectingText, collectingBinary
    }

    private let maximumMessageBytes: Int
    private var assembly = Assembly.idle
    /// What has come of the message. Apart from ``assembly``, so that it grows in place.
    private var collected = ByteBuffer()

    init(maximumMessageBytes: Int) { self.maximumMessageBytes = maximumMessageBytes }

    mutating func received(_ frame: WebSocketFrame) -> Action {
        // Section 5.1: a server must fail a connection whose client does not mask; section 5.2: no extension was negotiated.
        guard frame.maskKey != nil else { return .fail(.protocolError, reason: "unmasked frame") }
        guard frame.reservedBits.isEmpty else { return .fail(.protocolError, reason: "reserved bit") }
        let payload = frame.unmaskedData
        switch frame.opcode {
        case .text: return begin(isText: true, payload, isFinal: frame.fin)
        case .binary: return begin(isText: false, payload, isFinal: frame.fin)
        case .continuation: return proceed(payload, isFinal: frame.fin)
        case .ping: return .answerPing(payload)
        case .pong: return .pong(payload)
        case .connectionClose: return close(payload)
        default: return .fail(.protocolError, reason: "reserved opcode")
        }
    }

    private mutating func begin(isText: Bool, _ payload: ByteBuffer, isFinal: Bool) -> Action {
        switch assembly {
        case .idle: return isFinal ? complete(isText: isText, payload) : collect(isText: isText, payload)
        case .collectingText, .collectingBinary: return .fail(.protocolError, reason: "a message inside a message")
        }
    }

    private mutating func proceed(_ payload: ByteBuffer, isFinal: Bool) -> Action {
        let isText: Bool
        switch assembly {
        case .idle: return .fail(.protocolError, reason: "continuation of nothing")
        case .collectingText: isText = true
        case .collectingBinary: isText = false
        }
        let action = collect(isText: isText, payload)
        guard isFinal, case .none = action else { return action }
        assembly = .idle
        let message = collected
        collected = ByteBuffer()
        return complete(isText: isText, message)
    }

    private mutating func collect(isText: Bool, _ payload: ByteBuffer) -> Action {
        guard collected.readableBytes + payload.readableBytes <= maximumMessageBytes else { return tooBig }
        collected.writeImmutableBuffer(payload)
        assembly = isText ? .collectingText : .collectingBinary
        return .none
    }

    private func complete(isText: Bool, _ message: ByteBuffer) -> Action {
        guard message.readableBytes <= maximumMessageBytes else { return tooBig }
        guard isText else { return .binary(bytes: message.readableBytes) }
        // Section 8.1.
        guard message.withUnsafeReadableBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
            return .fail(.invalidPayload, reason: "not UTF-8")
        }
        return .text(message)
    }

    private var tooBig: Action { .fail(.messageTooBig, reason: ServiceCloseCode.messageTooBig.defaultReason) }

    /// Section 5.5.1 and 7.4: a code is two bytes and one that may be sent, the reason UTF-8.
    private func close(_ payload: ByteBuffer) -> Action {
        var payload = payload
        guard payload.readableBytes > 0 else { return .close(.noStatus, reason: "") }
        guard let number = payload.readInteger(as: UInt16.self), ServiceCloseCode(rawValue: number).mayBeSent,
            let reason = String(validating: payload.readableBytesView, as: UTF8.self)
        else { return .fail(.protocolError, reason: "bad close frame") }
        return .close(ServiceCloseCode(rawValue: number), reason: reason)
    }
}
