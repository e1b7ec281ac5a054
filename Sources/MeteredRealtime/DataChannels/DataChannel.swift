import NIOCore

/// What happens on a data channel.
public enum DataChannelEvent: Sendable {
    /// Messages can be sent.
    case opened
    /// A message came.
    case message(DataChannelMessage)
    /// The transport failed; ``closed`` follows.
    case failed(RedactedError)
    /// The channel is closed, or its connection is gone. Nothing follows.
    case closed
}

/// A data channel to a remote peer, with backpressure.
public final class DataChannel: Sendable {
    /// Its label.
    public let label: String
    /// How it delivers.
    public let configuration: DataChannelConfiguration

    init(label: String, configuration: DataChannelConfiguration) {
        self.label = label
        self.configuration = configuration
    }

    /// Its state as of now.
    public var state: DataChannelState { .closed }

    /// The events. The first stream begins with the channel's first event, so that nothing is lost before it is asked for; later ones begin now.
    public func events() -> AsyncStream<DataChannelEvent> { AsyncStream { $0.finish() } }

    /// Sends a message: returns when the transport has taken it.
    public func send(_ message: DataChannelMessage) async throws(DataChannelError) { throw .notOpen(state) }

    /// Closes the channel after what is buffered. Waiting sends fail.
    public func close() {}
}
