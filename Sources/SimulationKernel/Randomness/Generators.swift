/// SplitMix64 (Steele, Lea and Flood, 2014): turns a seed of any quality into well-mixed words. Used only to seed ``Xoshiro256``.
package struct SplitMix64 {
    package var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

/// xoshiro256** 1.0 (Blackman and Vigna, 2018).
package struct Xoshiro256 {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64) {
        var mixer = SplitMix64(state: seed)
        self.words = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// For checking against the reference implementation.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    package mutating func next() -> UInt64 {
        let result = Self.rotate(self.words.1 &* 5, by: 7) &* 9
        let shifted = self.words.1 << 17
        self.words.2 ^= self.words.0
        self.words.3 ^= self.words.1
        self.words.1 ^= self.words.2
        self.words.0 ^= self.words.3
        self.words.2 ^= shifted
        self.words.3 = Self.rotate(self.words.3, by: 45)
        return result
    }

    private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 { (word << count) | (word >> (64 - count)) }
}
