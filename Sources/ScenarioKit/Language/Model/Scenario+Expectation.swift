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
            /// Each of these peers is in the state at some instant of the window.
            case reaches(peers: [String], state: PeerState, window: Window)
            /// Each of these peers is in the state from the first to the last instant of the window.
            case stays(peers: [String], state: PeerState, window: Window)
            /// The number of matching events in the window is in the range; for several peers: for each of them.
            case occurs(EventPattern, count: CountRange, window: Window)
            /// No stretch of time of length `per` within the window holds more than `atMost` matching events.
            case rate(EventPattern, atMost: Int, per: TimeAmount, window: Window)
            /// The patterns match events of the window in this order; other events may lie between.
            case order([EventPattern], window: Window)
            /// The run conforms to these rules of the specification.
            case conforms(rules: [String])
            /// How the peers end.
            case outcome(peers: [String], Outcome)
        }
    }

    /// The states of the signalling client (SIG-15).
    public enum PeerState: String, CaseIterable, Sendable {
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
        case state(PeerState)
        /// Closed for good by this code, reported once with `willReconnect: false` or as the failure of `connect`.
        case terminal(code: Int)
    }
}
