import CompactJSON

/// The options of a peer under test as its scenario gave them. What is nil was not given: the checkers then take the spec's value.
public struct TracedPeerOptions: Hashable, Sendable {
    /// The wait before each rung of the ICE ladder, the first before rung 1 (ICE-01). Their number is that of the rungs.
    public var ladderDelaysNs: [Int64]?
    /// How long a link must hold to reset the ladder (ICE-04).
    public var ladderStableAfterNs: Int64?
    /// Time from the last rung to the report that recovery gave up (ICE-05).
    public var giveUpAfterNs: Int64?
    /// How long the polite side waits for the other's first offer (ICE-08).
    public var politeDeferNs: Int64?
    /// Shortest time between two replacements of a connection that the remote peer caused (ICE-11).
    public var replacementIntervalNs: Int64?
    /// Most remote peers (ROS-06).
    public var maximumRemotePeers: Int?
    /// Time to a snapshot before a subscribe is forced; 0: off (ROS-09).
    public var snapshotTimeoutNs: Int64?
    /// How many subscribes are forced (ROS-09).
    public var forcedSubscribes: Int?
    /// Time in `connecting` or `disconnected` that starts the ladder; 0: off (BEY-15).
    public var stuckTimeoutNs: Int64?
    /// Time to an answer before the offer is repeated; 0: off (BEY-16).
    public var offerTimeoutNs: Int64?
    /// How often an unanswered offer is sent again (BEY-16).
    public var offerRepetitions: Int?
    /// How long an answer waits for a later one while several offers are unanswered (ICE-10).
    public var answerSettleNs: Int64?
    /// Whether a link that is `connected` at the snapshot is kept (BEY-22).
    public var keepsConnectedLinks: Bool?
    /// Which candidates may be used: `all` or `relay`.
    public var iceTransportPolicy: String?

    /// Nothing given.
    public init() {}
}

extension TracedPeerOptions: TracedOptionSet {
    static func forEachName<Visitor: OptionVisitor>(_ visitor: inout Visitor) where Visitor.Options == Self {
        visitor.visit("ladderDelaysNs", \.ladderDelaysNs)
        visitor.visit("ladderStableAfterNs", \.ladderStableAfterNs)
        visitor.visit("giveUpAfterNs", \.giveUpAfterNs)
        visitor.visit("politeDeferNs", \.politeDeferNs)
        visitor.visit("replacementIntervalNs", \.replacementIntervalNs)
        visitor.visit("maximumRemotePeers", \.maximumRemotePeers)
        visitor.visit("snapshotTimeoutNs", \.snapshotTimeoutNs)
        visitor.visit("forcedSubscribes", \.forcedSubscribes)
        visitor.visit("stuckTimeoutNs", \.stuckTimeoutNs)
        visitor.visit("offerTimeoutNs", \.offerTimeoutNs)
        visitor.visit("offerRepetitions", \.offerRepetitions)
        visitor.visit("answerSettleNs", \.answerSettleNs)
        visitor.visit("keepsConnectedLinks", \.keepsConnectedLinks)
        visitor.visit("iceTransportPolicy", \.iceTransportPolicy)
    }

    /// The options of an event of kind ``TraceKind/peerOptions``; members of other names are ignored.
    public init(_ event: TraceEvent) { self.init(fields: event.fields) }
}

extension TraceEvent {
    /// The options of a peer under test, once, after those of its signalling client and before anything else of it.
    public static func peerOptions(at timeNs: Int64, who: String, _ options: TracedPeerOptions) -> Self {
        make(.peerOptions, timeNs, who) { options.write(to: &$0) }
    }
}
