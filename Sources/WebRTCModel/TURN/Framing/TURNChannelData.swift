import NIOCore

/// A ChannelData message (RFC 8656 section 12.4): a channel number, a length, and bytes.
public enum TURNChannelData {
    /// The channels of RFC 8656 section 12.
    public static let channels: ClosedRange<UInt16> = 0x4000...0x4FFF
    /// Number and length.
    public static let headerBytes = 4

    /// Whether a datagram is meant as ChannelData (RFC 7983 section 7): the first byte is 64 to 79.
    public static func isChannelData(_ bytes: ByteBuffer) -> Bool {
        guard let start = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return false }
        return start & 0xF0 == 0x40
    }

    /// Puts bytes into a message. In a stream it is padded to a multiple of 4 bytes (section 12.5).
    public static func encoded(channel: UInt16, _ payload: ByteBuffer, padded: Bool) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(payload.readableBytes + headerBytes + 3)
        bytes.writeMultipleIntegers(channel, UInt16(clamping: payload.readableBytes))
        bytes.writeImmutableBuffer(payload)
        if padded, payload.readableBytes & 3 != 0 { bytes.writeRepeatingByte(0, count: 4 - payload.readableBytes & 3) }
        return bytes
    }

    /// The channel and the bytes of a message; nil if it is shorter than it says. Padding is left out.
    public static func decode(_ bytes: ByteBuffer) -> (channel: UInt16, payload: ByteBuffer)? {
        guard isChannelData(bytes), let (channel, length) = bytes.getMultipleIntegers(at: bytes.readerIndex, as: (UInt16, UInt16).self),
            let payload = bytes.getSlice(at: bytes.readerIndex + headerBytes, length: Int(length))
        else { return nil }
        return (channel, payload)
    }
}
