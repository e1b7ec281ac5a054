/// FNV-1a, 64 bits (Fowler, Noll, Vo; IETF draft-eastlake-fnv): stable across runs, processes and machines, and computed by one line of any
/// other language. It tells two traces apart; it is no protection against somebody who wants a collision.
public struct TraceHash: Sendable {
    /// The hash of what was added so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing.
    public init() {}

    /// Adds bytes.
    public mutating func add(_ bytes: [UInt8]) {
        var value = value
        bytes.withUnsafeBufferPointer { buffer in
            for byte in buffer { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        self.value = value
    }
}
