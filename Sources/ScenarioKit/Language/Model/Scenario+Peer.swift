import CompactJSON
import NIOCore

extension Scenario {
    /// A client of the service: the SDK under test and the application around it.
    public struct Peer: Hashable, Sendable {
        /// Its name, which is also its peer id when it uses a token; a member of a group is called `name-001` and so on.
        public var name: String
        /// The name of the group it was written as, if it was written with `count`.
        public var group: String?
        /// The host it runs on.
        public var host: String
        /// The applications that surround the client, at least one.
        public var apps: [App]
        /// What it authenticates with.
        public var credential: Credential
        /// When its application calls `connect`; nil if only the timeline does.
        public var connectsAt: TimeAmount?
        /// The channels its application subscribes to, by time.
        public var joins: [Join]
        /// What its application publishes all along.
        public var publications: [Publication]
        /// The options of the SDK that the scenario sets.
        public var options: SignallingSettings
        /// The call, if its app is one; nil for a peer that only signals.
        public var call: Call?
        /// What others see of it (`peerMetadata`); nil for nothing.
        public var metadata: JSONObject?
        /// Where it is declared.
        public var position: SourcePosition
    }

    /// The application patterns of section 5 of the specification.
    public enum App: String, CaseIterable, Sendable {
        /// Subscribes, publishes, and nothing else.
        case chat
        /// A video call: shows a tile for each remote peer, sends camera and microphone, opens data channels.
        case call
        /// Shows a banner after 1 s of reconnecting (APP-01).
        case banner
        /// Offers a manual retry after 30 s of reconnecting and builds a fresh client (APP-02).
        case manualRetry = "manual-retry"
        /// Leads to the screen that belongs to a terminal code (APP-04).
        case errorScreens = "error-screens"
        /// Prompts for a login after three failures of the token provider (APP-05).
        case tokenLogin = "token-login"
    }

    /// How a client authenticates.
    public enum Credential: Hashable, Sendable {
        /// A publishable key by its name in `service.keys`.
        case key(String)
        /// A token of the token endpoint, fetched before each attempt.
        case token
    }

    /// A subscription that the application makes.
    public struct Join: Hashable, Sendable {
        /// The channel.
        public var channel: String
        /// When; before the connection is there the subscription waits for it.
        public var at: TimeAmount
        /// Whether it asks for the senders' metadata.
        public var includeSenderMetadata: Bool
    }

    /// Messages that the application publishes at regular intervals while it is connected.
    public struct Publication: Hashable, Sendable {
        /// The channel.
        public var channel: String
        /// The interval.
        public var every: TimeAmount
        /// The size of the `data` value in bytes.
        public var size: DataSize
        /// The first instant.
        public var from: TimeAmount
        /// The last instant; nil is the end of the scenario.
        public var until: TimeAmount?
    }

    /// Options of the SDK's signalling client; nil leaves the SDK's default. The names are those of the specification.
    public struct SignallingSettings: Hashable, Sendable {
        /// SIG-01: the delay before the first reconnect attempt.
        public var initialDelay: TimeAmount?
        /// SIG-01: the factor from one delay to the next.
        public var multiplier: Double?
        /// SIG-01: the cap of the delay.
        public var maxDelay: TimeAmount?
        /// SIG-02: the jitter ratio, 0 to 1.
        public var jitterRatio: Double?
        /// SIG-03: attempts without a connection that held.
        public var maxAttempts: Int?
        /// SIG-04: how long a welcomed connection must hold to count.
        public var stableAfter: TimeAmount?
        /// SIG-06: the least delay after a 4010.
        public var slowFloor: TimeAmount?
        /// SIG-07: the cap of a call of the token provider.
        public var tokenTimeout: TimeAmount?
        /// SIG-08: failures in a row from which on each is reported.
        public var tokenFailureThreshold: Int?
        /// SIG-09: how long an attempt may take to open.
        public var openTimeout: TimeAmount?
        /// SIG-09: how long an open socket may take to the welcome.
        public var welcomeTimeout: TimeAmount?
        /// SIG-10: how long a request may take.
        public var requestTimeout: TimeAmount?
        /// SIG-11: silence that ends a connection; 0 is off.
        public var watchdog: TimeAmount?
        /// SIG-12: whether subscriptions are replayed.
        public var autoResubscribe: Bool?
        /// SIG-12: how often a failed replay is retried.
        public var resubscribeRetries: Int?
        /// SIG-12: the delay after each failure.
        public var resubscribeDelay: TimeAmount?
        /// SIG-15: whether the client reconnects at all.
        public var autoReconnect: Bool?
        /// SIG-16: how long `close()` waits for the echo.
        public var closeTimeout: TimeAmount?
        /// BEY-03: how long the client's own closes wait for the echo; 0 is not at all.
        public var closeHandshakeTimeout: TimeAmount?
        /// SIG-18: whether `retryAfterMs` is respected.
        public var respectGoingAway: Bool?
        /// SIG-19: how long the probe after a path change may take.
        public var pathProbeTimeout: TimeAmount?
        /// SIG-20: frames per second; 0 is off.
        public var paceRate: Int?
        /// SIG-20: frames at once.
        public var paceBurst: Int?
        /// BEY-07: whether rejected upgrades are reported and 401 and 403 end a session with a fixed key.
        public var upgradeRejections: Bool?
        /// WIRE-11: whether a signal waits for the ack of the one before.
        public var serialSignals: Bool?

        /// No option set.
        public init() {}
    }
}
