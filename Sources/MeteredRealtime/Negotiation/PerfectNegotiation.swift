import NIOCore

/// Perfect negotiation (ICE-08, W3C webrtc-pc section 10.7) with generations (ICE-10), replacements (ICE-11) and repeated offers (BEY-16).
///
/// Facts come in as they happen; ``next(at:_:)`` then says, one action at a time, what is to be done, until it says `wait`.
struct PerfectNegotiation: Hashable, Sendable {
    /// A description of the remote peer, with what was read in it.
    struct Remote: Hashable, Sendable {
        let description: SessionDescription
        let summary: DescriptionSummary

        init(_ description: SessionDescription) {
            self.description = description
            summary = DescriptionSummary(description.sdp)
        }
    }

    /// Where the exchange stands.
    enum Phase: Hashable, Sendable {
        /// No exchange is under way.
        case stable
        /// Our offer stands.
        case awaitingAnswer
        /// Their offer stands.
        case owingAnswer(Remote)
        /// Their offer stands, and cannot be answered.
        case owingRollback
        /// The connection is at work on one of these.
        case makingOffer
        case applyingAnswer(Remote)
        case applyingOffer(Remote)
        case makingAnswer(Remote)
        case rollingBack
    }

    /// What of its surroundings decides.
    struct Situation: Hashable, Sendable {
        /// Whether our own offers yield.
        var isPolite: Bool
        /// Whether signals can be sent (ICE-07).
        var isSignallingReady: Bool
        /// The connection's state; nil if there is no connection.
        var connection: PeerConnectionState?
        /// Whether unanswered offers are repeated: not while the ladder makes new ones (ICE-02).
        var repeatsOffers: Bool
    }

    /// What is to be done now.
    enum Action: Hashable, Sendable {
        /// Nothing, until ``deadline(after:)`` or the next fact.
        case wait
        /// Make an offer, with fresh ICE credentials if `restart`.
        case makeOffer(restart: Bool)
        /// Send the offer that was made; again if `isRepeat`.
        case sendOffer(isRepeat: Bool)
        /// Apply a remote offer. If an offer of ours stands, it is rolled back (ICE-08).
        case applyOffer(Remote, yields: Bool)
        /// Make the answer.
        case makeAnswer
        /// Send the answer that was made.
        case sendAnswer
        /// Apply a remote answer.
        case applyAnswer(Remote)
        /// Roll the remote offer back that could not be answered.
        case rollBack
        /// A description is not used.
        case drop(Remote, reason: String)
        /// Give the connection up for a new one (ICE-11), then call ``connectionReplaced()``.
        case replace
        /// The answer that was taken was for an earlier offer: restart ICE, outside the ladder.
        case recoverFromMismatch
        /// The offer stayed unanswered (BEY-16).
        case unanswered
    }

    let options: PeerOptions
    var phase = Phase.stable
    /// Descriptions that came, in order.
    var inbox: [Remote] = []
    /// An offer should be made.
    var isOfferWanted = false
    /// With fresh credentials.
    var isRestartWanted = false
    var isOfferUnsent = false
    var isAnswerUnsent = false
    /// Whether anything was ever negotiated on this connection.
    private(set) var hasNegotiated = false
    /// The remote description in force.
    private(set) var remote: DescriptionSummary?
    /// The generation of the local description.
    private(set) var localFragment: String?
    var history = GenerationHistory()
    /// Distinct offers that were sent and not answered; counted over replacements, because signals keep their order.
    var unansweredOffers = 0
    /// Answers that came for them.
    var answersSeen = 0
    /// The newest answer, waiting for a newer one.
    var heldAnswer: Remote?
    var settleDeadline: NIODeadline?
    var offerDeadline: NIODeadline?
    var repeatsLeft = 0
    var deferDeadline: NIODeadline?
    /// An offer came that the connection refused: there is nothing to wait for any more (ICE-08).
    private(set) var wasOffered = false
    var lastReplacement: NIODeadline?
    /// What asked for a replacement too early: an offer to apply then, or an answer.
    var postponed: Remote?
    /// Whether the exchange that is in force began with our offer.
    private(set) var answeredOurs = false
    /// When the last recovery from a mismatch was.
    var lastMismatch: NIODeadline?

    init(_ options: PeerOptions) { self.options = options }

    /// When ``next(at:_:)`` may have something to do, or nil. What is due already waits for a fact.
    func deadline(after now: NIODeadline) -> NIODeadline? {
        [settleDeadline, offerDeadline, deferDeadline, replacementDeadline].compactMap { $0 }.filter { $0 > now }.min()
    }

    var replacementDeadline: NIODeadline? {
        guard postponed != nil, let lastReplacement else { return nil }
        return lastReplacement + options.replacementInterval
    }

    /// Whether a local description is being made, or was made and not sent: candidates for it wait.
    var isDescriptionPending: Bool {
        switch phase {
        case .makingOffer, .makingAnswer: true
        case .stable, .awaitingAnswer, .owingAnswer, .owingRollback, .applyingAnswer, .applyingOffer, .rollingBack:
            isOfferUnsent || isAnswerUnsent
        }
    }

    // MARK: Facts

