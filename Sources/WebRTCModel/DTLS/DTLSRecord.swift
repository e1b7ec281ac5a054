import NIOCore

/// The record layer of DTLS 1.2 (RFC 6347 section 4.1): real headers and sizes around contents that are not encrypted.
///
/// A record of epoch 1 has the explicit nonce and the tag of AES-GCM (RFC 5288): 8 and 16 bytes. The tag is zeros.
enum DTLSRecord {
    enum ContentType: UInt8, Sendable {
        case changeCipherSpec = 20
        case alert = 21
        case handshake = 22
        case applicationData = 23
    }

    /// What a record in a datagram is.
    struct Received: Sendable {
        var type: ContentType
        var epoch: UInt16
        /// Without nonce and tag.
        var content: ByteBuffer
    }

    static let headerBytes = 13
    static let nonceBytes = 8
    static let tagBytes = 16
    /// What protection and header add to application data.
    static let overheadBytes = headerBytes + nonceBytes + tagBytes
    static let version: UInt16 = 0xFEFD
    /// RFC 6347 section 4.1: 2^14 and the overhead.
    private static let longestContentBytes = 16_384 + 2_048

    /// RFC 7983: the first byte of DTLS.
    static func isDTLS(_ datagram: ByteBuffer) -> Bool {
        datagram.getInteger(at: datagram.readerIndex, as: UInt8.self).map { (20...63).contains($0) } ?? false
    }

    static func write(_ type: ContentType, epoch: UInt16, sequence: UInt64, _ content: ByteBuffer, to datagram: inout ByteBuffer) {
        let protection = epoch == 0 ? 0 : nonceBytes + tagBytes
        let epochAndSequence = UInt64(epoch) << 48 | sequence & 0xFFFF_FFFF_FFFF
        datagram.writeMultipleIntegers(
            type.rawValue, version, epochAndSequence, UInt16(truncatingIfNeeded: content.readableBytes + protection))
        if epoch > 0 { datagram.writeInteger(epochAndSequence) }
        datagram.writeImmutableBuffer(content)
        if epoch > 0 { datagram.writeRepeatingByte(0, count: tagBytes) }
    }

    /// The next record of a datagram; nil at its end, and for the rest of one that is malformed (RFC 6347 section 4.1.2.7: discarded silently).
    static func next(in datagram: inout ByteBuffer) -> Received? {
        guard let (rawType, version, epochAndSequence, length) = datagram.readMultipleIntegers(as: (UInt8, UInt16, UInt64, UInt16).self),
            version >> 8 == 0xFE, Int(length) <= longestContentBytes, var content = datagram.readSlice(length: Int(length)),
            let type = ContentType(rawValue: rawType)
        else { return nil }
        let epoch = UInt16(truncatingIfNeeded: epochAndSequence >> 48)
        if epoch > 0 {
            guard content.readableBytes >= nonceBytes + tagBytes else { return nil }
            content.moveReaderIndex(forwardBy: nonceBytes)
            content.moveWriterIndex(to: content.writerIndex - tagBytes)
        }
        return Received(type: type, epoch: epoch, content: content)
    }
}
