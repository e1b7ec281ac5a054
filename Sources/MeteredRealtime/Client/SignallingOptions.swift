public import NIOCore

/// Every tunable value of the signalling layer, with the SPEC's defaults.
///
/// Some values exist for parity with the vendor's own SDKs; their documentation names the value that gives it.
public struct SignallingOptions: Hashable, Sendable {
    // MARK: Reconnecting

    /// Whether a lost connection is replaced. Off: every drop is final (SIG-15).
    public var autoReconnect = true

    /// The delay before the first reconnect attempt (SIG-01). More than zero.
    public var initialDelay: TimeAmount = .milliseconds(500)

    /// By what the delay grows from one attempt to the next (SIG-01). At least 1.
    public var delayMultiplier: Double = 2

    /// The longest delay before floors and jitter (SIG-01). At least ``initialDelay``.
    public var maximumDelay: TimeAmount = .seconds(30)

    /// Each delay is multiplied by a factor drawn uniformly from [1 - ratio, 1 + ratio] (SIG-02). 0...1.
    public var jitterRatio: Double = 0.2

    /// How many attempts may follow each other without a connection that held for ``stableAfter`` (SIG-03). At least 0.
    public var maximumAttempts = 100

    /// How long a welcomed connection must live to reset the attempt counter (SIG-04). Parity: zero (the welcome resets it).
    public var stableAfter: TimeAmount = .seconds(5)

    /// The least delay, before jitter, after a close with 4010 (SIG-06).
    public var slowFloor: TimeAmount = .seconds(30)

    /// Whether `going_away.retryAfterMs` is a floor for the next delay (SIG-18). Parity: off.
    public var honoursGoingAway = true

    /// Whether HTTP rejections of the upgrade are reported, and 401 and 403 acted upon, on a reconnect (BEY-07). Parity: off.
    public var reactsToUpgradeRejection = true

    // MARK: Limits of one attempt

    /// How long one call of the token provider may take (SIG-07).
    public var tokenProviderTimeout: TimeAmount = .seconds(10)

    /// From this many token-provider failures in a row on, each is reported; the same for rejected tokens (SIG-08, BEY-07). At least 1.
    public var tokenFailureThreshold = 3

    /// How long DNS, TCP, TLS and the HTTP upgrade may take together (SIG-09).
    public var openTimeout: TimeAmount = .seconds(10)

    /// How long an open socket may take to bring its welcome (SIG-09).
    public var welcomeTimeout: TimeAmount = .seconds(10)

    // MARK: A live connection

    /// How long the server may take to acknowledge a request, from the moment it was written (SIG-10).
    public var requestTimeout: TimeAmount = .seconds(15)

    /// Without a text frame for this long the connection is given up (SIG-11). Zero disables the watchdog and the pings.
    public var inactivityTimeout: TimeAmount = .seconds(60)

    /// How long a ping sent at a network path change may stay without any text frame (SIG-19).
    public var pathProbeTimeout: TimeAmount = .seconds(5)

    /// Whether tracked subscriptions are replayed after a reconnect (SIG-12).
    public var autoResubscribe = true

    /// How often a failed replay is repeated on the same connection (SIG-12). At least 0.
    public var replayRetries = 3

    /// The pause between a failed replay and its repetition (SIG-12).
    public var replayRetryDelay: TimeAmount = .seconds(2)

    /// The limits on outbound frames (SIG-20), or nil for none. Parity: nil.
    public var pacing: Pacing? = Pacing()

    /// Whether a WebRTC signal to a peer waits for the acknowledgement of the one before it (WIRE-11). Read by the peer layer; plain `send` calls never
    /// wait for each other. Parity: on.
    public var serialSignals = false

    // MARK: Closing

    /// How long `close()` waits for the server's close frame before it aborts the socket (SIG-16).
    public var closeTimeout: TimeAmount = .seconds(1)

    /// How long the client's *own* closes (watchdog, no welcome, oversized frame) wait for the server's close frame.
    ///
    /// Nil, the default: not at all, and our code is the one reported (BEY-03). Parity: 10 s, and 1006 is reported when no answer comes.
    public var closeHandshakeTimeout: TimeAmount?

    // MARK: The application's side

    /// How many events each stream of ``SignallingClient/events()`` holds for a slow consumer. Beyond it the oldest are dropped, with a log line.
    public var eventBufferLimit = 1_024

    /// The SPEC's defaults.
    public init() {}

    /// The pings' spacing: a third of the inactivity timeout, at least 1 s (SIG-11). Rounded up, so that the watchdog comes before the third ping.
    var heartbeatInterval: TimeAmount { max(.seconds(1), .nanoseconds((inactivityTimeout.nanoseconds + 2) / 3)) }
}

extension SignallingOptions {
    /// Limits that keep a client below the server's 100 frames per second and its burst of 200 (SIG-20).
    public struct Pacing: Hashable, Sendable {
        /// The sustained rate. 1...1,000,000.
        public var framesPerSecond = 80
        /// How many frames may go out back to back after a pause. At least 1.
        public var burst = 150

        /// - Parameters:
        ///   - framesPerSecond: The sustained rate.
        ///   - burst: How many frames may go out back to back.
        public init(framesPerSecond: Int = 80, burst: Int = 150) {
            self.framesPerSecond = framesPerSecond
            self.burst = burst
        }
    }

    /// Throws ``SignallingError/invalidOptions(_:)`` with the first value that is out of its range.
    func validate() throws(SignallingError) {
        func require(_ holds: Bool, _ rule: String) throws(SignallingError) {
            guard holds else { throw .invalidOptions(rule) }
        }
        try require(initialDelay > .zero, "initialDelay must be positive")
        try require(delayMultiplier >= 1 && delayMultiplier.isFinite, "delayMultiplier must be at least 1")
        try require(maximumDelay >= initialDelay, "maximumDelay must not be less than initialDelay")
        try require((0...1).contains(jitterRatio), "jitterRatio must be in 0...1")
        try require(maximumAttempts >= 0, "maximumAttempts must not be negative")
        try require(tokenFailureThreshold >= 1, "tokenFailureThreshold must be at least 1")
        try require(replayRetries >= 0, "replayRetries must not be negative")
        try require(eventBufferLimit >= 1, "eventBufferLimit must be at least 1")
        let durations = [
            maximumDelay, stableAfter, slowFloor, inactivityTimeout, replayRetryDelay, closeTimeout, closeHandshakeTimeout ?? .zero,
        ]
        try require(durations.allSatisfy { $0 >= .zero && $0 <= .hours(24 * 365) }, "durations must be in 0...365 days")
        let limits = [tokenProviderTimeout, openTimeout, welcomeTimeout, requestTimeout, pathProbeTimeout]
        try require(limits.allSatisfy { $0 > .zero && $0 <= .hours(24 * 365) }, "time limits must be positive and at most 365 days")
        if let pacing {
            try require((1...1_000_000).contains(pacing.framesPerSecond), "pacing.framesPerSecond must be in 1...1,000,000")
            try require((1...1_000_000).contains(pacing.burst), "pacing.burst must be in 1...1,000,000")
        }
    }
}
