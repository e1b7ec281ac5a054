import NIOCore
import NetworkModel

/// How a TURN server is configured.
public struct TURNServerOptions: Sendable {
    /// REALM of its challenges.
    public var realm: String
    /// SOFTWARE of its responses; nil for none.
    public var software: String?
    /// Users with passwords that do not end.
    public var users: [TURNCredentials]
    /// What it shares with a web service that hands out time-limited credentials; nil if none does.
    public var sharedSecret: String?
    /// The lifetime of an allocation whose client asks for none or for less (RFC 8656 section 3.2: 10 minutes).
    public var defaultLifetime: TimeAmount
    /// The longest lifetime (RFC 8656 section 7.2 recommends an hour).
    public var maximumLifetime: TimeAmount
    /// RFC 8656 section 9: 5 minutes.
    public var permissionLifetime: TimeAmount
    /// RFC 8656 section 12: 10 minutes.
    public var channelLifetime: TimeAmount
    /// How long a nonce is taken (RFC 8656 section 5 recommends at most an hour).
    public var nonceLifetime: TimeAmount
    /// Allocations that one user may have; 486 after that.
    public var quotaPerUser: Int
    /// Allocations in all; 508 after that.
    public var capacity: Int
    /// Whether the end of time-limited credentials also ends the refreshing of allocations made with them. coturn looks at it only when it
    /// first sees them in a session.
    public var checksExpiryOnRefresh: Bool
    /// Peers that it does not relay to (403).
    public var deniedPeers: [IPPrefix]

    /// Permissions and channels that one allocation may have; 508 after that.
    static let peersPerAllocation = 1_024

    /// A configuration; by default the figures of the RFCs and no limit that a test meets by accident.
    public init(
        realm: String = "turn.example", software: String? = nil, users: [TURNCredentials] = [], sharedSecret: String? = nil,
        defaultLifetime: TimeAmount = .minutes(10), maximumLifetime: TimeAmount = .hours(1), permissionLifetime: TimeAmount = .minutes(5),
        channelLifetime: TimeAmount = .minutes(10), nonceLifetime: TimeAmount = .hours(1), quotaPerUser: Int = 100, capacity: Int = 10_000,
        checksExpiryOnRefresh: Bool = false, deniedPeers: [IPPrefix] = [IPPrefix(.v4(0x7F00_0000), length: 8)]
    ) {
        self.realm = realm
        self.software = software
        self.users = users
        self.sharedSecret = sharedSecret
        self.defaultLifetime = defaultLifetime
        self.maximumLifetime = maximumLifetime
        self.permissionLifetime = permissionLifetime
        self.channelLifetime = channelLifetime
        self.nonceLifetime = nonceLifetime
        self.quotaPerUser = quotaPerUser
        self.capacity = capacity
        self.checksExpiryOnRefresh = checksExpiryOnRefresh
        self.deniedPeers = deniedPeers
    }
}
