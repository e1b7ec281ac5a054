import NIOCore

extension SimulatedChannel: ChannelCore {
    /// The address given at creation. - Throws: `ChannelError.unknownLocalAddress` if there was none.
    public func localAddress0() throws -> SocketAddress {
        guard let address = self.localAddress else { throw ChannelError.unknownLocalAddress }
        return address
    }

    /// The address given at creation. - Throws: `ChannelError.operationUnsupported` if there was none.
    public func remoteAddress0() throws -> SocketAddress {
        guard let address = self.remoteAddress else { throw ChannelError.operationUnsupported }
        return address
    }

    /// See ``register()``.
    public func register0(promise: EventLoopPromise<Void>?) {
        promise?.succeed(())
        self.register()
    }

    /// See ``activate()``.
    public func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) {
        promise?.succeed(())
        self.activate()
    }

    /// Addresses belong to whoever makes the connection, not to the channel.
    public func bind0(to address: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

    /// A channel is created for a connection that exists or is under way; it does not dial.
    public func connect0(to address: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

    /// No outbound event means anything to a byte stream: fails with `ChannelError.operationUnsupported`.
    public func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    /// What no handler took is dropped, as by NIOPosix.
    public func channelRead0(_ data: NIOAny) {}

    /// What no handler took is dropped: the channel has closed already if it had to.
    public func errorCaught0(error: any Error) {}

    // MARK: Writing

    /// Keeps the bytes until they are flushed and the transport has room; the promise says that the transport has taken them all.
    public func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard self.state != .closed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let bytes = self.unwrapData(data, as: ByteBuffer.self)
        self.pendingWrites.append(PendingWrite(bytes: bytes, promise: promise))
        self.pendingBytes += bytes.readableBytes
        if self.isWritable, self.pendingBytes > self.waterMark.high {
            self.isWritable = false
            self.pipeline.syncOperations.fireChannelWritabilityChanged()
        }
    }

    /// Offers everything written so far to the transport.
    public func flush0() {
        self.flushedWrites = self.pendingWrites.count
        self.passWritesToTransport()
    }

    /// Hands flushed bytes to the transport for as long as it takes them, then completes their promises. A promise may write and flush
    /// again, which the loop picks up.
    func passWritesToTransport() {
        guard self.state == .active, !self.isFlushing else { return }
        self.isFlushing = true
        defer { self.isFlushing = false }
        while self.state == .active, self.flushedWrites > 0 {
            let taken = self.sendFlushedBytes()
            let completed = self.pendingWrites.prefix(taken).map(\.promise)
            self.pendingWrites.removeFirst(taken)
            self.flushedWrites -= taken
            for promise in completed { promise?.succeed(()) }
            self.announceWritability()
            if taken == 0 { return }
        }
    }

    /// The number of flushed writes that the transport took whole. Several small writes go down as one run of bytes, as with `writev`.
    private func sendFlushedBytes() -> Int {
        guard let transport = self.transport else { return 0 }
        var bytes = self.pendingWrites[0].bytes
        if self.flushedWrites > 1 {
            let writes = self.pendingWrites.prefix(self.flushedWrites)
            bytes = self.allocator.buffer(capacity: writes.reduce(0) { $0 + $1.bytes.readableBytes })
            for write in writes { bytes.writeImmutableBuffer(write.bytes) }
        }
        let offered = bytes.readableBytes
        if offered > 0 { transport.send(&bytes) }
        // The transport may have found the connection broken, which closes the channel.
        guard self.state == .active else { return 0 }
        var accepted = offered - bytes.readableBytes
        self.pendingBytes -= accepted
        var whole = 0
        while whole < self.flushedWrites, self.pendingWrites[whole].bytes.readableBytes <= accepted {
            accepted -= self.pendingWrites[whole].bytes.readableBytes
            whole += 1
        }
        if accepted > 0 { self.pendingWrites[whole].bytes.moveReaderIndex(forwardBy: accepted) }
        return whole
    }

    private func announceWritability() {
        guard !self.isWritable, self.pendingBytes < self.waterMark.low, self.state == .active else { return }
        self.isWritable = true
        self.pipeline.syncOperations.fireChannelWritabilityChanged()
    }

    // MARK: Reading

    /// Asks for one delivery of received bytes.
    public func read0() {
        guard self.state != .closed else { return }
        self.isReadPending = true
        guard self.state == .active, self.unread != nil, !self.isDeliveryScheduled else { return }
        // In a later tick: the caller may be in the middle of a delivery.
        self.isDeliveryScheduled = true
        self.loop.execute(target: self, argument: Event.deliver.rawValue)
    }

    func deliver() {
        guard self.state == .active, self.isReadPending, let bytes = self.unread else { return }
        self.isReadPending = false
        self.unread = nil
        self.transport?.consumed(byteCount: bytes.readableBytes)
        self.pipeline.syncOperations.fireChannelRead(NIOAny(bytes))
        self.pipeline.syncOperations.fireChannelReadComplete()
        self.readIfAutomatic()
    }

    func readIfAutomatic() {
        if self.autoRead, self.state == .active, !self.isReadPending { self.pipeline.syncOperations.read() }
    }

    // MARK: Closing

    /// Closes. - Throws: through the promise `ChannelError.alreadyClosed`, or `operationUnsupported` for a half closure.
    public func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .all: self.close(with: error, mode: self.closesAbortively ? .abortive : .graceful, promise: promise)
        case .output, .input: promise?.fail(ChannelError.operationUnsupported)
        }
    }

    func close(with error: any Error, mode: SimulatedCloseMode, promise: EventLoopPromise<Void>?) {
        guard self.state != .closed else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        let (wasRegistered, wasActive) = (self.state != .idle, self.state == .active)
        self.state = .closed
        self.isWritable = false
        self.transport?.close(mode, unreadBytes: self.unreadBytes)
        self.unread = nil
        let failed = self.pendingWrites
        self.pendingWrites = []
        self.flushedWrites = 0
        self.pendingBytes = 0
        for write in failed { write.promise?.fail(error) }
        promise?.succeed(())
        if wasActive { self.pipeline.syncOperations.fireChannelInactive() }
        if wasRegistered { self.pipeline.syncOperations.fireChannelUnregistered() }
        // Handlers may still be walking the pipeline, so it is taken apart in a later tick.
        self.loop.execute(target: self, argument: Event.finishClosing.rawValue)
    }
}

extension SimulatedChannel: EventTarget {
    enum Event: UInt64 {
        case deliver
        case finishClosing
    }

    /// For the kernel: the channel's own later ticks.
    public func fire(_ argument: UInt64) {
        guard let event = Event(rawValue: argument) else { preconditionFailure("unknown channel event \(argument)") }
        switch event {
        case .deliver:
            self.isDeliveryScheduled = false
            self.deliver()
        case .finishClosing:
            self.removeHandlers(pipeline: self.pipeline)
            self.closePromise.succeed(())
            self.didClose()
        }
    }
}
