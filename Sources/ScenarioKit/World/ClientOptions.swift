import MeteredRealtime
import NIOCore
import Trace

extension SignallingOptions {
    /// The SDK's defaults, changed where the scenario says so.
    init(_ settings: Scenario.SignallingSettings) {
        self.init()
        func set<Value>(_ path: WritableKeyPath<SignallingOptions, Value>, _ value: Value?) {
            if let value { self[keyPath: path] = value }
        }
        set(\.initialDelay, settings.initialDelay)
        set(\.delayMultiplier, settings.multiplier)
        set(\.maximumDelay, settings.maxDelay)
        set(\.jitterRatio, settings.jitterRatio)
        set(\.maximumAttempts, settings.maxAttempts)
        set(\.stableAfter, settings.stableAfter)
        set(\.slowFloor, settings.slowFloor)
        set(\.tokenProviderTimeout, settings.tokenTimeout)
        set(\.tokenFailureThreshold, settings.tokenFailureThreshold)
        set(\.openTimeout, settings.openTimeout)
        set(\.welcomeTimeout, settings.welcomeTimeout)
        set(\.requestTimeout, settings.requestTimeout)
        set(\.inactivityTimeout, settings.watchdog)
        set(\.autoResubscribe, settings.autoResubscribe)
        set(\.replayRetries, settings.resubscribeRetries)
        set(\.replayRetryDelay, settings.resubscribeDelay)
        set(\.autoReconnect, settings.autoReconnect)
        set(\.closeTimeout, settings.closeTimeout)
        set(\.honoursGoingAway, settings.respectGoingAway)
        set(\.pathProbeTimeout, settings.pathProbeTimeout)
        set(\.reactsToUpgradeRejection, settings.upgradeRejections)
        set(\.serialSignals, settings.serialSignals)
        if let wait = settings.closeHandshakeTimeout { closeHandshakeTimeout = wait == .zero ? nil : wait }
        if settings.paceRate != nil || settings.paceBurst != nil {
            let standard = Pacing()
            pacing =
                settings.paceRate == 0
                ? nil : Pacing(framesPerSecond: settings.paceRate ?? standard.framesPerSecond, burst: settings.paceBurst ?? standard.burst)
        }
    }
}

extension TracedOptions {
    /// What the scenario set, and nothing else: the checkers take every other value from the spec, never from the SDK.
    init(_ peer: Scenario.Peer) {
        self.init()
        let settings = peer.options
        switch peer.credential {
        case .key: credential = .key
        case .token: credential = .token
        }
        host = peer.host
        reconnectInitialNs = settings.initialDelay?.nanoseconds
        reconnectMultiplier = settings.multiplier
        reconnectMaxNs = settings.maxDelay?.nanoseconds
        reconnectJitter = settings.jitterRatio
        maxAttempts = settings.maxAttempts
        stableAfterNs = settings.stableAfter?.nanoseconds
        slowFloorNs = settings.slowFloor?.nanoseconds
        tokenTimeoutNs = settings.tokenTimeout?.nanoseconds
        tokenErrorThreshold = settings.tokenFailureThreshold
        openTimeoutNs = settings.openTimeout?.nanoseconds
        welcomeTimeoutNs = settings.welcomeTimeout?.nanoseconds
        ackTimeoutNs = settings.requestTimeout?.nanoseconds
        inactivityTimeoutNs = settings.watchdog?.nanoseconds
        autoResubscribe = settings.autoResubscribe
        replayRetries = settings.resubscribeRetries
        replayDelayNs = settings.resubscribeDelay?.nanoseconds
        autoReconnect = settings.autoReconnect
        closeTimeoutNs = settings.closeTimeout?.nanoseconds
        closeHandshakeTimeoutNs = settings.closeHandshakeTimeout?.nanoseconds
        goingAwayFloor = settings.respectGoingAway
        pathProbeTimeoutNs = settings.pathProbeTimeout?.nanoseconds
        pacingPerSecond = settings.paceRate.map(Double.init)
        pacingBurst = settings.paceBurst.map(Double.init)
        reportsUpgradeRejections = settings.upgradeRejections
        serialSignals = settings.serialSignals
    }
}
