import NIOCore

extension STUNMessage {
    /// Whether the bytes of a message have a MESSAGE-INTEGRITY that was made with the key (RFC 8489 section 14.5).
    public static func verifyIntegrity(of bytes: ByteBuffer, key: STUNIntegrityKey) -> Bool {
        guard isSTUN(bytes), let value = integrityIndex(in: bytes) else { return false }
        return bytes.withUnsafeReadableBytes { all in
            let offset = value - bytes.readerIndex
            let code = integrityCode(of: UnsafeRawBufferPointer(rebasing: all[..<(offset - 4)]), key)
            var difference: UInt8 = 0
            withUnsafeBytes(of: code) { for index in $0.indices { difference |= $0[index] ^ all[offset + index] } }
            return difference == 0
        }
    }

    /// Where the value of the first MESSAGE-INTEGRITY is.
    private static func integrityIndex(in bytes: ByteBuffer) -> Int? {
        var cursor = STUNAttributeCursor(bytes)
        while let found = try? cursor.next() {
            if found.type == STUNAttributeType.messageIntegrity {
                return found.value.count == STUNIntegrityKey.codeBytes ? found.value.lowerBound : nil
            }
        }
        return nil
    }

    static func writeIntegrity(_ key: STUNIntegrityKey, to writer: inout STUNWriter) {
        let code = integrityCode(of: writer.written, key)
        writer.begin(STUNAttributeType.messageIntegrity, length: STUNIntegrityKey.codeBytes)
        withUnsafeBytes(of: code) { writer.writePadded($0) }
    }

    /// The code covers the message before the attribute, under a header whose length counts the attribute as its end.
    private static func integrityCode(of covered: UnsafeRawBufferPointer, _ key: STUNIntegrityKey) -> SHA1.Words {
        let length = UInt16(clamping: covered.count - headerBytes + 4 + STUNIntegrityKey.codeBytes)
        let type = covered.loadUnaligned(as: UInt16.self)
        var start = UInt32(UInt16(bigEndian: type)) << 16 | UInt32(length)
        start = start.bigEndian
        return withUnsafeBytes(of: &start) { key.code(of: $0, UnsafeRawBufferPointer(rebasing: covered[4...])) }
    }
}

extension STUNMessage {
    /// FINGERPRINT is CRC-32 of what is before it, XOR "STUN" (RFC 8489 section 14.7).
    private static let fingerprintMask: UInt32 = 0x5354_554E

    static func writeFingerprint(to writer: inout STUNWriter) {
        writer.setLength(adding: 8)
        let checksum = CRC32.checksum(writer.written) ^ fingerprintMask
        writer.begin(STUNAttributeType.fingerprint, length: 4)
        writer.write(checksum)
    }

    static func isFingerprintRight(of bytes: ByteBuffer, valueAt index: Int, byteCount: Int) -> Bool {
        guard byteCount == 4, let found = bytes.getInteger(at: index, as: UInt32.self) else { return false }
        let covered = index - 4 - bytes.readerIndex
        return bytes.withUnsafeReadableBytes { CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[..<covered])) } ^ fingerprintMask == found
    }
}
