import NIOCore

/// Which messages of a data channel may leave and which wait for room.
struct SendBuffer<Waiter> {
    /// What becomes of a message.
    enum Action {
        /// Hand it to the transport.
        case send
        /// It waits.
        case wait
        /// It is refused.
        case refuse(DataChannelError)
    }

    private let limits: DataChannelLimits
    private var waiting: CircularBuffer<(message: DataChannelMessage, waiter: Waiter)> = []

    init(_ limits: DataChannelLimits) { self.limits = limits }

    /// A message is to be sent while `buffered` bytes wait in the transport.
    mutating func offer(_ message: DataChannelMessage, _ waiter: Waiter, buffered: Int) -> Action {
        let bytes = message.bytes
        guard bytes <= limits.maximumBufferedBytes else {
            return .refuse(.messageTooLarge(sizeBytes: bytes, capBytes: limits.maximumBufferedBytes))
        }
        if waiting.isEmpty, fits(bytes, buffered) { return .send }
        guard waiting.count < limits.maximumQueuedSends else {
            return .refuse(.overflow(queued: waiting.count, limit: limits.maximumQueuedSends))
        }
        waiting.append((message, waiter))
        return .wait
    }

    /// Takes out the first message that waits, if there is room for it.
    mutating func next(buffered: Int) -> (message: DataChannelMessage, waiter: Waiter)? {
        guard let first = waiting.first, fits(first.message.bytes, buffered) else { return nil }
        return waiting.removeFirst()
    }

    /// The channel is gone: takes out everything.
    mutating func removeAll() -> [Waiter] {
        defer { waiting.removeAll() }
        return waiting.map(\.waiter)
    }

    /// When the transport has to tell that it has drained: early enough for ``DataChannelLimits/lowThresholdBytes``, and so far that the first message
    /// fits.
    var threshold: Int {
        min(limits.lowThreshold, waiting.first.map { limits.maximumBufferedBytes - $0.message.bytes } ?? limits.lowThreshold)
    }

    private func fits(_ bytes: Int, _ buffered: Int) -> Bool { buffered <= limits.maximumBufferedBytes - bytes }
}
