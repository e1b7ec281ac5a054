import CompactJSON
import NIOCore

/// One scripted world: what the service, the remote peers and the application do (FORMAT.md, "Case file").
public struct GoldenCase: Sendable {
    /// What is under test.
    public enum Target: String, Sendable, CaseIterable {
        /// A signalling client alone.
        case client
        /// A peer over a signalling client.
        case peer
    }

    /// The file name without its extension.
    public var name: String
    /// One sentence about the case.
    public var documentation: String
    /// What is under test.
    public var target: Target
    /// The run ends here, counted from its start.
    public var end: TimeAmount
    /// What the jitter draws.
    public var random: RandomScript
    /// The options of the SDK.
    public var options: CaseOptions
    /// What the token provider does.
    public var token: TokenScript
    /// What the service does.
    public var server: ServerScript
    /// What the remote peers do, in file order.
    public var remotes: [RemoteScript]
    /// What the peer connections do.
    public var peerConnections: PeerConnectionScript
    /// What the application does.
    public var app: [AppEntry]
}

/// What `random()` in [0, 1) returns, one value per reconnect delay.
public enum RandomScript: Hashable, Sendable {
    /// Always the same value.
    case constant(Double)
    /// These values in order, then one value for ever.
    case list([Double], then: Double)
    /// The generator SplitMix64, from this state.
    case splitMix64(seed: UInt64)

    /// Whether delays may have fractions of a millisecond (FORMAT.md, "Time and order").
    public var hasFractions: Bool {
        switch self {
        case .constant: false
        case .list, .splitMix64: true
        }
    }
}

/// The options that a case gives the SDK; the defaults are those of the official SDK.
public struct CaseOptions: Hashable, Sendable {
    /// How the client proves who it is.
    public enum Authentication: String, Sendable, CaseIterable { case apiKey, token }

    /// The reconnect ladder.
    public struct Reconnect: Hashable, Sendable {
        /// The delay before the first attempt.
        public var initialDelay = TimeAmount.milliseconds(500)
        /// The factor from one attempt to the next.
        public var multiplier = 2.0
        /// The longest delay before jitter.
        public var maximumDelay = TimeAmount.seconds(30)
        /// Half the width of the jitter, as a part of the delay.
        public var jitterRatio = 0.2
        /// How many attempts there are without a connection in between.
        public var maximumAttempts = 100
    }

    /// How the client proves who it is.
    public var authentication = Authentication.apiKey
    /// The reconnect ladder, or nil if every drop is final.
    public var reconnect: Reconnect? = Reconnect()
    /// Without a text frame for this long the watchdog closes the socket.
    public var inactivityTimeout = TimeAmount.seconds(60)
    /// The longest that a call of the token provider may take.
    public var tokenProviderTimeout = TimeAmount.seconds(10)
    /// Whether subscriptions are replayed after a reconnect.
    public var autoResubscribe = true

    /// How long the link must be quiet before a ping is sent.
    public var heartbeat: TimeAmount { max(.seconds(1), .nanoseconds(inactivityTimeout.nanoseconds / 3)) }
}

/// What the token provider does at each call.
public struct TokenScript: Hashable, Sendable {
    /// What one call does.
    public enum Call: Hashable, Sendable {
        /// Returns a token (`tok-<n>` if none is given) after a time.
        case ok(token: String?, after: TimeAmount)
        /// Throws.
        case raise(message: String)
        /// Returns an empty string.
        case empty
        /// Returns only when it is cancelled.
        case hang
    }

    /// What the first calls do.
    public var calls: [Call] = []
    /// What further calls do.
    public var then = Call.ok(token: nil, after: .zero)

    /// What the call with this ordinal (from 1) does.
    public func call(_ ordinal: Int) -> Call { calls.indices.contains(ordinal - 1) ? calls[ordinal - 1] : then }
}
