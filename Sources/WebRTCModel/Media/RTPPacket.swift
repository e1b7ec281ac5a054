import NIOCore

/// The header of RTP (RFC 3550 section 5.1); in SRTP it is readable.
enum RTPPacket {
    static let headerBytes = 12
    /// The tag of AEAD_AES_128_GCM (RFC 7714), zeros here.
    static let tagBytes = 16

    /// What a receiver reads.
    struct Header: Hashable, Sendable {
        var payloadType: UInt8
        var sequenceNumber: UInt16
        var timestamp: UInt32
        var synchronizationSource: UInt32
        /// The last packet of a frame.
        var isMarked: Bool
    }

    /// A packet of a frame of `bytes` zeros.
    static func encode(_ header: Header, payloadBytes bytes: Int) -> ByteBuffer {
        let count = headerBytes + bytes + tagBytes
        let start =
            0x8000_0000 | UInt32(header.payloadType & 0x7F | (header.isMarked ? 0x80 : 0)) << 16 | UInt32(header.sequenceNumber)
        var packet = ByteBuffer()
        packet.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { memory in
            memory.storeBytes(of: start.bigEndian, as: UInt32.self)
            memory.storeBytes(of: header.timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
            memory.storeBytes(of: header.synchronizationSource.bigEndian, toByteOffset: 8, as: UInt32.self)
            UnsafeMutableRawBufferPointer(rebasing: memory[headerBytes..<count]).initializeMemory(as: UInt8.self, repeating: 0)
            return count
        }
        return packet
    }

    /// Nil for what is not RTP version 2, and for RTCP (RFC 5761 section 4).
    static func decode(_ packet: ByteBuffer) -> Header? {
        let start = packet.readerIndex
        guard packet.readableBytes >= headerBytes, let first = packet.getInteger(at: start, as: UInt8.self), first >> 6 == 2,
            let second = packet.getInteger(at: start + 1, as: UInt8.self), !(192...223).contains(second),
            let sequenceNumber = packet.getInteger(at: start + 2, as: UInt16.self),
            let timestamp = packet.getInteger(at: start + 4, as: UInt32.self),
            let source = packet.getInteger(at: start + 8, as: UInt32.self)
        else { return nil }
        return Header(
            payloadType: second & 0x7F, sequenceNumber: sequenceNumber, timestamp: timestamp, synchronizationSource: source,
            isMarked: second & 0x80 != 0)
    }
}
