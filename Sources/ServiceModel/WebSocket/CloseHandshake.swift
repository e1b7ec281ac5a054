/// Who ended a connection first.
public enum ClosingSide: String, Hashable, Sendable {
    /// The client's close frame came first.
    case client
    /// The service closed, reset or abandoned it.
    case service
    /// The transport ended without a close frame: 1006.
    case transport
}

/// How a connection ended.
public struct ConnectionEnd: Hashable, Sendable {
    /// The code of the close frame that came first, or 1006 without one.
    public var code: ServiceCloseCode
    /// The reason in it.
    public var reason: String
    /// Who was first.
    public var by: ClosingSide
}

/// The closing handshake of RFC 6455 section 7 as the service plays it.
struct CloseHandshake {
    private enum State {
        case open
        /// Our close frame is out; the client's is awaited.
        case closeSent(ConnectionEnd)
        /// Both frames are through, or one side gave up.
        case finished
    }

    enum SendAction: Equatable {
        case sendCloseFrame
        /// The connection is closing already.
        case nothing
    }

    enum ReceiveAction: Equatable {
        /// The client closes: echo its code, end the transport.
        case echoAndEnd(ConnectionEnd)
        /// The client answered our close: end the transport.
        case end(ConnectionEnd)
        case nothing
    }

    private var state = State.open

    var isOpen: Bool {
        switch state {
        case .open: true
        case .closeSent, .finished: false
        }
    }

    mutating func closeRequested(_ code: ServiceCloseCode, reason: String) -> SendAction {
        switch state {
        case .open:
            state = .closeSent(ConnectionEnd(code: code, reason: reason, by: .service))
            return .sendCloseFrame
        case .closeSent, .finished: return .nothing
        }
    }

    mutating func closeReceived(_ code: ServiceCloseCode, reason: String) -> ReceiveAction {
        switch state {
        case .open:
            state = .finished
            return .echoAndEnd(ConnectionEnd(code: code, reason: reason, by: .client))
        case .closeSent(let end):
            state = .finished
            return .end(end)
        case .finished: return .nothing
        }
    }

    /// The transport is gone, or the wait for the client's frame was too long; nil: the end is known already.
    mutating func transportEnded() -> ConnectionEnd? {
        switch state {
        case .open:
            state = .finished
            return ConnectionEnd(code: .abnormal, reason: "", by: .transport)
        case .closeSent(let end):
            state = .finished
            return end
        case .finished: return nil
        }
    }
}
