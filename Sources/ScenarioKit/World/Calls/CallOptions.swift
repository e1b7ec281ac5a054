import MeteredRealtime
import NIOCore
import Trace
import WebRTCModel

extension PeerOptions {
    /// The SDK's defaults, changed where the scenario says so.
    init(_ call: Scenario.Call) {
        self.init()
        let settings = call.settings
        func set<Value>(_ path: WritableKeyPath<PeerOptions, Value>, _ value: Value?) {
            if let value { self[keyPath: path] = value }
        }
        set(\.ladderDelays, settings.ladderDelays)
        set(\.ladderStableAfter, settings.stableAfter)
        set(\.giveUpAfter, settings.giveUpAfter)
        set(\.stuckTimeout, settings.stuckTimeout)
        set(\.politeDefer, settings.politeDefer)
        set(\.offerTimeout, settings.offerTimeout)
        set(\.offerRepeats, settings.offerRepeats)
        set(\.replacementInterval, settings.replacementInterval)
        set(\.answerSettleTime, settings.answerSettleTime)
        set(\.maximumRemotePeers, settings.maximumRemotePeers)
        set(\.snapshotTimeout, settings.snapshotTimeout)
        set(\.forcedSubscribes, settings.forcedSubscribes)
        set(\.keepsConnectedLinks, settings.keepsConnectedLinks)
        set(\.dataChannels.maximumBufferedBytes, settings.dataChannelBuffer?.bytes)
        set(\.dataChannels.maximumQueuedSends, settings.dataChannelQueue)
        switch call.icePolicy {
        case .all: iceTransportPolicy = .all
        case .relay: iceTransportPolicy = .relay
        }
    }
}

extension TracedPeerOptions {
    /// What the scenario set, and nothing else: the checkers take every other value from the spec, never from the SDK.
    init(_ call: Scenario.Call) {
        self.init()
        let settings = call.settings
        ladderDelaysNs = settings.ladderDelays?.map(\.nanoseconds)
        ladderStableAfterNs = settings.stableAfter?.nanoseconds
        giveUpAfterNs = settings.giveUpAfter?.nanoseconds
        politeDeferNs = settings.politeDefer?.nanoseconds
        replacementIntervalNs = settings.replacementInterval?.nanoseconds
        maximumRemotePeers = settings.maximumRemotePeers
        snapshotTimeoutNs = settings.snapshotTimeout?.nanoseconds
        forcedSubscribes = settings.forcedSubscribes
        stuckTimeoutNs = settings.stuckTimeout?.nanoseconds
        offerTimeoutNs = settings.offerTimeout?.nanoseconds
        offerRepetitions = settings.offerRepeats
        answerSettleNs = settings.answerSettleTime?.nanoseconds
        keepsConnectedLinks = settings.keepsConnectedLinks
        iceTransportPolicy = call.icePolicy == .relay ? call.icePolicy.rawValue : nil
    }
}

extension WebRTCProfile {
    init(_ name: Scenario.WebRTCProfileName) {
        switch name {
        case .libwebrtc: self = .libwebrtc
        case .pion: self = .pion
        case .aioice: self = .aioice
        case .libnice: self = .libnice
        case .firefox: self = .firefox
        }
    }
}

extension DataChannelConfiguration {
    init(isOrdered: Bool, retransmits: Int?) { self.init(isOrdered: isOrdered, maximumRetransmits: retransmits) }
}
