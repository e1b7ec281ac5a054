public import NIOCore

/// Every tunable value of the peer layer, with the SPEC's defaults.
///
/// Some values exist for parity with the vendor's own SDKs; their documentation names the value that gives it. ``SignallingOptions/serialSignals``
/// belongs to the signalling layer's options, though the peer layer reads it.
public struct PeerOptions: Hashable, Sendable {
    // MARK: The ICE-restart ladder

    /// When each rung of the ladder comes: the first after the link's failure, each next after the one before (ICE-01). At least one, none negative.
    public var ladderDelays: [TimeAmount] = [0, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) }

    /// How long a link must hold to reset the ladder (ICE-04). Parity: zero.
    public var ladderStableAfter: TimeAmount = .seconds(5)

    /// How long after the last rung the ladder gives up (ICE-05).
    public var giveUpAfter: TimeAmount = .seconds(15)

    /// How long a link may be in `connecting` or `disconnected` before the ladder starts (BEY-15). Zero, parity: it never does.
    public var stuckTimeout: TimeAmount = .seconds(20)

    // MARK: Negotiation

    /// How long the polite side waits for the other's first offer before it makes its own (ICE-08). Parity: 2 s.
    public var politeDefer: TimeAmount = .zero

    /// How long an offer may stay unanswered before it is sent again (BEY-16). Zero, parity: it never is.
    public var offerTimeout: TimeAmount = .seconds(10)

    /// How often an unanswered offer is sent again before the ladder starts (BEY-16). At least 0.
    public var offerRepeats = 3

    /// The least time between two replacements of a connection that the remote peer asks for (ICE-11).
    public var replacementInterval: TimeAmount = .seconds(2)

    /// While several offers are unanswered, how long an answer waits for a later one before it is taken (ICE-10).
    ///
    /// An answer does not say which offer it answers. After an outage the answers to all offers that were held up arrive together, and only the last
    /// one is for the offer that stands. Zero: the first is taken at once.
    public var answerSettleTime: TimeAmount = .milliseconds(500)

    /// Which candidates may be used.
    public var iceTransportPolicy: PeerConnectionConfiguration.ICETransportPolicy = .all

    // MARK: The roster

    /// How many remote peers are connected to at most; the others wait for a free place (ROS-06, BEY-12). At least 1.
    public var maximumRemotePeers = 256

    /// How long a reconnected peer waits for the membership snapshot before it subscribes again (ROS-09). Zero: it waits for ever, as the vendor's Flutter
    /// SDK does.
    public var snapshotTimeout: TimeAmount = .seconds(10)

    /// How often it subscribes again before it reports a reconcile timeout (ROS-09). At least 0.
    public var forcedSubscribes = 2

    /// Whether a link that is still connected at the snapshot is kept instead of being replaced (BEY-22). The vendor's guide replaces it.
    public var keepsConnectedLinks = false

    // MARK: Data channels

    /// The limits of every data channel.
    public var dataChannels = DataChannelLimits()

    // MARK: The application's side

    /// How many events each stream of a peer, a remote peer and a data channel holds for a slow consumer. Beyond it the oldest are dropped, with a log
    /// line.
    public var eventBufferLimit = 1_024

    /// The SPEC's defaults.
    public init() {}
}

/// The limits of a data channel's sends.
public struct DataChannelLimits: Hashable, Sendable {
    /// How many bytes may wait in the transport: a send that would exceed it waits, a larger message is refused. At least 1.
    public var maximumBufferedBytes = 1_048_576

    /// When the transport's buffer has drained to this many bytes, waiting sends go on. Nil, the default: half of ``maximumBufferedBytes``.
    public var lowThresholdBytes: Int?

    /// How many sends may wait; one more fails with ``DataChannelError/overflow(queued:limit:)``. At least 1.
    public var maximumQueuedSends = 256

    /// The SPEC's defaults: 1 MiB, half of it, 256.
    public init() {}
}

extension PeerOptions {
    /// Throws ``SignallingError/invalidOptions(_:)`` with the first value that is out of its range.
    func validate() throws(SignallingError) {
        func require(_ holds: Bool, _ rule: String) throws(SignallingError) {
            guard holds else { throw .invalidOptions(rule) }
        }
        let durations =
            ladderDelays + [
                ladderStableAfter, giveUpAfter, stuckTimeout, politeDefer, offerTimeout, replacementInterval, answerSettleTime,
                snapshotTimeout,
            ]
        try require(durations.allSatisfy { $0 >= .zero && $0 <= .hours(24 * 365) }, "durations must be in 0...365 days")
        try require((1...1_000).contains(ladderDelays.count), "ladderDelays must have 1...1,000 entries")
        try require(offerRepeats >= 0, "offerRepeats must not be negative")
        try require(maximumRemotePeers >= 1, "maximumRemotePeers must be at least 1")
        try require(forcedSubscribes >= 0, "forcedSubscribes must not be negative")
        try require(dataChannels.maximumBufferedBytes >= 1, "dataChannels.maximumBufferedBytes must be at least 1")
        try require(
            (0...dataChannels.maximumBufferedBytes).contains(dataChannels.lowThreshold),
            "dataChannels.lowThresholdBytes must be in 0...maximumBufferedBytes")
        try require(dataChannels.maximumQueuedSends >= 1, "dataChannels.maximumQueuedSends must be at least 1")
        try require(eventBufferLimit >= 1, "eventBufferLimit must be at least 1")
    }
}

extension DataChannelLimits {
    var lowThreshold: Int { lowThresholdBytes ?? maximumBufferedBytes / 2 }
}
