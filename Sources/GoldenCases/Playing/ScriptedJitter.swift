/// The jitter's generator: each draw is the next value of the case's `random`, in the 53 bits that the SDK reads.
struct ScriptedJitter: RandomNumberGenerator, Sendable {
    private let script: RandomScript
    private var draws = 0
    private var state: UInt64

    init(_ script: RandomScript) {
        self.script = script
        state =
            switch script {
            case .constant, .list: 0
            case .splitMix64(let seed): seed
            }
    }

    mutating func next() -> UInt64 {
        switch script {
        case .constant(let value): return Self.bits(value)
        case .list(let values, let then):
            defer { draws += 1 }
            return Self.bits(draws < values.count ? values[draws] : then)
        case .splitMix64: return (nextSplitMix64() >> 11) << 11
        }
    }

    /// The word whose upper 53 bits are this value; 1, which no generator returns, becomes the largest value below it.
    static func bits(_ value: Double) -> UInt64 {
        let steps = 9_007_199_254_740_992.0
        return UInt64(min(max(value, 0) * steps, steps - 1)) << 11
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014), as FORMAT.md spells it out.
    private mutating func nextSplitMix64() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
