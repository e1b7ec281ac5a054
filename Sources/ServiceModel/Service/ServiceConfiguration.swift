import CompactJSON
import NIOCore

/// What happens at a second connection of the same peer (SRV-03).
public enum SessionPolicy: String, Hashable, Sendable {
    /// The old socket is closed with 4020; nobody sees the peer leave.
    case replace
    /// Both live; the peer leaves a channel with its last socket.
    case parallel
}

/// What a channel outside the patterns costs (SRV-04).
public enum UnauthorizedChannelPolicy: String, Hashable, Sendable {
    /// Error `channel_not_authorized`.
    case error
    /// Close 4003.
    case close
}

/// The service's clocks.
public struct ServiceTiming: Sendable {
    /// Between two pings of the service. SPEC section 1: 30 s. Zero: none.
    public var pingInterval: TimeAmount = .seconds(30)
    /// For the pong. SPEC section 1: 10 s.
    public var pingGrace: TimeAmount = .seconds(10)
    /// A live connection is closed with 4002 this long before its token's `exp`. SPEC section 1: about 250 ms.
    public var expiryMargin: TimeAmount = .milliseconds(250)
    /// For the HTTP request. Ours: 10 s.
    public var upgradeTimeout: TimeAmount = .seconds(10)
    /// For the client's answer to a close frame. Ours: 10 s, the usual default of WebSocket servers.
    public var closeTimeout: TimeAmount = .seconds(10)
    /// How long a client that broke the protocol may read its close frame before the transport ends. Ours: 1 s.
    public var failureLinger: TimeAmount = .seconds(1)
    /// How long a replaced session's place in a channel is kept for the new connection to subscribe. Ours: 40 s, as long as a ghost's.
    public var membershipGrace: TimeAmount = .seconds(40)

    /// The figures above.
    public init() {}
}

/// What the service is told by a scenario. Everything may change at run time and holds from the next decision on.
public struct ServiceConfiguration: Sendable {
    /// The account's keys.
    public var keys: [AccessKey]
    /// Values of `Origin` that are allowed; a request without the header (an app, not a browser) always is. Nil: all are.
    public var allowedOrigins: [String]?
    /// A second connection of the same peer.
    public var sessions: SessionPolicy = .replace
    /// A channel outside the patterns.
    public var unauthorizedChannel: UnauthorizedChannelPolicy = .error
    /// Whether `ping` is known; if not, the answer is error `unknown_type` without a `requestId` (WIRE-04).
    public var knowsPing = true
    /// What the plan allows.
    public var limits = ServiceLimits()
    /// Times.
    public var timing = ServiceTiming()

    /// A service with these keys and the vendor's rules.
    public init(keys: [AccessKey]) { self.keys = keys }
}
