import NIOCore

extension STUNMessage {
    /// Whether the bytes of a message have a MESSAGE-INTEGRITY that was made with the key (RFC 8489 section 14.5).
    public static func verifyIntegrity(of bytes: ByteBuffer, key: STUNIntegrityKey) -> Bool {
        guard isSTUN(bytes), let value = integrityIndex(in: bytes) else { return false }
        let code = integrityCode(of: bytes, upTo: value - 4, key)
        return bytes.withUnsafeReadableBytes { all in
            let offset = value - bytes.readerIndex
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

    static func appendIntegrity(_ key: STUNIntegrityKey, to bytes: inout ByteBuffer) {
        let code = integrityCode(of: bytes, upTo: bytes.writerIndex, key)
        bytes.writeMultipleIntegers(STUNAttributeType.messageIntegrity, UInt16(STUNIntegrityKey.codeBytes))
        withUnsafeBytes(of: code) { _ = bytes.writeBytes($0) }
    }

    /// The code covers the message before the attribute, under a header whose length counts the attribute as its end.
    private static func integrityCode(of bytes: ByteBuffer, upTo end: Int, _ key: STUNIntegrityKey) -> SHA1.Words {
        let covered = end - bytes.readerIndex
        return bytes.withUnsafeReadableBytes { all in
            let length = UInt16(clamping: covered - headerBytes + 4 + STUNIntegrityKey.codeBytes)
            var header = UInt32(all[0]) << 24 | UInt32(all[1]) << 16 | UInt32(length)
            header = header.bigEndian
            return withUnsafeBytes(of: &header) { key.code(of: $0, UnsafeRawBufferPointer(rebasing: all[4..<covered])) }
        }
    }
}

extension STUNMessage {
    /// FINGERPRINT is CRC-32 of what is before it, XOR "STUN" (RFC 8489 section 14.7).
    private static let fingerprintMask: UInt32 = 0x5354_554E

    static func appendFingerprint(to bytes: inout ByteBuffer) {
        setLength(of: &bytes, adding: 8)
        let checksum = bytes.withUnsafeReadableBytes { CRC32.checksum($0) }
        bytes.writeMultipleIntegers(STUNAttributeType.fingerprint, UInt16(4), checksum ^ fingerprintMask)
    }

    static func isFingerprintRight(of bytes: ByteBuffer, valueAt index: Int, byteCount: Int) -> Bool {
        guard byteCount == 4, let found = bytes.getInteger(at: index, as: UInt32.self) else { return false }
        let covered = index - 4 - bytes.readerIndex
        return bytes.withUnsafeReadableBytes { CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[..<covered])) } ^ fingerprintMask == found
    }
}
