import NIOCore

/// A SwiftNIO stream channel on a simulated event loop, over any ``SimulatedTransport``. The stock pipelines (HTTP/1 upgrade, WebSocket) run on it.
///
/// Life: create, add handlers, ``register()`` and ``activate()``; the transport delivers bytes, end of stream or a reset; `close` ends it. Like
/// NIOPosix, it closes when the peer ends its stream (no half closure), and handlers are removed and `closeFuture` completes one tick after
/// `channelInactive`.
///
/// `@unchecked Sendable`: the protocol demands it. A channel is confined to its loop.
public final class SimulatedChannel: Channel, @unchecked Sendable {
    enum State: Equatable {
        case idle
        case registered
        case active
        case closed
    }

    struct PendingWrite {
        var bytes: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    /// The loop, with its simulated type.
    public let loop: SimulatedEventLoop
    /// Given at creation; reported, not interpreted.
    public let localAddress: SocketAddress?
    /// Given at creation; reported, not interpreted.
    public let remoteAddress: SocketAddress?
    /// The listening channel, if any.
    public let parent: (any Channel)?
    /// Allocates buffers for handlers.
    public let allocator = ByteBufferAllocator()
    /// Aborts the connection instead of ending it gracefully when the application closes (SO_LINGER with time 0).
    public var closesAbortively = false

    let closePromise: EventLoopPromise<Void>
    var state = State.idle
    /// Released when the channel has closed.
    var transport: (any SimulatedTransport)?
    private var pipelineStorage: ChannelPipeline!
    private let id: UInt64

    // Outbound: writes not yet taken by the transport; the first `flushedWrites` of them are flushed.
    var pendingWrites: [PendingWrite] = []
    var flushedWrites = 0
    var isFlushing = false
    var pendingBytes = 0
    var waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)
    /// Whether fewer bytes wait to be taken by the transport than the water mark allows.
    public internal(set) var isWritable = true

    // Inbound: bytes that wait for a read.
    var unread: ByteBuffer?
    var isReadPending = false
    var isDeliveryScheduled = false
    var autoRead = true

    /// - Parameters:
    ///   - loop: the host's loop.
    ///   - transport: what carries the bytes; may be set later, before activation, with ``setTransport(_:)``.
    ///   - localAddress: reported, not interpreted.
    ///   - remoteAddress: reported, not interpreted.
    ///   - parent: the listening channel, if any.
    public init(
        loop: SimulatedEventLoop, transport: (any SimulatedTransport)? = nil, localAddress: SocketAddress? = nil,
        remoteAddress: SocketAddress? = nil, parent: (any Channel)? = nil
    ) {
        self.loop = loop
        self.transport = transport
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.parent = parent
        self.closePromise = loop.makePromise(of: Void.self)
        self.id = loop.simulation.openChannels.makeID()
        self.pipelineStorage = ChannelPipeline(channel: self)
        loop.simulation.openChannels.add(self.id, self)
    }

    /// Sets what carries the bytes, for transports that need the channel first.
    public func setTransport(_ transport: any SimulatedTransport) {
        precondition(self.state == .idle || self.state == .registered, "a transport was set on a channel that is active or closed")
        self.transport = transport
    }

    func didClose() {
        self.transport = nil
        self.loop.simulation.openChannels.remove(self.id)
    }

    // MARK: Channel

    /// The loop as NIO sees it.
    public var eventLoop: any EventLoop { self.loop }
    /// The handlers.
    public var pipeline: ChannelPipeline { self.pipelineStorage }
    /// Completes when the channel has closed and its handlers are gone.
    public var closeFuture: EventLoopFuture<Void> { self.closePromise.futureResult }
    /// Whether bytes can flow.
    public var isActive: Bool { self.state == .active }
    /// For NIO: the end of the pipeline.
    public var _channelCore: any ChannelCore { self }

    /// Received bytes that wait for a read: what keeps the receive window small.
    public var unreadBytes: Int { self.unread?.readableBytes ?? 0 }

    // MARK: For transports and those who set channels up; all on the channel's loop

    /// Announces the channel to its pipeline. Harmless if done.
    public func register() {
        guard self.state == .idle else { return }
        self.state = .registered
        self.pipeline.syncOperations.fireChannelRegistered()
    }

    /// The connection is established: bytes may flow. Without effect on a channel that was closed meanwhile.
    public func activate() {
        self.register()
        guard self.state == .registered else { return }
        precondition(self.transport != nil, "a channel was activated without a transport")
        self.state = .active
        self.pipeline.syncOperations.fireChannelActive()
        self.readIfAutomatic()
        self.passWritesToTransport()
    }

    /// Bytes have arrived. They are delivered at once if the application wants them, else when it reads.
    public func receive(_ bytes: ByteBuffer) {
        guard self.state == .active, bytes.readableBytes > 0 else { return }
        if var waiting = self.unread {
            self.unread = nil
            waiting.writeImmutableBuffer(bytes)
            self.unread = waiting
        } else {
            self.unread = bytes
        }
        if self.isReadPending, !self.isDeliveryScheduled { self.deliver() }
    }

    /// The peer has ended its stream: delivers what is unread, read or not, and closes, as NIOPosix does.
    public func receiveEnd() {
        guard self.state == .active else { return }
        if self.unread != nil {
            self.isReadPending = true
            self.deliver()
        }
        self.close0(error: ChannelError.eof, mode: .all, promise: nil)
    }

    /// The connection has failed (reset, timed out, unreachable): unread bytes are lost, the error goes through the pipeline, the channel closes.
    public func receiveReset(_ error: any Error) {
        guard self.state != .closed else { return }
        self.unread = nil
        self.pipeline.syncOperations.fireErrorCaught(error)
        self.close(with: error, mode: .abortive, promise: nil)
    }

    /// The transport can take more bytes after having refused some.
    public func sendBufferHasRoom() { self.passWritesToTransport() }
}

/// Channels that are open, to be closed in order of creation when the simulation ends.
final class OpenChannels {
    private var channels: [UInt64: SimulatedChannel] = [:]
    private var nextID: UInt64 = 0

    var count: Int { self.channels.count }

    func makeID() -> UInt64 {
        self.nextID += 1
        return self.nextID
    }

    func add(_ id: UInt64, _ channel: SimulatedChannel) { self.channels[id] = channel }

    func remove(_ id: UInt64) { self.channels[id] = nil }

    func closeAll() {
        for id in self.channels.keys.sorted() {
            self.channels[id]?.close(with: EventLoopError.shutdown, mode: .abortive, promise: nil)
        }
    }
}
