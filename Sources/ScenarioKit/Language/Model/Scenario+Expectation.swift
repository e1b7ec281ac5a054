import CompactJSON
import NIOCore

extension Scenario {
    /// Something that must hold.
    public struct Expectation: Sendable {
        /// What.
        public var kind: Kind
        /// The text of the entry on one line, for reports.
        public var text: String
        /// Where it is written.
        public var position: SourcePosition

        /// The kinds of expectation.
        public enum Kind: Hashable, Sendable {
            /// Each of these is in the state at some instant of the window.
            case reaches([Subject], state: String, window: Window)
            /// Each of these is in the state all through the window; it may leave it at the last instant.
            case stays([Subject], state: String, window: Window)
            /// Each of these links is the same object all through the window (ROS-04).
            case sameObject([Link], window: Window)
            /// Each of these links comes back in the window, from its first loss in it, at a rung of the range; 0 is without one.
            case recovers([Link], rung: CountRange, window: Window)
            /// The number of matching events in the window is in the range; for several peers: for each of them.
            case occurs(EventPattern, count: CountRange, window: Window)
            /// No stretch of time of length `per` within the window holds more than `atMost` matching events.
            case rate(EventPattern, atMost: Int, per: TimeAmount, window: Window)
            /// The patterns match events of the window in this order; other events may lie between.
            case order([EventPattern], window: Window)
            /// The run conforms to these rules of the specification.
            case conforms(rules: [String])
            /// How these end.
            case outcome([Subject], Outcome)
        }
    }

    /// What is in some state at any time.
    public enum Subject: Hashable, Sendable {
        /// The signalling client of a peer, of a call's peer too.
        case signalling(String)
        /// The `MeteredPeer` of a peer.
        case call(String)
        /// The `RemotePeer` that a peer has of another.
        case link(Link)
        /// The pair of candidates in use.
        case pair(Link)
        /// What a peer receives from another; of one track, or of all.
        case media(Link, track: String?)
    }

    /// One peer as another has it.
    public struct Link: Hashable, Sendable {
        /// Who looks.
        public var peer: String
        /// At whom.
        public var remote: String

        /// How `peer` has `remote`.
        public init(peer: String, remote: String) {
            self.peer = peer
            self.remote = remote
        }
    }

    /// The states of the signalling client (SIG-15).
    public enum SignallingState: String, CaseIterable, Sendable {
        /// Before the first `connect`.
        case idle
        /// The first attempt.
        case connecting
        /// Welcomed.
        case connected
        /// Between connections.
        case reconnecting
        /// Ended.
        case closed
    }

    /// The states of `MeteredPeer` (SPEC section 4).
    public enum CallState: String, CaseIterable, Sendable {
        /// In no channel.
        case idle
        /// On its way into one.
        case joining
        /// In one.
        case joined
        /// Signalling is lost, or the roster is not known yet.
        case reconnecting
        /// On its way out.
        case leaving
        /// Ended.
        case closed
    }

    /// The states of a `RemotePeer` (ICE-06), and that there is none.
    public enum LinkState: String, CaseIterable, Sendable {
        /// Not in the roster.
        case absent
        /// Nothing to carry.
        case idle
        /// On its way.
        case connecting
        /// Works.
        case connected
        /// Lost, on its way back.
        case reconnecting
        /// Ended.
        case closed
    }

    /// What becomes of a remote peer's media.
    public enum MediaState: String, CaseIterable, Sendable {
        /// No frame has come yet.
        case none
        /// Frames move.
        case flowing
        /// Frames came and stopped.
        case stalled
    }

    /// What kind of pair carries a link.
    public enum PairKind: String, CaseIterable, Sendable {
        /// None was selected.
        case none
        /// Neither candidate is a relay's.
        case direct
        /// A candidate of a TURN server is part of it.
        case relay
    }

    /// How many events; both ends included, nil is no upper end.
    public struct CountRange: Hashable, Sendable {
        /// At least.
        public var least: Int
        /// At most.
        public var most: Int?
    }

    /// A pattern over the events of a trace.
    public struct EventPattern: Hashable, Sendable {
        /// Whose events: the `who` of the trace. Empty is anyone.
        public var who: [String]
        /// The name of the event in the language.
        public var event: String
        /// The `what` of the trace.
        public var kind: String
        /// What the fields must be, in the order of the file.
        public var conditions: [Condition]
    }

    /// A condition on one field of an event.
    public struct Condition: Hashable, Sendable {
        /// The field's name in the language, for messages.
        public var name: String
        /// The field's name in the trace.
        public var field: String
        /// What it must be.
        public var test: Test
        /// The number that an event without the field stands for; nil: such an event does not match.
        public var absent: Double?
        /// Whether the event's name says it already.
        public var isImplied = false

        /// What a field must be.
        public enum Test: Hashable, Sendable {
            /// Exactly this.
            case equals(JSONValue)
            /// A number of the range, both ends included (durations in nanoseconds).
            case range(Double, Double)
            /// A list that holds this peer id; nil is any list that is not empty.
            case includes(String?)
        }
    }

    /// How a peer ends.
    public enum Outcome: Hashable, Sendable {
        /// In this state at the end.
        case state(String)
        /// Closed for good by this code, reported once with `willReconnect: false` or as the failure of `connect`.
        case terminal(code: Int)
    }
}
