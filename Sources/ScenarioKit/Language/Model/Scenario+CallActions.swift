import CompactJSON
import NIOCore

extension Scenario {
    /// A firewall that lets no UDP through but name lookups.
    public struct UDPBlock: Hashable, Sendable {
        /// Hosts behind it: each one's network at that moment.
        public var hosts: [String]
        /// What else passes.
        public var allowed: AllowedTCP
        /// Whether senders are told (ICMP, administratively prohibited).
        public var answers: Bool
        /// How long; nil is to the end.
        public var duration: TimeAmount?
    }

    /// The TCP that a firewall lets through.
    public enum AllowedTCP: String, CaseIterable, Sendable {
        /// All.
        case tcp
        /// Only to port 443.
        case tcp443 = "tcp-443"
    }

    /// What the service does with the snapshot that follows a subscribe (WIRE-03).
    public enum SnapshotTrick: Hashable, Sendable {
        /// It comes this much later; deltas do not wait for it.
        case late(TimeAmount)
        /// It comes twice.
        case twice
        /// Each member stands in it twice.
        case duplicated
        /// Another channel's snapshot comes first.
        case foreign(channel: String)
        /// That many made-up members stand in it, before the real ones.
        case padded(Int)

        static let words = ["late", "twice", "duplicated", "foreign", "padded"]
    }

    /// A track that an application begins to send.
    public struct TrackAddition: Hashable, Sendable {
        /// Whose.
        public var peers: [String]
        /// What.
        public var source: MediaSource
        /// What it says of the track (WIRE-11).
        public var metadata: JSONObject?
    }

    /// A data channel that an application opens by the timeline.
    public struct ChannelOpening: Hashable, Sendable {
        /// Whose application.
        public var peers: [String]
        /// To whom: peers.
        public var to: [String]
        /// Its label.
        public var label: String
        /// Whether messages keep their order.
        public var isOrdered: Bool
        /// How often a message is sent again; nil is for ever.
        public var maximumRetransmits: Int?
    }

    /// Messages on a data channel that is there.
    public struct DataMessage: Hashable, Sendable {
        /// Whose application.
        public var peers: [String]
        /// To whom: peers.
        public var to: [String]
        /// The channel's label.
        public var label: String
        /// The size of each.
        public var size: DataSize
        /// How many at once.
        public var times: Int
    }

    /// A reload of an application: everything of it goes, and the same user is back with a fresh `MeteredPeer`.
    public struct Restart: Hashable, Sendable {
        /// Whose application.
        public var peers: [String]
        /// How long there is none.
        public var down: TimeAmount
        /// What others see of the peer from then on; nil leaves it as it is.
        public var metadata: JSONObject?
    }
}
