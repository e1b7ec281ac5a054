import NIOCore

/// A named stream of random numbers: xoshiro256** (Blackman and Vigna, 2018), seeded from (simulation seed, name) by SplitMix64.
///
/// A copy of a stream obtained from a ``Simulation`` continues the same sequence (reference semantics), so that asking twice for a name does
/// not repeat draws. Everything is integer arithmetic or one exact division by a power of two: the same bits on every machine. There is no
/// exponential or normal distribution on purpose; the C library's `log` differs between processors.
public struct RandomStream: RandomNumberGenerator, Sendable {
    // Not synchronised: a stream belongs to one simulation, and a simulation is confined to one thread. `Sendable` so that it can be
    // handed to code that asks for `any RandomNumberGenerator & Sendable`.
    private final class State: @unchecked Sendable {
        var generator: Xoshiro256
        init(_ generator: Xoshiro256) { self.generator = generator }
    }

    private let state: State

    /// A stream that depends only on `seed` and `name`.
    public init(seed: UInt64, name: String) {
        var mixer = SplitMix64(state: seed)
        let salt = mixer.next() ^ stableHash(name)
        self.state = State(Xoshiro256(seed: salt))
    }

    /// 64 uniform bits.
    public func next() -> UInt64 { self.state.generator.next() }

    /// A number in [0, 1) with 53 random bits: one draw.
    public func nextUnit() -> Double { Double(self.next() >> 11) / 9_007_199_254_740_992 }

    /// True with probability `probability` (clamped to 0...1): always one draw, so that a parameter change does not shift later draws.
    public func chance(_ probability: Double) -> Bool { self.nextUnit() < probability }

    /// A uniform integer in the range, without modulo bias (Lemire's multiplication method).
    public func uniform(_ range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        if width == .max { return Int64(bitPattern: self.next()) }
        let count = width + 1
        var product = self.next().multipliedFullWidth(by: count)
        if product.low < count {
            let threshold = (0 &- count) % count
            while product.low < threshold { product = self.next().multipliedFullWidth(by: count) }
        }
        return range.lowerBound &+ Int64(bitPattern: product.high)
    }

    /// A uniform duration in the range, both ends included, to the nanosecond.
    public func uniform(_ range: ClosedRange<TimeAmount>) -> TimeAmount {
        .nanoseconds(self.uniform(range.lowerBound.nanoseconds...range.upperBound.nanoseconds))
    }
}

/// FNV-1a, 64 bits: a hash that is the same in every process, unlike `Hasher`.
func stableHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return hash
}
