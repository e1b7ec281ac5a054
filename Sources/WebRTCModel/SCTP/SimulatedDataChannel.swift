public import MeteredRealtime
import NIOCore

/// A data channel of the model.
public final class SimulatedDataChannel: DataChannelTransport {
    /// libwebrtc's limit of what a channel buffers: 16 MiB (`DataChannelInterface::MaxSendQueueSize`).
    public static let longestBufferBytes = 16 * 1_048_576

    /// See `DataChannelTransport`.
    public var onEvent: ((DataChannelTransportEvent) -> Void)?
    /// See `DataChannelTransport`.
    public let label: String
    /// See `DataChannelTransport`.
    public let configuration: DataChannelConfiguration
    /// See `DataChannelTransport`.
    public private(set) var state = DataChannelState.connecting
    /// See `DataChannelTransport`.
    public var bufferedAmountLowThreshold = 0

    /// Its SCTP stream, once the DTLS roles are known.
    private(set) var stream: UInt16?
    /// Until the peer has acknowledged the channel, its messages are ordered behind the OPEN (RFC 8832 section 6).
    var isAcknowledged: Bool
    private var isIncomingReset = false
    private var isOutgoingReset = false
    private var lastBuffered = 0
    private weak var transport: SCTPTransport?

    init(label: String, configuration: DataChannelConfiguration, stream: UInt16?, isAcknowledged: Bool, transport: SCTPTransport) {
        self.label = label
        self.configuration = configuration
        self.stream = stream
        self.isAcknowledged = isAcknowledged
        self.transport = transport
    }

    /// See `DataChannelTransport`.
    public var bufferedAmount: Int {
        guard let stream, let transport else { return 0 }
        return transport.bufferedBytes(stream)
    }

    /// Sends a message.
    /// - Throws: ``SimulatedPeerConnectionError``: in another state than `open`, over the peer's longest message, or over ``longestBufferBytes``.
    public func send(_ message: DataChannelMessage) throws {
        guard state == .open, let stream, let transport else {
            throw SimulatedPeerConnectionError.transportClosed("the channel is not open")
        }
        guard message.bytes <= transport.longestMessageBytes else {
            throw SimulatedPeerConnectionError.invalidArgument("the message is too long")
        }
        guard message.bytes <= Self.longestBufferBytes - bufferedAmount else { throw SimulatedPeerConnectionError.bufferFull }
        transport.send(message, on: self, stream: stream)
        lastBuffered = bufferedAmount
    }

    /// Closes after what is buffered (RFC 8831 section 6.7).
    public func close() {
        switch state {
        case .connecting:
            transport?.remove(self)
            finish()
        case .open:
            state = .closing
            if let stream { transport?.reset(stream) }
        case .closing, .closed: break
        }
    }

    func assign(_ stream: UInt16) { self.stream = stream }

    func opened() {
        guard state == .connecting else { return }
        state = .open
        onEvent?(.open)
    }

    func received(_ message: DataChannelMessage) {
        // A channel that closes still takes what was on its way.
        if state == .open || state == .closing { onEvent?(.message(message)) }
    }

    func drained() {
        let (before, now) = (lastBuffered, bufferedAmount)
        lastBuffered = now
        if before > bufferedAmountLowThreshold, now <= bufferedAmountLowThreshold, state == .open { onEvent?(.bufferedAmountLow) }
    }

    func incomingReset() {
        isIncomingReset = true
        close()
        finishIfReset()
    }

    func outgoingReset() {
        isOutgoingReset = true
        finishIfReset()
    }

    private func finishIfReset() {
        guard isIncomingReset, isOutgoingReset else { return }
        transport?.remove(self)
        finish()
    }

    func failed(_ error: any Error) {
        guard state != .closed else { return }
        onEvent?(.error(error))
        finish()
    }

    private func finish() {
        guard state != .closed else { return }
        state = .closed
        let onEvent = onEvent
        self.onEvent = nil
        onEvent?(.closed)
    }

    /// The connection was closed by us: nothing is said.
    func vanish() {
        onEvent = nil
        state = .closed
    }
}
