import MeteredRealtime
import NIOCore

extension SignallingOptions {
    /// The options of a case, and the values that make our SDK do what the official one does (SPEC section 6, "Parity").
    static func parity(_ options: CaseOptions) -> SignallingOptions {
        var parity = SignallingOptions()
        parity.stableAfter = .zero
        parity.closeHandshakeTimeout = .seconds(10)
        parity.honoursGoingAway = false
        parity.reactsToUpgradeRejection = false
        parity.pacing = nil
        parity.serialSignals = true
        parity.inactivityTimeout = options.inactivityTimeout
        parity.tokenProviderTimeout = options.tokenProviderTimeout
        parity.autoResubscribe = options.autoResubscribe
        parity.autoReconnect = options.reconnect != nil
        if let reconnect = options.reconnect {
            // The official SDK also takes a first delay above the longest one, which then is every delay.
            parity.initialDelay = min(reconnect.initialDelay, reconnect.maximumDelay)
            parity.delayMultiplier = reconnect.multiplier
            parity.maximumDelay = reconnect.maximumDelay
            parity.jitterRatio = reconnect.jitterRatio
            parity.maximumAttempts = reconnect.maximumAttempts
        }
        return parity
    }
}

extension PeerOptions {
    /// The values that make our SDK do what the official one does (SPEC section 6, "The golden comparison").
    static var parity: PeerOptions {
        var parity = PeerOptions()
        parity.ladderStableAfter = .zero
        parity.stuckTimeout = .zero
        parity.offerTimeout = .zero
        parity.politeDefer = .seconds(2)
        // The official SDK takes any answer while an offer is out.
        parity.answerSettleTime = .zero
        return parity
    }
}