    /// The connection asks for an offer (`negotiationneeded`).
    mutating func negotiationNeeded() { isOfferWanted = true }

    /// A rung, or a restart outside the ladder.
    mutating func restart() {
        isOfferWanted = true
        isRestartWanted = true
    }

    /// A description came. Returns one that is dropped for want of room.
    mutating func receive(_ description: Remote) -> Remote? {
        guard inbox.count < SignalLimits.waitingDescriptions else { return description }
        inbox.append(description)
        return nil
    }

    /// The local description that was asked for is in force.
    mutating func localDescriptionMade(_ summary: DescriptionSummary) {
        localFragment = summary.usernameFragment
        switch phase {
        case .makingOffer:
            // What asked for an offer meanwhile is in it.
            isOfferWanted = isRestartWanted
            isOfferUnsent = true
            phase = .awaitingAnswer
        case .makingAnswer(let offer):
            // What still has to be offered is asked for again (webrtc-pc section 4.7.3).
            isOfferWanted = isRestartWanted
            agreed(on: offer, answeredOurs: false)
            isAnswerUnsent = true
        case .stable, .awaitingAnswer, .owingAnswer, .owingRollback, .applyingAnswer, .applyingOffer, .rollingBack:
            preconditionFailure("a local description that was not asked for")
        }
    }

    /// The local description could not be made.
    mutating func localDescriptionFailed(_ state: SignalingState) {
        switch phase {
        case .makingOffer: phase = state == .haveLocalOffer ? .awaitingAnswer : .stable
        case .makingAnswer: phase = .owingRollback
        case .stable, .awaitingAnswer, .owingAnswer, .owingRollback, .applyingAnswer, .applyingOffer, .rollingBack:
            preconditionFailure("a local description failed that was not asked for")
        }
    }

    /// The remote description is in force. Returns it.
    mutating func remoteDescriptionApplied() -> Remote {
        switch phase {
        case .applyingAnswer(let answer):
            agreed(on: answer, answeredOurs: true)
            return answer
        case .applyingOffer(let offer):
            remote = offer.summary
            forgetOffers()
            phase = .owingAnswer(offer)
            return offer
        case .stable, .awaitingAnswer, .owingAnswer, .owingRollback, .makingOffer, .makingAnswer, .rollingBack:
            preconditionFailure("a remote description that was not asked for")
        }
    }

    /// The connection refused the remote description. Returns it.
    mutating func remoteDescriptionFailed(_ state: SignalingState) -> Remote {
        switch phase {
        case .applyingAnswer(let answer):
            phase = state == .haveLocalOffer ? .awaitingAnswer : .stable
            return answer
        case .applyingOffer(let offer):
            if state == .haveLocalOffer {
                phase = .awaitingAnswer
            } else {
                wasOffered = true
                // Our own offer is gone with the rollback that came first.
                isOfferWanted = isOfferWanted || unansweredOffers > 0
                forgetOffers()
                phase = state == .haveRemoteOffer ? .owingRollback : .stable
            }
            return offer
        case .stable, .awaitingAnswer, .owingAnswer, .owingRollback, .makingOffer, .makingAnswer, .rollingBack:
            preconditionFailure("a remote description failed that was not asked for")
        }
    }

    /// The server rejected an offer: no answer will come to it.
    mutating func offerRejected() { unansweredOffers = max(0, unansweredOffers - 1) }

    /// The rollback is done, or could not be.
    mutating func rolledBack() { phase = .stable }

    /// The connection was given up for a new one. What came for the old one does not act on it, but for offers (ICE-11).
    /// - Parameter signallingBroke: Whether signals may have been lost: the order of answers tells nothing any more.
    mutating func connectionReplaced(signallingBroke: Bool) {
        phase = .stable
        isOfferWanted = false
        isRestartWanted = false
        isOfferUnsent = false
        isAnswerUnsent = false
        hasNegotiated = false
        wasOffered = false
        remote = nil
        localFragment = nil
        answeredOurs = false
        deferDeadline = nil
        postponed = nil
        offerDeadline = nil
        unansweredOffers = max(0, unansweredOffers - answersSeen)
        answersSeen = 0
        heldAnswer = nil
        settleDeadline = nil
        guard signallingBroke else { return }
        forgetOffers()
        inbox = inbox.last { $0.description.kind == .offer }.map { [$0] } ?? []
    }

    /// Signalling is back and the connection was kept: an offer that stands may not have been delivered.
    mutating func signallingReady(at now: NIODeadline) {
        guard phase == .awaitingAnswer, !isOfferUnsent, options.offerTimeout > .zero else { return }
        repeatsLeft = options.offerRepeats + 1
        offerDeadline = now
    }

    // MARK: Helpers

    private mutating func agreed(on description: Remote, answeredOurs: Bool) {
        remote = description.summary
        history.record(remote: description.summary.usernameFragment, local: localFragment)
        hasNegotiated = true
        self.answeredOurs = answeredOurs
        forgetOffers()
        phase = .stable
    }

    /// No offer of ours stands.
    mutating func forgetOffers() {
        unansweredOffers = 0
        answersSeen = 0
        heldAnswer = nil
        settleDeadline = nil
        offerDeadline = nil
        deferDeadline = nil
        isOfferUnsent = false
    }
}
