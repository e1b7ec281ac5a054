public import NIOCore

/// How an ICE agent checks, watches and chooses.
public struct ICEProfile: Hashable, Sendable {
    /// How pairs are checked until one works.
    public enum Checking: Hashable, Sendable {
        /// One loop that pings one pair at a time and never stops (libwebrtc).
        case pingLoop(PingLoop)
        /// Every pair that has not succeeded, at every tick, each time a new request; after `limit` requests without an answer the pair has failed (pion).
        case everyPair(interval: TimeAmount, limit: Int, requestLifetime: TimeAmount)
        /// A check list (RFC 8445 section 6.1.4.2): one pair per `pacing`, each check one STUN transaction.
        case checkList(pacing: TimeAmount, schedule: RetransmissionSchedule)
    }

    /// The figures of libwebrtc's ping loop.
    public struct PingLoop: Hashable, Sendable {
        /// Between two pings of the agent while it has no good pair, and a pair's first pings.
        public var weakInterval: TimeAmount
        /// Between two pings of the agent while it has one.
        public var strongInterval: TimeAmount
        /// Between two pings of a pair that works well.
        public var stableInterval: TimeAmount
        /// Between two pings of a pair that works, but not well.
        public var stabilizingInterval: TimeAmount
        /// Between two pings of a pair that stands by.
        public var backupInterval: TimeAmount
        /// How many pings a new pair gets at `weakInterval`.
        public var initialPings: Int
        /// The state of all pairs is looked at at least once per a tenth of `receivingTimeout` and at most this often.
        public var minimumCheckInterval: TimeAmount
        /// A pair is no longer receiving after this long without a packet.
        public var receivingTimeout: TimeAmount
        /// How long both pairs' receiving must have been the same before the choice follows it.
        public var receivingSwitchingDelay: TimeAmount
        /// A better round-trip time by this much is a reason to switch.
        public var minimumImprovement: TimeAmount
        /// A pair that is not even receiving pings is destroyed after this long.
        public var deadTimeout: TimeAmount
        /// A pair is not destroyed before this age.
        public var minimumLifetime: TimeAmount
        /// How long an answer to a ping counts.
        public var requestLifetime: TimeAmount
        /// Chromium runs delayed tasks at the next of the ticks of this length; nil for a native SDK, whose timers are exact.
        public var timerTick: TimeAmount?

        /// How often the state of the pairs is looked at.
        public var checkReceivingInterval: TimeAmount { max(minimumCheckInterval, .nanoseconds(receivingTimeout.nanoseconds / 10)) }
    }

    /// How the loss of a working pair is found out.
    public enum Liveness: Hashable, Sendable {
        /// Pings without an answer: `unreliableChecks` of them and the first older than `unreliableAfter` is disconnected, the first older than `failedAfter`
        /// is failed (libwebrtc).
        case unansweredChecks(unreliableChecks: Int, unreliableAfter: TimeAmount, failedAfter: TimeAmount)
        /// Nothing received from the selected remote candidate: `disconnectedAfter`, and `failedAfter` more. Checks go out every `interval` (pion).
        case silence(interval: TimeAmount, disconnectedAfter: TimeAmount, failedAfter: TimeAmount)
        /// Consent checks (RFC 7675), one per random interval, each sent once.
        case consent(Consent)
    }

    /// RFC 7675 section 5.1, as implemented.
    public struct Consent: Hashable, Sendable {
        /// Between two checks: uniformly random.
        public var interval: ClosedRange<TimeAmount>
        /// How long an answer counts; nil until the next check is due.
        public var answerTimeout: TimeAmount?
        /// The next interval begins when the check is answered or timed out, not when it was sent (aioice).
        public var waitsForOutcome: Bool
        /// So many checks without an answer in a row end consent; nil if only `expiry` does.
        public var failureLimit: Int?
        /// Consent ends this long after the last answer; nil if only `failureLimit` does.
        public var expiry: TimeAmount?
        /// One check without an answer is `disconnected` already (Firefox).
        public var isDisconnectedByOneFailure: Bool
    }

    /// When the controlling agent says USE-CANDIDATE.
    public enum Nomination: Hashable, Sendable {
        /// On the pair in use and on better ones, always (libwebrtc).
        case semiAggressive
        /// Once, on the best pair that works (RFC 8445 section 8.1.1), after these waits for a better type.
        case regular(NominationWaits)
        /// In every check (RFC 5245 section 8.1.1.2).
        case aggressive
    }

    /// How long after the start of the checks a pair of that type is acceptable, by the worse candidate of it (pion).
    public struct NominationWaits: Hashable, Sendable {
        /// For host candidates.
        public var host: TimeAmount
        /// For server-reflexive ones.
        public var serverReflexive: TimeAmount
        /// For peer-reflexive ones.
        public var peerReflexive: TimeAmount
        /// For relayed ones, unless only those may be used.
        public var relay: TimeAmount

        /// No waiting.
        public static let none = NominationWaits(host: .zero, serverReflexive: .zero, peerReflexive: .zero, relay: .zero)
    }

    /// What a restart does to the generation in use.
    public enum Restart: Hashable, Sendable {
        /// The old pair carries the data until the new generation has one.
        case makeBeforeBreak
        /// The old pairs are gone at once.
        case breakBeforeMake
        /// Restarts are not supported: the call changes nothing.
        case unsupported
    }

    /// How priorities are made (RFC 8445 section 5.1.2.1).
    public struct TypePreferences: Hashable, Sendable {
        /// For host candidates.
        public var host: UInt32
        /// For peer-reflexive ones.
        public var peerReflexive: UInt32
        /// For server-reflexive ones.
        public var serverReflexive: UInt32
        /// For relayed ones, by how the TURN server is reached.
        public var relayUDP: UInt32
        /// Over TCP.
        public var relayTCP: UInt32
        /// Over TLS.
        public var relayTLS: UInt32

        /// RFC 8445 section 5.1.2.2.
        public static let rfc8445 = TypePreferences(
            host: 126, peerReflexive: 110, serverReflexive: 100, relayUDP: 0, relayTCP: 0, relayTLS: 0)
    }

    /// How pairs are checked until one works.
    public var checking: Checking
    /// How the loss of a working pair is found out.
    public var liveness: Liveness
    /// When USE-CANDIDATE is sent.
    public var nomination: Nomination
    /// What a restart does to the generation in use.
    public var restart: Restart
    /// How priorities are made.
    public var typePreferences: TypePreferences
    /// Candidates trickled after every pair has failed still get their chance for this long, from the start of the checks.
    public var trickleGracePeriod = TimeAmount.zero
    /// `checking` ends as `failed` after this long without any pair that works; nil if only failing pairs end it.
    public var connectTimeout: TimeAmount?
    /// The choice moves to a better pair by itself while the selected one works less well.
    public var switchesPairs: Bool
    /// A check of the peer on a failed transport starts it again.
    public var isRevivedByPeer: Bool
    /// `completed` is reported, not only `connected`.
    public var reportsCompleted: Bool
}
