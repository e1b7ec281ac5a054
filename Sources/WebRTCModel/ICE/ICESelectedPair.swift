public import NIOCore

/// The pair that carries the data.
public struct ICESelectedPair: Hashable, Sendable {
    /// This side's candidate.
    public var local: CandidateAttribute
    /// The other side's candidate.
    public var remote: CandidateAttribute
    /// The smoothed round-trip time of its checks; nil before the first answer.
    public var roundTripTime: TimeAmount?
}
