import NIOCore

extension SimulatedChannel {
    /// Sets `autoRead`, the write buffer water mark; accepts and ignores what tunes a socket; fails for anything else.
    public func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        self.loop.makeCompletedFuture { try self.setOptionNow(option, value: value) }
    }

    /// The value of an option that ``setOption(_:value:)`` knows; fails with `ChannelError.operationUnsupported` for others.
    public func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        self.loop.makeCompletedFuture(withResultOf: { try self.optionNow(option) })
    }

    /// The options without futures, for code on the loop.
    public var syncOptions: (any NIOSynchronousChannelOptions)? { SynchronousOptions(channel: self) }

    private struct SynchronousOptions: NIOSynchronousChannelOptions {
        let channel: SimulatedChannel

        func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
            try self.channel.setOptionNow(option, value: value)
        }

        func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value { try self.channel.optionNow(option) }
    }

    private func setOptionNow<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
        switch value {
        case let value as Bool where option is ChannelOptions.Types.AutoReadOption:
            let startsReading = value && !self.autoRead
            self.autoRead = value
            if startsReading { self.readIfAutomatic() }
        case let value as ChannelOptions.Types.WriteBufferWaterMark:
            self.waterMark = value
        case let value as Bool where option is ChannelOptions.Types.AllowRemoteHalfClosureOption:
            if value { throw ChannelError.operationUnsupported }
        case is SocketOptionValue where option is ChannelOptions.Types.SocketOption:
            break  // buffer sizes, TCP_NODELAY and the like: what they tune belongs to the transport
        case is any RecvByteBufferAllocator:
            break  // a delivery is whatever the transport hands over at once
        default:
            throw ChannelError.operationUnsupported
        }
    }

    private func optionNow<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
        let value: Any
        switch option {
        case is ChannelOptions.Types.AutoReadOption: value = self.autoRead
        case is ChannelOptions.Types.AllowRemoteHalfClosureOption: value = false
        case is ChannelOptions.Types.WriteBufferWaterMarkOption: value = self.waterMark
        case is ChannelOptions.Types.BufferedWritableBytesOption: value = self.pendingBytes
        case is ChannelOptions.Types.AllocatorOption: value = self.allocator
        case is ChannelOptions.Types.SocketOption: value = SocketOptionValue(0)
        default: throw ChannelError.operationUnsupported
        }
        guard let typed = value as? Option.Value else { throw ChannelError.operationUnsupported }
        return typed
    }
}
