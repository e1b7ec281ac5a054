import NIOCore

/// Cuts a TCP or TLS stream into STUN and ChannelData messages (RFC 8489 section 6.2.2, RFC 8656 section 12.5).
///
/// It holds at most one incomplete message, so at most 64 KiB and what one read brings.
public struct TURNStreamDecoder: Sendable {
    /// The stream is neither STUN nor ChannelData where a message should begin: nothing after that can be read.
    public struct OutOfStep: Error, Hashable, Sendable {}

    private var bytes = ByteBuffer()

    /// At the begin of a stream.
    public init() {}

    /// Bytes have arrived.
    public mutating func append(_ more: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = more
        } else {
            bytes.writeImmutableBuffer(more)
        }
    }

    /// The next complete message, ChannelData without its padding; nil if it has not all arrived.
    public mutating func next() throws(OutOfStep) -> ByteBuffer? {
        guard let (type, length) = bytes.getMultipleIntegers(at: bytes.readerIndex, as: (UInt16, UInt16).self) else { return nil }
        let (size, padding) = try Self.size(type: type, length: Int(length))
        guard bytes.readableBytes >= size + padding else { return nil }
        let message = bytes.readSlice(length: size)
        bytes.moveReaderIndex(forwardBy: padding)
        return message
    }

    private static func size(type: UInt16, length: Int) throws(OutOfStep) -> (size: Int, padding: Int) {
        if type & 0xFC00 == 0, length & 3 == 0 { return (STUNMessage.headerBytes + length, 0) }
        if TURNChannelData.channels.contains(type) { return (TURNChannelData.headerBytes + length, (4 - length & 3) & 3) }
        throw OutOfStep()
    }
}
