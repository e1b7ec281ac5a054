import NIOCore

/// The 96 bits that tie a response to its request (RFC 8489 section 5).
public struct STUNTransactionID: Hashable, Sendable {
    /// The size on the wire.
    static let bytes = 12

    /// The first 32 bits.
    public var high: UInt32
    /// The last 64 bits.
    public var low: UInt64

    /// An identifier of these bits.
    public init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random identifier: two draws. Off the simulation give a generator that cannot be guessed, for it guards against forged responses.
    public init(using random: inout some RandomNumberGenerator) {
        high = UInt32(truncatingIfNeeded: random.next() >> 32)
        low = random.next()
    }
}
