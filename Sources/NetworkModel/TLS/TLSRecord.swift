import NIOCore

/// The framing of TLS records (RFC 8446 section 5.1): real headers around bytes that are not encrypted, so that sizes on the wire are true.
struct TLSRecord {
    enum ContentType: UInt8 {
        case changeCipherSpec = 20
        case alert = 21
        case handshake = 22
        case applicationData = 23
    }

    /// 2^14 bytes of plaintext.
    static let maximumPlaintextBytes = 16_384
    static let headerBytes = 5
    /// 2^14 and 256 bytes more, the most that a protected record may have.
    private static let maximumBodyBytes = maximumPlaintextBytes + 256

    var type: ContentType
    var body: ByteBuffer

    static func write(_ type: ContentType, _ body: ByteBuffer, padding: Int, to buffer: inout ByteBuffer) {
        buffer.reserveCapacity(buffer.writerIndex + headerBytes + body.readableBytes + padding)
        buffer.writeMultipleIntegers(type.rawValue, UInt16(0x0303), UInt16(body.readableBytes + padding))
        buffer.writeImmutableBuffer(body)
        buffer.writeRepeatingByte(0, count: padding)
    }

    /// The next whole record; nil if more bytes are needed. Throws if these are not records.
    static func read(from buffer: inout ByteBuffer) throws(TLSError) -> TLSRecord? {
        guard let rawType: UInt8 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
        guard let type = ContentType(rawValue: rawType) else { throw .notTLS }
        guard let version: UInt8 = buffer.getInteger(at: buffer.readerIndex + 1) else { return nil }
        guard version == 3 else { throw .notTLS }
        guard let length: UInt16 = buffer.getInteger(at: buffer.readerIndex + 3) else { return nil }
        guard length <= maximumBodyBytes else { throw .notTLS }
        guard buffer.readableBytes >= headerBytes + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: headerBytes)
        guard let body = buffer.readSlice(length: Int(length)) else { return nil }
        return TLSRecord(type: type, body: body)
    }
}
