import CompactJSON
import NIOCore

extension Scenario {
    /// What a peer is whose app is a call: `MeteredPeer`, a WebRTC library under it, and what the user shares.
    public struct Call: Hashable, Sendable {
        /// The WebRTC library whose timing it has.
        public var profile: WebRTCProfileName
        /// How long it looks for candidates.
        public var gathering: Gathering
        /// Which candidates it may use.
        public var icePolicy: ICEPolicy
        /// What it sends, in order; empty for a call of data channels only.
        public var media: [MediaSource]
        /// The data channels it opens; nil for none.
        public var data: DataChannels?
        /// The options of `MeteredPeer` that the scenario sets.
        public var settings: CallSettings
    }

    /// The WebRTC libraries whose timing is known (`facts/webrtc-timing.md`).
    public enum WebRTCProfileName: String, CaseIterable, Sendable {
        /// Chrome, and the native apps built on libwebrtc.
        case libwebrtc
        /// Go.
        case pion
        /// Python, under aiortc.
        case aioice
        /// GStreamer.
        case libnice
        /// nICEr.
        case firefox
    }

    /// How long candidates are looked for.
    public enum Gathering: String, CaseIterable, Sendable {
        /// Once for each generation.
        case once
        /// As long as the connection lives: a new interface is a new candidate.
        case continually
    }

    /// `RTCIceTransportPolicy`.
    public enum ICEPolicy: String, CaseIterable, Sendable {
        /// Every candidate.
        case all
        /// Only those of a TURN server.
        case relay
    }

    /// What a user shares. The track's id is `peer-source`, for example `alice-camera`.
    public enum MediaSource: String, CaseIterable, Sendable {
        /// Video, 30 frames a second.
        case camera
        /// Video, 5 frames a second.
        case screen
        /// Audio, 50 packets a second.
        case microphone
    }

    /// Data channels that the application opens to every remote peer when its link is connected (APP-03).
    public struct DataChannels: Hashable, Sendable {
        /// Their labels, at least one.
        public var labels: [String]
        /// Whether it opens them again each time a link is connected again.
        public var reopens: Bool
        /// Whether messages keep their order.
        public var isOrdered: Bool
        /// How often a message is sent again; nil is for ever.
        public var maximumRetransmits: Int?
        /// Messages that are sent on each of them all along; nil for none.
        public var messages: Messages?

        /// Messages at regular intervals.
        public struct Messages: Hashable, Sendable {
            /// The interval.
            public var every: TimeAmount
            /// The size of each.
            public var size: DataSize
        }
    }

    /// Options of `MeteredPeer`; nil leaves the SDK's default. The rules are those of the specification.
    public struct CallSettings: Hashable, Sendable {
        /// ICE-01: the delay of each rung after the one before.
        public var ladderDelays: [TimeAmount]?
        /// ICE-04: how long `connected` must hold to reset the ladder.
        public var stableAfter: TimeAmount?
        /// ICE-05: from the last rung to giving up.
        public var giveUpAfter: TimeAmount?
        /// ICE-08: how long the polite side waits for the other's first offer.
        public var politeDefer: TimeAmount?
        /// ICE-11: at most one replacement of a connection within this.
        public var replacementInterval: TimeAmount?
        /// ROS-09: how long a snapshot is waited for; 0 is for ever.
        public var snapshotTimeout: TimeAmount?
        /// ROS-09: how often a subscribe is forced.
        public var forcedSubscribes: Int?
        /// BEY-15: how long a link may be on its way before the ladder starts; 0 is off.
        public var stuckTimeout: TimeAmount?
        /// BEY-16: how long an answer is waited for; 0 is off.
        public var offerTimeout: TimeAmount?
        /// BEY-16: how often an offer is repeated.
        public var offerRepeats: Int?
        /// ICE-10: with several offers unanswered, how long an answer waits for a later one.
        public var answerSettleTime: TimeAmount?
        /// BEY-22: whether a link that is connected at the snapshot is kept.
        public var keepsConnectedLinks: Bool?
        /// ROS-06: remote peers at one time.
        public var maximumRemotePeers: Int?
        /// Bytes that a data channel buffers before messages wait.
        public var dataChannelBuffer: DataSize?
        /// Messages that wait for a data channel before a send fails.
        public var dataChannelQueue: Int?

        /// No option set.
        public init() {}
    }
}
