import NIOConcurrencyHelpers
public import NIOCore

/// A data channel to a remote peer, with backpressure.
///
/// It lives as long as the peer connection under it: a reconnect ends it, and the application opens another (ROS-11, APP-03). Every method can be called
/// from any thread or task.
public final class DataChannel: Sendable {
    /// Its label.
    public let label: String
    /// How it delivers.
    public let configuration: DataChannelConfiguration
    /// The loop on which it lives.
    public let eventLoop: any EventLoop

    private let core: NIOLoopBound<DataChannelCore>
    private let hub: EventHub<DataChannelState, DataChannelEvent>
    private let first: NIOLockedValueBox<AsyncStream<DataChannelEvent>?>

    init(_ core: DataChannelCore, eventLoop: any EventLoop) {
        label = core.transport.label
        configuration = core.transport.configuration
        self.eventLoop = eventLoop
        self.core = NIOLoopBound(core, eventLoop: eventLoop)
        hub = core.hub
        first = NIOLockedValueBox(core.hub.stream())
    }

    /// The state as of now.
    public var state: DataChannelState { hub.state }

    /// The events. The first stream begins with the channel, so that no message is lost before anybody asks; later ones begin with the call. All end with
    /// ``DataChannelEvent/closed``.
    ///
    /// Each holds up to ``PeerOptions/eventBufferLimit`` events for a slow consumer; beyond it the oldest are dropped.
    public func events() -> AsyncStream<DataChannelEvent> {
        let beginning = first.withLockedValue { stream in
            defer { stream = nil }
            return stream
        }
        return beginning ?? hub.stream()
    }

    /// Sends a message. Returns when the transport has taken it: at once, or, while ``DataChannelLimits/maximumBufferedBytes`` would be exceeded, later.
    /// Messages leave in the order of the calls.
    /// - Throws: ``DataChannelError``; ``DataChannelError/notOpen(_:)`` also if the channel ends while the message waits.
    public func send(_ message: DataChannelMessage) async throws(DataChannelError) {
        try await core.call { core, completion in core.send(message, completion) }
    }

    /// Closes the channel after what the transport has taken. Messages that wait for room are not sent: their calls fail.
    public func close() { core.perform { core in core.close() } }
}

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
