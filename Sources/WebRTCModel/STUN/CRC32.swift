/// The checksum of ITU-T V.42 and Ethernet: polynomial 0x04C11DB7, bits reversed.
enum CRC32 {
    /// What each byte does to the checksum when 0, 1, 2 or 3 bytes follow it: four tables, one after the other.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = (0..<256).map { start in
            (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
        }
        for index in 256..<1_024 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var value = UInt32.max
            let whole = bytes.count & ~3
            for place in stride(from: 0, to: whole, by: 4) {
                value ^= UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                value =
                    tables[768 + Int(value & 0xFF)] ^ tables[512 + Int(value >> 8 & 0xFF)] ^ tables[256 + Int(value >> 16 & 0xFF)]
                    ^ tables[Int(value >> 24)]
            }
            for place in whole..<bytes.count { value = value >> 8 ^ tables[Int(value & 0xFF) ^ Int(bytes[place])] }
            return ~value
        }
    }
}
