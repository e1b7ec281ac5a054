import NIOCore
import NetworkModel

/// A connectivity check that may still be answered.
struct ICECheck {
    var id: STUNTransactionID
    var sentAt: NIODeadline
    var nominates: Bool
    /// The role that the check claimed: what a 487 is about.
    var isControlling: Bool
}

/// A smoothed round-trip time as libwebrtc keeps it: three parts old, one part new (RTT_RATIO in connection.cc).
struct ICERoundTripTime {
    private(set) var samples = 0
    private var smoothed = TimeAmount.zero

    /// What is assumed before the first sample (DEFAULT_RTT).
    private static let unknown = TimeAmount.seconds(3)

    mutating func add(_ sample: TimeAmount) {
        smoothed = samples == 0 ? sample : .nanoseconds((3 * smoothed.nanoseconds + sample.nanoseconds) / 4)
        samples += 1
    }

    var measured: TimeAmount? { samples == 0 ? nil : smoothed }
    var estimate: TimeAmount { measured ?? Self.unknown }
    /// Enough samples to call the pair stable.
    var isConverged: Bool { samples > 4 }
    /// How long an answer may take: twice the estimate, within MINIMUM_RTT and MAXIMUM_RTT.
    var patience: TimeAmount { min(max(estimate + estimate, .milliseconds(100)), .seconds(60)) }
}

/// The checks since the last answer.
struct UnansweredChecks {
    private(set) var count = 0
    private(set) var first = NIODeadline.uptimeNanoseconds(0)
    /// When the `limit`th was sent.
    private var decisive = NIODeadline.uptimeNanoseconds(0)

    mutating func add(sentAt time: NIODeadline, limit: Int) {
        count += 1
        if count == 1 { first = time }
        if count == limit { decisive = time }
    }

    mutating func clear() { count = 0 }

    /// So many are without an answer, and the last of those had its time.
    func areTooMany(limit: Int, patience: TimeAmount, now: NIODeadline) -> Bool { count >= limit && now > decisive + patience }

    func areTooOld(_ age: TimeAmount, now: NIODeadline) -> Bool { count > 0 && now > first + age }
}

/// A local and a remote candidate that are tried together.
struct ICEPair {
    /// What libwebrtc thinks of a pair's ability to send.
    enum WriteState: Int, Comparable {
        case writable, unreliable, untried, timedOut
        static func < (left: WriteState, right: WriteState) -> Bool { left.rawValue < right.rawValue }
    }

    /// RFC 8445 section 6.1.2.6.
    enum CheckState { case frozen, waiting, inProgress, succeeded, failed }

    let id: Int
    /// The local transport.
    let transport: Int
    /// The local generation.
    let generation: Int
    let createdAt: NIODeadline
    /// Pairs of one network stand in for each other.
    let network: Int
    /// The peer's generation: an index; nil while the peer's parameters are not known.
    var remoteGeneration: Int?
    private var texts: Texts
    var priority: UInt64
    var networkCost = 0
    /// Our address as the peer sees it, where that is none of our candidates.
    var mapped: TransportAddress?

    // What happened so far.
    var checks: [ICECheck] = []
    var checksSent = 0
    var lastCheckSent: NIODeadline?
    var lastAnswer: NIODeadline?
    var lastCheckReceived: NIODeadline?
    var lastReceived: NIODeadline?
    var lastDataReceived: NIODeadline?
    var roundTripTime = ICERoundTripTime()
    var unanswered = UnansweredChecks()
    var isNominatedByPeer = false

    // The ping loop's.
    var writeState = WriteState.untried
    var isReceiving = false
    var receivingSince: NIODeadline
    var isPruned = false

    // The check list's.
    var state = CheckState.frozen
    var transaction: STUNTransaction?
    var isNominated = false

    init(
        id: Int, transport: Int, generation: Int, network: Int, remote: CandidateAttribute, remoteGeneration: Int?,
        remoteFragment: String, localFragment: String, priority: UInt64, now: NIODeadline
    ) {
        self.id = id
        self.transport = transport
        self.generation = generation
        self.network = network
        self.remoteGeneration = remoteGeneration
        texts = Texts(remote: remote, remoteFragment: remoteFragment, username: "\(remoteFragment):\(localFragment)")
        self.priority = priority
        createdAt = now
        receivingSince = now
    }

    /// What hardly ever changes lies apart, shared by all copies: pairs are looked at all the time, and a copy of this costs more than the look.
    private final class Texts: Sendable {
        let remote: CandidateAttribute
        let remoteFragment: String
        let username: String

        init(remote: CandidateAttribute, remoteFragment: String, username: String) {
            self.remote = remote
            self.remoteFragment = remoteFragment
            self.username = username
        }
    }

    var remote: CandidateAttribute {
        get { texts.remote }
        set { texts = Texts(remote: newValue, remoteFragment: remoteFragment, username: username) }
    }
    var remoteFragment: String { texts.remoteFragment }
    /// USERNAME of our checks.
    var username: String { texts.username }

    var isWritable: Bool { writeState == .writable }
    /// Not given up (`Connection::active`).
    var isActive: Bool { writeState != .timedOut }
    /// Not to be relied on (`Connection::weak`).
    var isWeak: Bool { !(isWritable && isReceiving) }

    /// Takes a check out that is being answered. Newest first: that is what an answer usually is for.
    mutating func takeCheck(_ id: STUNTransactionID) -> ICECheck? {
        guard let index = checks.lastIndex(where: { $0.id == id }) else { return nil }
        return checks.remove(at: index)
    }

    /// Forgets checks that were sent before `time`, and the oldest if there are far too many.
    mutating func forgetChecks(sentBefore time: NIODeadline) {
        guard let oldest = checks.first, oldest.sentAt < time || checks.count > Self.maximumChecks else { return }
        let keep = checks.firstIndex { $0.sentAt >= time } ?? checks.count
        checks.removeFirst(max(keep, checks.count - Self.maximumChecks))
    }

    /// One minute of pings at 48 ms.
    private static let maximumChecks = 1_280
}
