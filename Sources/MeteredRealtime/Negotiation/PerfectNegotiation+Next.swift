import NIOCore

extension PerfectNegotiation {
    /// What is to be done now. Performing it is taken for granted: the next call goes on from there.
    mutating func next(at now: NIODeadline, _ situation: Situation) -> Action {
        switch phase {
        case .makingOffer, .applyingAnswer, .applyingOffer, .makingAnswer, .rollingBack: return .wait
        case .owingAnswer(let offer):
            phase = .makingAnswer(offer)
            return .makeAnswer
        case .owingRollback:
            phase = .rollingBack
            return .rollBack
        case .stable, .awaitingAnswer: break
        }
        if isAnswerUnsent {
            isAnswerUnsent = false
            return .sendAnswer
        }
        guard situation.isSignallingReady else { return .wait }
        if isOfferUnsent { return sendOffer(at: now) }
        takePostponed(at: now)
        while !inbox.isEmpty {
            if let action = receive(inbox.removeFirst(), at: now, situation) { return action }
        }
        if let action = settle(at: now) { return action }
        if let action = makeOffer(at: now, situation) { return action }
        return repeatOffer(at: now, situation)
    }

    private mutating func receive(_ description: Remote, at now: NIODeadline, _ situation: Situation) -> Action? {
        switch description.description.kind {
        case .offer: receiveOffer(description, at: now, situation)
        case .answer: receiveAnswer(description, at: now, situation)
        case .provisionalAnswer, .rollback: .drop(description, reason: "neither an offer nor an answer")
        }
    }

    // MARK: Our offers

    private mutating func sendOffer(at now: NIODeadline) -> Action {
        isOfferUnsent = false
        unansweredOffers += 1
        repeatsLeft = options.offerRepeats
        offerDeadline = options.offerTimeout > .zero ? now + options.offerTimeout : nil
        return .sendOffer(isRepeat: false)
    }

    private mutating func makeOffer(at now: NIODeadline, _ situation: Situation) -> Action? {
        guard isOfferWanted, situation.connection != nil, situation.connection != .closed else { return nil }
        guard phase == .stable || isRestartWanted else { return nil }
        if situation.isPolite, !hasNegotiated, !wasOffered, !isRestartWanted, options.politeDefer > .zero {
            let due = deferDeadline ?? now + options.politeDefer
            deferDeadline = due
            guard due <= now else { return nil }
        }
        defer {
            isRestartWanted = false
            deferDeadline = nil
            offerDeadline = nil
            // An answer that still waits is for an earlier offer.
            heldAnswer = nil
            settleDeadline = nil
            phase = .makingOffer
        }
        return .makeOffer(restart: isRestartWanted)
    }

    private mutating func repeatOffer(at now: NIODeadline, _ situation: Situation) -> Action {
        guard let due = offerDeadline, due <= now, phase == .awaitingAnswer else { return .wait }
        offerDeadline = now + options.offerTimeout
        guard situation.repeatsOffers else { return .wait }
        guard repeatsLeft > 0 else {
            offerDeadline = nil
            return .unanswered
        }
        repeatsLeft -= 1
        return .sendOffer(isRepeat: true)
    }

    // MARK: Their offers

    private mutating func receiveOffer(_ offer: Remote, at now: NIODeadline, _ situation: Situation) -> Action? {
        guard !history.isEarlier(offer: offer.summary.usernameFragment) else { return .drop(offer, reason: "of an earlier generation") }
        // A closed connection never counts as a collision (BEY-27).
        let isClosed = situation.connection == nil || situation.connection == .closed
        let collides = phase == .awaitingAnswer && !isClosed
        let isOfNewConnection = remote.map { offer.summary.isOfAnotherConnection(than: $0) } ?? false
        if isClosed || isOfNewConnection {
            guard mayReplace(at: now) else { return postpone(offer) }
            return replace(at: now, for: offer, yields: !collides || situation.isPolite)
        }
        guard !collides || situation.isPolite else { return .drop(offer, reason: "collides with ours, which stands") }
        phase = .applyingOffer(offer)
        return .applyOffer(offer, yields: collides)
    }

    /// The new connection answers the offer; or, if ours prevails, makes its own, so that the remote peer's new connection gets one for sure.
    private mutating func replace(at now: NIODeadline, for offer: Remote, yields: Bool) -> Action {
        lastReplacement = now
        if yields {
            inbox.insert(offer, at: 0)
            unansweredOffers = 0
            answersSeen = 0
            heldAnswer = nil
            settleDeadline = nil
        }
        return .replace
    }

    private mutating func postpone(_ description: Remote) -> Action? {
        defer { postponed = description }
        return postponed.map { .drop($0, reason: "a newer one asks for a new connection") }
    }

    private mutating func takePostponed(at now: NIODeadline) {
        guard let due = replacementDeadline, due <= now, let description = postponed else { return }
        postponed = nil
        inbox.insert(description, at: 0)
    }

    private func mayReplace(at now: NIODeadline) -> Bool {
        lastReplacement.map { now >= $0 + options.replacementInterval } ?? true
    }

    // MARK: Their answers

    private mutating func receiveAnswer(_ answer: Remote, at now: NIODeadline, _ situation: Situation) -> Action? {
        let fragment = answer.summary.usernameFragment
        guard phase == .awaitingAnswer else { return receiveLateAnswer(answer, at: now, situation) }
        guard !history.isEarlier(answer: fragment, offer: localFragment) else { return .drop(answer, reason: "for an earlier offer") }
        if let remote, answer.summary.isOfAnotherConnection(than: remote) {
            guard mayReplace(at: now) else { return postpone(answer) }
            lastReplacement = now
            // Never to be taken for the answer to what the new connection offers.
            history.record(remote: fragment, local: localFragment)
            answersSeen += 1
            return .replace
        }
        let former = heldAnswer
        heldAnswer = answer
        settleDeadline = now + options.answerSettleTime
        // The same answer again: its offer was repeated.
        if let former, former.summary.usernameFragment == fragment { return nil }
        answersSeen += 1
        return former.map { .drop($0, reason: "for an earlier offer") }
    }

    /// An answer that comes when none is awaited shows, if its generation is new and nothing is connected, that the one that was taken was for an earlier
    /// offer.
    private mutating func receiveLateAnswer(_ answer: Remote, at now: NIODeadline, _ situation: Situation) -> Action {
        let isFresh = answer.summary.usernameFragment != nil && !history.knows(answer.summary.usernameFragment)
        let isDue = lastMismatch.map { now >= $0 + options.replacementInterval } ?? true
        guard isFresh, isDue, answeredOurs, !isOfferWanted, situation.connection != .connected else {
            return .drop(answer, reason: "no offer stands")
        }
        lastMismatch = now
        history.record(remote: answer.summary.usernameFragment, local: nil)
        return .recoverFromMismatch
    }

    /// Takes the newest answer once every offer is answered, or no newer one comes.
    private mutating func settle(at now: NIODeadline) -> Action? {
        guard phase == .awaitingAnswer, let answer = heldAnswer, let due = settleDeadline else { return nil }
        guard answersSeen >= unansweredOffers || due <= now else { return nil }
        heldAnswer = nil
        settleDeadline = nil
        phase = .applyingAnswer(answer)
        return .applyAnswer(answer)
    }
}
