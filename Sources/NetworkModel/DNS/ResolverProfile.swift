import NIOCore

/// How a host's stub resolver asks.
public struct ResolverProfile: Hashable, Sendable {
    /// How long each query to one server is waited for, in order; afterwards the lookup fails.
    public var waits: [TimeAmount]
    /// Whether answers are kept for their time to live. glibc keeps nothing by itself; most systems run something that does.
    public var isCaching: Bool

    /// A resolver with the given patience.
    public init(waits: [TimeAmount], isCaching: Bool) {
        precondition(!waits.isEmpty, "a resolver asks at least once")
        self.waits = waits
        self.isCaching = isCaching
    }

    /// resolv.conf(5): `timeout:5`, `attempts:2`. No cache.
    public static let glibc = ResolverProfile(waits: [.seconds(5), .seconds(5)], isCaching: false)

    /// systemd-resolved, nscd or Android's resolver: glibc's patience with a cache.
    public static let caching = ResolverProfile(waits: [.seconds(5), .seconds(5)], isCaching: true)

    /// mDNSResponder: queries at 0, 1, 4 and 13 s (interval x3), 30 s in all. From memory of its source, not verified.
    public static let darwin = ResolverProfile(waits: [.seconds(1), .seconds(3), .seconds(9), .seconds(17)], isCaching: true)
}
