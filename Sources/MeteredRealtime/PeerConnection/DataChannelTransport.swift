public import NIOCore

/// How a data channel delivers (`RTCDataChannelInit`).
public struct DataChannelConfiguration: Hashable, Sendable {
    /// Whether messages arrive in the order in which they were sent.
    public var isOrdered: Bool
    /// How long a message is retransmitted; nil is for ever.
    public var maximumPacketLifetime: TimeAmount?
    /// How often a message is retransmitted; nil is for ever.
    public var maximumRetransmits: Int?
    /// The application's subprotocol.
    public var negotiatedProtocol: String
    /// The stream that both sides have agreed upon beforehand (`negotiated`, `id`): nothing announces the channel to the other side. 0...1,023. Nil: the
    /// library chooses, and the other side is told (RFC 8832).
    public var negotiatedID: Int?

    /// Ordered and reliable.
    public init(
        isOrdered: Bool = true, maximumPacketLifetime: TimeAmount? = nil, maximumRetransmits: Int? = nil, negotiatedProtocol: String = "",
        negotiatedID: Int? = nil
    ) {
        self.isOrdered = isOrdered
        self.maximumPacketLifetime = maximumPacketLifetime
        self.maximumRetransmits = maximumRetransmits
        self.negotiatedProtocol = negotiatedProtocol
        self.negotiatedID = negotiatedID
    }
}

/// `RTCDataChannelState`.
public enum DataChannelState: String, Hashable, Sendable, CaseIterable {
    /// The SCTP association or the channel is on its way.
    case connecting
    /// Messages can be sent.
    case open
    /// It closes after what is buffered.
    case closing
    /// Nothing can be sent.
    case closed
}

/// A message of a data channel.
public enum DataChannelMessage: Hashable, Sendable {
    /// A string.
    case text(String)
    /// Bytes.
    case binary(ByteBuffer)

    /// The payload's size in bytes; of a text, in UTF-8.
    public var bytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let buffer): buffer.readableBytes
        }
    }
}

/// A data channel of the WebRTC library (`RTCDataChannel`). Confined to its peer connection's event loop.
public protocol DataChannelTransport: AnyObject {
    /// Called for every event, in order.
    var onEvent: ((DataChannelTransportEvent) -> Void)? { get set }
    /// Its label.
    var label: String { get }
    /// How it delivers.
    var configuration: DataChannelConfiguration { get }
    /// Its state.
    var state: DataChannelState { get }
    /// Bytes handed over and not yet sent to the network.
    var bufferedAmount: Int { get }
    /// ``DataChannelTransportEvent/bufferedAmountLow`` is raised when ``bufferedAmount`` falls to this many bytes or fewer.
    var bufferedAmountLowThreshold: Int { get set }
    /// Sends a message; legal in `open`.
    func send(_ message: DataChannelMessage) throws
    /// Closes the channel after what is buffered.
    func close()
}

/// What a data channel reports.
public enum DataChannelTransportEvent {
    /// Messages can be sent.
    case open
    /// A message came.
    case message(DataChannelMessage)
    /// ``DataChannelTransport/bufferedAmount`` fell to the threshold.
    case bufferedAmountLow
    /// The transport failed; `closed` follows.
    case error(any Error)
    /// The channel is closed.
    case closed
}
