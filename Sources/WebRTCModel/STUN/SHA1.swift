/// SHA-1 (RFC 3174) with its state in the open, so that HMAC can keep what it does with a key (RFC 2104 section 4).
///
/// Every connectivity check is a real message with its HMAC, and a long call has tens of thousands of them: a general library's hash, which allocates, was
/// the largest cost of a simulated call. This one is for simulated messages and is not hardened; secrets of applications never meet it.
struct SHA1 {
    /// The five words of the state, and of the digest.
    struct Words: Hashable, Sendable {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        /// The words as they stand on a wire.
        var bigEndian: Words { Words(a: a.bigEndian, b: b.bigEndian, c: c.bigEndian, d: d.bigEndian, e: e.bigEndian) }
    }

    static let blockBytes = 64
    static let digestBytes = 20

    /// The digest of two pieces that follow a number of whole blocks which led to `state`.
    static func digest(from state: Words, after bytesBefore: Int, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer)
        -> Words
    {
        let count = first.count + second.count
        // One bit, zeros, and the length in bits as 64 bits fill the last block (RFC 3174 section 4).
        let padded = (count + 9 + blockBytes - 1) / blockBytes * blockBytes
        return withUnsafeTemporaryAllocation(byteCount: padded, alignment: 8) { message in
            if first.count > 0 { message.copyMemory(from: first) }
            if second.count > 0 { UnsafeMutableRawBufferPointer(rebasing: message[first.count...]).copyMemory(from: second) }
            for index in count..<padded { message[index] = 0 }
            message[count] = 0x80
            let bits = UInt64(bytesBefore + count) * 8
            message.storeBytes(of: bits.bigEndian, toByteOffset: padded - 8, as: UInt64.self)
            var state = state
            for block in stride(from: 0, to: padded, by: blockBytes) {
                compress(UnsafeRawBufferPointer(rebasing: message[block..<block + blockBytes]), into: &state)
            }
            return state
        }
    }

    /// The state after one block.
    static func compress(_ block: UnsafeRawBufferPointer, into state: inout Words) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
            for index in 0..<16 { words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)) }
            for index in 16..<80 {
                words[index] = rotated(words[index &- 3] ^ words[index &- 8] ^ words[index &- 14] ^ words[index &- 16], 1)
            }
            var (a, b, c, d, e) = (state.a, state.b, state.c, state.d, state.e)
            func step(_ mixed: UInt32, _ constant: UInt32, _ word: UInt32) {
                let next = rotated(a, 5) &+ mixed &+ e &+ constant &+ word
                (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
            }
            for index in 0..<20 { step((b & c) | (~b & d), 0x5A82_7999, words[index]) }
            for index in 20..<40 { step(b ^ c ^ d, 0x6ED9_EBA1, words[index]) }
            for index in 40..<60 { step((b & c) | (b & d) | (c & d), 0x8F1B_BCDC, words[index]) }
            for index in 60..<80 { step(b ^ c ^ d, 0xCA62_C1D6, words[index]) }
            state = Words(a: state.a &+ a, b: state.b &+ b, c: state.c &+ c, d: state.d &+ d, e: state.e &+ e)
        }
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 &- bits) }
}

/// HMAC-SHA1 (RFC 2104) with what depends on the key done once.
struct HMACSHA1: Sendable {
    private var inner = SHA1.Words()
    private var outer = SHA1.Words()

    init(key: [UInt8]) {
        var block = key
        if key.count > SHA1.blockBytes {
            let digest = key.withUnsafeBytes { SHA1.digest(from: SHA1.Words(), after: 0, $0, UnsafeRawBufferPointer(start: nil, count: 0)) }
            block = withUnsafeBytes(of: digest.bigEndian) { Array($0) }
        }
        block += [UInt8](repeating: 0, count: SHA1.blockBytes - block.count)
        block.map { $0 ^ 0x36 }.withUnsafeBytes { SHA1.compress($0, into: &inner) }
        block.map { $0 ^ 0x5C }.withUnsafeBytes { SHA1.compress($0, into: &outer) }
    }

    /// The code of two pieces, one after the other; its words are as they stand on a wire.
    func code(of first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> SHA1.Words {
        let digest = SHA1.digest(from: inner, after: SHA1.blockBytes, first, second).bigEndian
        return withUnsafeBytes(of: digest) {
            SHA1.digest(from: outer, after: SHA1.blockBytes, $0, UnsafeRawBufferPointer(start: nil, count: 0)).bigEndian
        }
    }
}
