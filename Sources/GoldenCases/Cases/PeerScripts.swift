import CompactJSON
import MeteredRealtime
import NIOCore

/// What a remote peer and the link to it do.
public struct RemoteScript: Hashable, Sendable {
    /// A change of a peer connection's state.
    public struct StateChange: Hashable, Sendable {
        /// Counted from the generation's trigger.
        public var after: TimeAmount
        /// The W3C connection state.
        public var state: PeerConnectionState
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

    /// What the generation with this ordinal (from 1, over the whole case) does.
    public func generation(_ ordinal: Int) -> Generation {
        generations.indices.contains(ordinal - 1) ? generations[ordinal - 1] : then
    }

    /// A remote peer that a case does not name: it never answers, and the link to it never leaves `new`.
    public static func silent(_ id: String) -> RemoteScript {
        RemoteScript(id: id, answerDelay: nil, generations: [], then: Generation())
    }
}

extension GoldenCase {
    /// What a remote peer does.
    func remote(_ id: String) -> RemoteScript { remotes.first { $0.id == id } ?? .silent(id) }
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
