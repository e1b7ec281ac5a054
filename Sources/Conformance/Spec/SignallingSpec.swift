import Trace

/// The values of section 2, as the spec states them, or as a scenario set them. Nothing here comes from the SDK.
public struct SignallingSpec: Hashable, Sendable {
    /// SIG-01: delay before the first reconnect attempt.
    public var initialDelay = Nanoseconds.milliseconds(500)
    /// SIG-01: growth from attempt to attempt.
    public var multiplier = 2.0
    /// SIG-01: cap before floors and jitter.
    public var maximumDelay = Nanoseconds.seconds(30)
    /// SIG-02: half the width of the band.
    public var jitterRatio = 0.2
    /// SIG-03: the budget.
    public var maximumAttempts = 100
    /// SIG-04: how long a connection must hold.
    public var stableAfter = Nanoseconds.seconds(5)
    /// SIG-06: the floor after a 4010.
    public var slowFloor = Nanoseconds.seconds(30)
    /// SIG-07: one call of the token provider.
    public var tokenTimeout = Nanoseconds.seconds(10)
    /// SIG-08: from which failure in a row on an error is raised.
    public var tokenErrorThreshold = 3
    /// SIG-09: to an open socket.
    public var openTimeout = Nanoseconds.seconds(10)
    /// SIG-09: from an open socket to its welcome.
    public var welcomeTimeout = Nanoseconds.seconds(10)
    /// SIG-10: to an ack.
    public var ackTimeout = Nanoseconds.seconds(15)
    /// SIG-11: without a text frame; 0: off.
    public var inactivityTimeout = Nanoseconds.seconds(60)
    /// SIG-12: whether tracked subscriptions are replayed.
    public var autoResubscribe = true
    /// SIG-12: retries of a failed replay.
    public var replayRetries = 3
    /// SIG-12: time from a replay's failure to its retry.
    public var replayDelay = Nanoseconds.seconds(2)
    /// SIG-13: whether a rejected subscribe is forgotten.
    public var untracksRejected = true
    /// SIG-15: whether a drop is followed by reconnects.
    public var autoReconnect = true
    /// SIG-16: how long `close()` waits for the echo.
    public var closeTimeout = Nanoseconds.seconds(1)
    /// BEY-03: how long the client's own closes wait for the echo.
    public var closeHandshakeTimeout = Nanoseconds.zero
    /// SIG-18: whether `going_away` sets a floor.
    public var goingAwayFloor = true
    /// SIG-19: time for an answer to the ping after a path change.
    public var pathProbeTimeout = Nanoseconds.seconds(5)
    /// SIG-20: frames a second; 0: no pacing.
    public var pacingPerSecond = 80.0
    /// SIG-20: burst.
    public var pacingBurst = 150.0
    /// WIRE-11: whether signals to a peer wait for each other's acks.
    public var serialSignals = false
    /// BEY-07: whether HTTP rejections of a reconnect are acted on.
    public var reportsUpgradeRejections = true
    /// What the client authenticates with; nil if the trace does not say.
    public var credential: TracedOptions.Credential?

    /// WIRE-05: fixed caps.
    static let maximumChannelScalars = 256, maximumPeerIDScalars = 128, defaultMaximumMessageBytes = 65_536, maximumInboundBytes = 1 << 20
    /// WIRE-05: a frame around `data` cannot be longer than this: type, a requestId, and a channel of 256 scalars, escaped.
    static let maximumEnvelopeBytes = 4_096
    /// WIRE-06: fixed prefixes, in lower case.
    static let reservedPrefixes = ["_metered/", "_internal/", "_system/"]
    /// WIRE-08: fixed clamp.
    static let retryAfterLimit = Nanoseconds.milliseconds(300_000), retryAfterDefault = Nanoseconds.milliseconds(1_000)
    /// SIG-11: a heartbeat is never faster than this.
    static let fastestHeartbeat = Nanoseconds.milliseconds(1_000)

    /// The spec's values.
    public init() {}
}

extension SignallingSpec {
    /// SIG-11: how long without a text frame until a ping is due.
    var heartbeat: Nanoseconds { max(Self.fastestHeartbeat, Nanoseconds(inactivityTimeout.value / 3)) }

    /// SIG-01: the delay before attempt `n` (from 1) without floors and jitter.
    public func baseDelay(attempt n: Int) -> Nanoseconds {
        let cap = Double(maximumDelay.value)
        var delay = Double(initialDelay.value)
        var step = 1
        while step < n, delay < cap, multiplier > 1 {
            delay *= multiplier
            step += 1
        }
        return Nanoseconds(clamping: min(delay, cap))
    }

    /// WIRE-08: what a client makes of a `retryAfterMs`.
    static func clampedRetryAfter(milliseconds: Double?) -> Nanoseconds {
        guard let milliseconds, milliseconds > 0 else { return retryAfterDefault }
        return min(retryAfterLimit, Nanoseconds(clamping: milliseconds * 1_000_000))
    }

    /// The values that a scenario set in place of the spec's. Nonsense in a foreign trace (negative times, NaN) is ignored.
    init(_ options: TracedOptions) {
        func set(_ value: inout Nanoseconds, _ option: Int64?) {
            if let option, option >= 0 { value = Nanoseconds(option) }
        }
        func set(_ value: inout Double, _ option: Double?) {
            if let option, option.isFinite, option >= 0 { value = option }
        }
        func set(_ value: inout Int, _ option: Int?) {
            if let option, option >= 0 { value = option }
        }
        set(&initialDelay, options.reconnectInitialNs)
        set(&multiplier, options.reconnectMultiplier)
        set(&maximumDelay, options.reconnectMaxNs)
        set(&jitterRatio, options.reconnectJitter)
        set(&maximumAttempts, options.maxAttempts)
        set(&stableAfter, options.stableAfterNs)
        set(&slowFloor, options.slowFloorNs)
        set(&tokenTimeout, options.tokenTimeoutNs)
        set(&tokenErrorThreshold, options.tokenErrorThreshold)
        set(&openTimeout, options.openTimeoutNs)
        set(&welcomeTimeout, options.welcomeTimeoutNs)
        set(&ackTimeout, options.ackTimeoutNs)
        set(&inactivityTimeout, options.inactivityTimeoutNs)
        set(&replayRetries, options.replayRetries)
        set(&replayDelay, options.replayDelayNs)
        set(&closeTimeout, options.closeTimeoutNs)
        set(&closeHandshakeTimeout, options.closeHandshakeTimeoutNs)
        set(&pathProbeTimeout, options.pathProbeTimeoutNs)
        set(&pacingPerSecond, options.pacingPerSecond)
        set(&pacingBurst, options.pacingBurst)
        autoResubscribe = options.autoResubscribe ?? autoResubscribe
        autoReconnect = options.autoReconnect ?? autoReconnect
        untracksRejected = options.untracksRejected ?? untracksRejected
        serialSignals = options.serialSignals ?? serialSignals
        goingAwayFloor = options.goingAwayFloor ?? goingAwayFloor
        reportsUpgradeRejections = options.reportsUpgradeRejections ?? reportsUpgradeRejections
        credential = options.credential
    }
}
