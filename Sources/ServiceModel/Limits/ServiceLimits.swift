import NIOCore

/// Messages that one connection may send.
public struct MessageRate: Hashable, Sendable {
    /// Messages per second for ever.
    public var sustainedPerSecond: Int
    /// Messages at once.
    public var burst: Int

    /// A rate; SPEC section 1 (Docs): 100/s, burst 200.
    public init(sustainedPerSecond: Int = 100, burst: Int = 200) {
        self.sustainedPerSecond = sustainedPerSecond
        self.burst = burst
    }
}

/// What the plan allows (SRV-04), and what protects the service.
public struct ServiceLimits: Sendable {
    /// One WebSocket message of a client, in bytes; one more closes with 1009. SPEC section 1: 65,536.
    public var maximumMessageBytes = 65_536
    /// Connections at a time; the next is closed with 4010. Ghosts count until they are noticed. Nil: no cap.
    public var maximumConnections: Int?
    /// Messages of one connection; over it: 4011. Nil: no limit.
    public var messageRate: MessageRate? = MessageRate()
    /// How many more messages (`publish` and `send`) the account may send; then error `over_message_quota`. Nil: no quota.
    public var messagesLeft: Int?
    /// Channels of one connection; the next is rejected with `channel_limit_exceeded`. Ours: 256.
    public var maximumChannelsPerConnection = 256
    /// Requests of one connection that wait while the service is slow; one more closes with 4011. Ours: 1,024.
    public var maximumWaitingRequests = 1_024
    /// What may pile up for a client that does not read, in bytes, before its connection is reset. Ours: 4 MiB.
    public var maximumBacklogBytes = 4 << 20

    /// The vendor's limits, without a connection cap or quota.
    public init() {}
}
