/// The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.
struct InternetChecksum {
    private var sum: UInt64 = 0

    /// Adds bytes; an odd last byte is padded with zero, so only the last piece may have one.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        var high: UInt8?
        for byte in bytes {
            if let first = high {
                sum += UInt64(first) << 8 | UInt64(byte)
                high = nil
            } else {
                high = byte
            }
        }
        if let high { sum += UInt64(high) << 8 }
    }

    mutating func add(_ word: UInt16) { sum += UInt64(word) }

    var value: UInt16 {
        var folded = sum
        while folded > 0xFFFF { folded = (folded & 0xFFFF) + folded >> 16 }
        return ~UInt16(folded)
    }
}

extension [UInt8] {
    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func overwrite<Integer: FixedWidthInteger>(at index: Int, bigEndian value: Integer) {
        Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for (offset, byte) in source.enumerated() { self[index + offset] = byte }
        }
    }
}
