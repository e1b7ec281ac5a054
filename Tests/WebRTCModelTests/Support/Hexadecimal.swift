import NIOCore

extension ByteBuffer {
    /// The bytes that pairs of hexadecimal digits say; spaces do not count.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self.init(bytes: stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}
