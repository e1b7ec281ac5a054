import Trace

/// The values of sections 3, 4 and 6, as the spec states them, or as a scenario set them. Nothing here comes from the SDK.
public struct PeerSpec: Hashable, Sendable {
    /// ICE-01: the wait before each rung; their number is that of the rungs.
    public var ladderDelays: [Nanoseconds] = [0, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) }
    /// ICE-02: when each rung comes after t0, stated a second time, as the spec does.
    public var rungOffsets: [Nanoseconds] = [0, 1, 3, 7, 15, 31, 61, 91, 121].map { .seconds($0) }
    /// ICE-04: how long a link must hold to reset the ladder.
    public var stableAfter = Nanoseconds.seconds(5)
    /// ICE-05: from the last rung to the give-up.
    public var giveUpAfter = Nanoseconds.seconds(15)
    /// ICE-11: between two replacements.
    public var replacementInterval = Nanoseconds.seconds(2)
    /// ROS-06: remote peers.
    public var maximumRemotePeers = 256
    /// ROS-09: to a snapshot; 0: for ever.
    public var snapshotTimeout = Nanoseconds.seconds(10)
    /// ROS-09: forced subscribes.
    public var forcedSubscribes = 2
    /// BEY-15: in `connecting` or `disconnected`; 0: off.
    public var stuckTimeout = Nanoseconds.seconds(20)
    /// BEY-16: to an answer; 0: off.
    public var offerTimeout = Nanoseconds.seconds(10)
    /// BEY-16: how often an unanswered offer is sent again.
    public var offerRepetitions = 3
    /// BEY-22: whether a link that is connected at the snapshot is kept.
    public var keepsConnectedLinks = false

    /// ICE-09: fixed caps.
    static let maximumCandidates = 200, maximumCandidateCharacters = 1_000
    /// WIRE-07: fixed caps.
    static let maximumServerURLCharacters = 512
    static let serverSchemes = ["stun:", "stuns:", "turn:", "turns:"]
    /// APP-01 and APP-02: when a banner and a manual retry appear.
    static let bannerDelay = Nanoseconds.milliseconds(1_000), retryDelay = Nanoseconds.milliseconds(30_000)
    /// How long a rung may take to make its offer, and a recovered link to show moving frames. Ours: the spec gives no figure.
    static let offerAllowance = Nanoseconds.seconds(1), mediaAllowance = Nanoseconds.seconds(10)

    /// Within which a description that came is taken or dropped: the library's operations are chained, and answers may settle. Ours.
    static let descriptionAllowance = Nanoseconds.seconds(2)

    /// The spec's values.
    public init() {}

    /// The values that a scenario set in place of the spec's. Nonsense in a foreign trace (negative times) is ignored.
    init(_ options: TracedPeerOptions) {
        func set(_ value: inout Nanoseconds, _ option: Int64?) {
            if let option, option >= 0 { value = Nanoseconds(option) }
        }
        func set(_ value: inout Int, _ option: Int?) {
            if let option, option >= 0 { value = option }
        }
        if let delays = options.ladderDelaysNs, !delays.isEmpty, delays.allSatisfy({ $0 >= 0 }) {
            ladderDelays = delays.map { Nanoseconds($0) }
            var offset = Nanoseconds.zero
            rungOffsets = ladderDelays.map { delay in
                offset = offset + delay
                return offset
            }
        }
        set(&stableAfter, options.ladderStableAfterNs)
        set(&giveUpAfter, options.giveUpAfterNs)
        set(&replacementInterval, options.replacementIntervalNs)
        set(&maximumRemotePeers, options.maximumRemotePeers)
        set(&snapshotTimeout, options.snapshotTimeoutNs)
        set(&forcedSubscribes, options.forcedSubscribes)
        set(&stuckTimeout, options.stuckTimeoutNs)
        set(&offerTimeout, options.offerTimeoutNs)
        set(&offerRepetitions, options.offerRepetitions)
        keepsConnectedLinks = options.keepsConnectedLinks ?? keepsConnectedLinks
    }

    /// How many rungs the ladder has.
    var rungs: Int { ladderDelays.count }

    /// The wait that ends with rung `n` (from 1), or with the give-up after the last.
    func delay(before n: Int) -> Nanoseconds { n <= rungs ? ladderDelays[n - 1] : giveUpAfter }

    /// When rung `n` comes after t0, or the give-up.
    func offset(of n: Int) -> Nanoseconds { n <= rungs ? rungOffsets[n - 1] : (rungOffsets.last ?? .zero) + giveUpAfter }
}

/// The states of a peer and of a remote peer, and the changes that are legal.
enum PeerState: String, CaseIterable, Sendable {
    case idle, joining, joined, reconnecting, leaving, closed

    var successors: [PeerState] {
        switch self {
        case .idle: return [.joining, .leaving, .closed]
        case .joining: return [.joined, .idle, .leaving, .closed]
        case .joined: return [.reconnecting, .leaving, .closed]
        case .reconnecting: return [.joined, .leaving, .closed]
        case .leaving: return [.closed]
        case .closed: return []
        }
    }
}

/// The public states of a remote peer (ICE-06).
enum RemoteState: String, CaseIterable, Sendable {
    case idle, connecting, connected, reconnecting, closed

    /// `reconnecting` never goes back to `connecting`: that hop is hidden. What the remote peer closed comes back with a new connection (BEY-11).
    var successors: [RemoteState] {
        switch self {
        case .idle: return [.connecting, .reconnecting, .closed]
        case .connecting: return [.idle, .connected, .reconnecting, .closed]
        case .connected: return [.reconnecting, .closed]
        case .reconnecting: return [.idle, .connected, .closed]
        case .closed: return [.idle, .connecting, .reconnecting]
        }
    }
}
