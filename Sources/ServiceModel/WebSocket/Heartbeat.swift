import NIOCore

/// The service's own pings: one each interval, each to be answered within the grace (SRV-02).
struct Heartbeat {
    private var sent: UInt64 = 0
    private var answered: UInt64 = 0

    /// It is time to ping: the payload, by which the pong is known.
    mutating func ping() -> ByteBuffer {
        sent += 1
        return ByteBuffer(integer: sent)
    }

    /// RFC 6455 section 5.5.3: a pong carries the payload of the ping; answering the newest answers those before. Other pongs say nothing.
    mutating func received(pong: ByteBuffer) {
        guard pong.readableBytes == 8, let number = pong.getInteger(at: pong.readerIndex, as: UInt64.self), number <= sent else { return }
        answered = max(answered, number)
    }

    /// The number of the newest ping.
    var newest: UInt64 { sent }

    /// Whether the client let the grace of a ping pass.
    func isOverdue(_ ping: UInt64) -> Bool { answered < ping }
}
