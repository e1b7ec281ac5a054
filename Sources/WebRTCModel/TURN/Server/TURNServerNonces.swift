import Crypto
import NIOCore

/// Makes nonces that carry the time they were made, so that none has to be remembered; whoever forges one gets 438.
struct TURNServerNonces: Sendable {
    private var secret: UInt64
    private let lifetime: TimeAmount

    /// `secret` should differ from start to start of a server: nonces of earlier ones are stale then.
    init(secret: UInt64, lifetime: TimeAmount) {
        self.secret = secret
        self.lifetime = lifetime
    }

    func make(now: NIODeadline) -> String {
        let seconds = now.uptimeNanoseconds / 1_000_000_000
        return "\(Self.hexadecimal(seconds))\(Self.hexadecimal(seal(seconds)))"
    }

    func isFresh(_ nonce: String, now: NIODeadline) -> Bool {
        guard nonce.utf8.count == 32, let made = UInt64(nonce.prefix(16), radix: 16),
            nonce == "\(Self.hexadecimal(made))\(Self.hexadecimal(seal(made)))"
        else { return false }
        let present = now.uptimeNanoseconds / 1_000_000_000
        return made <= present && present - made < UInt64(max(lifetime.nanoseconds, 0) / 1_000_000_000)
    }

    /// All nonces made so far are stale.
    mutating func invalidate() { secret = seal(0) }

    private func seal(_ seconds: UInt64) -> UInt64 {
        var hash = Insecure.SHA1()
        for value in [secret, seconds] { withUnsafeBytes(of: value.bigEndian) { hash.update(bufferPointer: $0) } }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
