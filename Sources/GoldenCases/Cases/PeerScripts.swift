import CompactJSON
import NIOCore

/// What a remote peer and the link to it do. Read and checked now, played once there is a peer layer.
public struct RemoteScript: Hashable, Sendable {
    /// A change of a peer connection's state.
    public struct StateChange: Hashable, Sendable {
        /// Counted from the generation's trigger.
        public var after: TimeAmount
        /// The W3C connection state.
        public var state: String
    }

    /// What one peer-connection object does.
    public struct Generation: Hashable, Sendable {
        /// What starts its clock.
        public enum Trigger: String, Sendable, CaseIterable { case negotiated, created }
        /// What starts its clock.
        public var trigger = Trigger.negotiated
        /// Its states.
        public var states: [StateChange] = []
    }

    /// The remote peer's id.
    public var id: String
    /// How long it takes to answer an offer, or nil for never.
    public var answerDelay: TimeAmount?
    /// The first peer connections.
    public var generations: [Generation]
    /// Every later one.
    public var then: Generation
}

/// What every fake peer connection does.
public struct PeerConnectionScript: Hashable, Sendable {
    /// How long setLocalDescription takes.
    public var gathering = TimeAmount.zero
    /// How long close takes.
    public var closing = TimeAmount.zero
    /// Remote peers whose description is refused, with the error's text.
    public var refusedDescriptions: [String: String] = [:]
}
