/// The generators a client draws from. The SDK uses no other randomness.
public struct RandomSources: Sendable {
    /// Reconnect jitter: exactly one `next()` per delay that is jittered, so that a recorded sequence reproduces a recorded schedule (SIG-02).
    public var jitter: any RandomNumberGenerator & Sendable

    /// Everything else: masking keys (RFC 6455 section 5.3), `Sec-WebSocket-Key`, request identifiers.
    ///
    /// RFC 6455 section 10.3 wants masking keys to be unpredictable: use a strong generator outside of simulations.
    public var nonces: any RandomNumberGenerator & Sendable

    /// - Parameters:
    ///   - jitter: The generator for reconnect jitter.
    ///   - nonces: The generator for keys and identifiers.
    public init(jitter: any RandomNumberGenerator & Sendable, nonces: any RandomNumberGenerator & Sendable) {
        self.jitter = jitter
        self.nonces = nonces
    }

    /// Both from the operating system's generator.
    public static var system: RandomSources {
        RandomSources(jitter: SystemRandomNumberGenerator(), nonces: SystemRandomNumberGenerator())
    }
}

extension RandomSources {
    /// A number in [0, 1) with 53 random bits, from exactly one draw of ``jitter``.
    mutating func nextJitter() -> Double {
        Double(jitter.next() >> 11) / 9_007_199_254_740_992
    }

    /// A version 4 UUID in its usual text form (RFC 9562 section 5.4): 36 characters, within the wire's limit of 128 for request identifiers.
    mutating func nextRequestID() -> String {
        let high = (nonces.next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (nonces.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, dashes) in [(high, [8, 12]), (low, [0, 4])] {
            for nibble in 0..<16 {
                if dashes.contains(nibble) { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int(truncatingIfNeeded: word >> UInt64(60 - 4 * nibble)) & 0xF])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
