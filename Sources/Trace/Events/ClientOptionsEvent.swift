import CompactJSON

/// The options of a client under test as its scenario gave them. What is nil was not given: the checkers then take the spec's value.
public struct TracedOptions: Hashable, Sendable {
    /// What a client authenticates with.
    public enum Credential: String, Sendable {
        case key, token
    }

    /// What the client authenticates with.
    public var credential: Credential?
    /// The host whose sleep freezes the client; nil if unknown, in which case every host's sleep is taken to.
    public var host: String?

    /// First reconnect delay (SIG-01).
    public var reconnectInitialNs: Int64?
    /// Growth of the delay from attempt to attempt (SIG-01).
    public var reconnectMultiplier: Double?
    /// Cap of the delay before floors and jitter (SIG-01).
    public var reconnectMaxNs: Int64?
    /// Jitter ratio (SIG-02).
    public var reconnectJitter: Double?
    /// Attempt budget (SIG-03).
    public var maxAttempts: Int?
    /// How long a connection must hold to reset the budget (SIG-04).
    public var stableAfterNs: Int64?
    /// Floor after a 4010 (SIG-06).
    public var slowFloorNs: Int64?
    /// Cap of one call of the token provider (SIG-07).
    public var tokenTimeoutNs: Int64?
    /// From which failure in a row on a token-provider error is raised (SIG-08).
    public var tokenErrorThreshold: Int?
    /// Time to an open socket (SIG-09).
    public var openTimeoutNs: Int64?
    /// Time from an open socket to its welcome (SIG-09).
    public var welcomeTimeoutNs: Int64?
    /// Time to an ack (SIG-10).
    public var ackTimeoutNs: Int64?
    /// Time without a text frame after which the watchdog fires; 0: off (SIG-11).
    public var inactivityTimeoutNs: Int64?
    /// Whether tracked subscriptions are replayed (SIG-12).
    public var autoResubscribe: Bool?
    /// Retries of a replay that fails (SIG-12).
    public var replayRetries: Int?
    /// Time between a replay's failure and its retry (SIG-12).
    public var replayDelayNs: Int64?
    /// Whether a drop is followed by reconnects at all (SIG-15).
    public var autoReconnect: Bool?
    /// How long `close()` waits for the echo (SIG-16).
    public var closeTimeoutNs: Int64?
    /// How long the client's own closes wait for the echo (BEY-03; official SDK 10 s).
    public var closeHandshakeTimeoutNs: Int64?
    /// Whether `going_away` sets a floor (SIG-18).
    public var goingAwayFloor: Bool?
    /// Time for an answer to the ping after a path change (SIG-19).
    public var pathProbeTimeoutNs: Int64?
    /// Pacing: frames a second, 0: off (SIG-20).
    public var pacingPerSecond: Double?
    /// Pacing: burst (SIG-20).
    public var pacingBurst: Double?
    /// Whether signals to a peer wait for each other's acks (WIRE-11).
    public var serialSignals: Bool?
    /// Whether HTTP rejections of a reconnect are reported and acted on (BEY-07).
    public var reportsUpgradeRejections: Bool?
    /// Whether a rejected subscribe is untracked (SIG-13).
    public var untracksRejected: Bool?

    /// Nothing given.
    public init() {}
}

extension TracedOptions: TracedOptionSet {
    static func forEachName<Visitor: OptionVisitor>(_ visitor: inout Visitor) where Visitor.Options == Self {
        visitor.visit("reconnectInitialNs", \.reconnectInitialNs)
        visitor.visit("reconnectMultiplier", \.reconnectMultiplier)
        visitor.visit("reconnectMaxNs", \.reconnectMaxNs)
        visitor.visit("reconnectJitter", \.reconnectJitter)
        visitor.visit("maxAttempts", \.maxAttempts)
        visitor.visit("stableAfterNs", \.stableAfterNs)
        visitor.visit("slowFloorNs", \.slowFloorNs)
        visitor.visit("tokenTimeoutNs", \.tokenTimeoutNs)
        visitor.visit("tokenErrorThreshold", \.tokenErrorThreshold)
        visitor.visit("openTimeoutNs", \.openTimeoutNs)
        visitor.visit("welcomeTimeoutNs", \.welcomeTimeoutNs)
        visitor.visit("ackTimeoutNs", \.ackTimeoutNs)
        visitor.visit("inactivityTimeoutNs", \.inactivityTimeoutNs)
        visitor.visit("autoResubscribe", \.autoResubscribe)
        visitor.visit("replayRetries", \.replayRetries)
        visitor.visit("replayDelayNs", \.replayDelayNs)
        visitor.visit("autoReconnect", \.autoReconnect)
        visitor.visit("closeTimeoutNs", \.closeTimeoutNs)
        visitor.visit("closeHandshakeTimeoutNs", \.closeHandshakeTimeoutNs)
        visitor.visit("goingAwayFloor", \.goingAwayFloor)
        visitor.visit("pathProbeTimeoutNs", \.pathProbeTimeoutNs)
        visitor.visit("pacingPerSecond", \.pacingPerSecond)
        visitor.visit("pacingBurst", \.pacingBurst)
        visitor.visit("serialSignals", \.serialSignals)
        visitor.visit("reportsUpgradeRejections", \.reportsUpgradeRejections)
        visitor.visit("untracksRejected", \.untracksRejected)
    }

    /// The options of an event of kind ``TraceKind/options``; members of other names are ignored.
    public init(_ event: TraceEvent) {
        self.init(fields: event.fields)
        credential = event[.credential].flatMap(Credential.init(rawValue:))
        host = event[.host]
    }
}

extension TraceEvent {
    /// The options of a client under test, once, before anything else of it.
    public static func options(at timeNs: Int64, who: String, _ options: TracedOptions) -> Self {
        make(.options, timeNs, who) {
            $0.add(.credential, options.credential?.rawValue)
            $0.add(.host, options.host)
            options.write(to: &$0)
        }
    }
}
