/// The checksum of ITU-T V.42 and Ethernet: polynomial 0x04C11DB7, bits reversed.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { start in
        (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var value = UInt32.max
            for byte in bytes { value = value >> 8 ^ table[Int(truncatingIfNeeded: value & 0xFF) ^ Int(byte)] }
            return ~value
        }
    }
}
