import NIOCore

/// Offers, answers and candidates: performs what ``PerfectNegotiation``, ``CandidateGate`` and ``SignalQueue`` decide.
extension PeerLink {
    // MARK: In

    func take(_ signal: PeerSignal) {
        diagnose(.signalReceived(SignalRecord(signal)))
        switch signal {
        case .description(let description):
            let remote = PerfectNegotiation.Remote(description)
            gate.announce(remote.summary)
            if let dropped = negotiation.receive(remote) { drop(dropped, "too many descriptions wait") }
        case .candidate(let candidate): take(candidate, signal)
        case .endOfCandidates: take(nil, signal)
        case .trackMetadata(let metadata): environment.observe(.trackMetadata(metadata))
        }
    }

    private func take(_ candidate: ICECandidate?, _ signal: PeerSignal) {
        switch gate.receive(candidate) {
        case .add: add(candidate)
        case .hold: break
        case .drop(let reason): diagnose(.signalDropped(SignalRecord(signal), reason: reason))
        }
    }

    private func add(_ candidate: ICECandidate?) {
        guard let connection, transportState != .closed else { return }
        let ordinal = ordinal
        connection.addICECandidate(candidate) { [weak self] result in
            guard case .failure(let error) = result else { return }
            self?.step(of: ordinal) { $0.refused(candidate, RedactedError(error)) }
        }
    }

    private func refused(_ candidate: ICECandidate?, _ error: RedactedError) {
        let signal = candidate.map(PeerSignal.candidate) ?? .endOfCandidates
        diagnose(.signalDropped(SignalRecord(signal), reason: "refused: \(error)"))
        guard candidate != nil, !hasReportedCandidate else { return }
        hasReportedCandidate = true
        environment.observe(.iceCandidateFailed(.candidateRefused(error)))
    }

    private func drop(_ remote: PerfectNegotiation.Remote, _ reason: String) {
        diagnose(.signalDropped(SignalRecord(remote.description, remote.summary), reason: reason))
        gate.discarded(remote.summary)
    }

    /// Signalling is lost: what came over it and waits is void, as a snapshot is (ROS-08). Its sender may have given up long ago what it offered, and offers
    /// again what still stands (BEY-16).
    func dropWaitingDescriptions() {
        for remote in negotiation.inbox { drop(remote, "signalling was lost since") }
        negotiation.inbox = []
    }

    // MARK: The exchange

    func runNegotiation() {
        while !isClosed {
            let situation = PerfectNegotiation.Situation(
                isPolite: isPolite, isSignallingReady: isSignallingReady, connection: connection.map { _ in transportState },
                repeatsOffers: !ladder.isActive)
            switch negotiation.next(at: now, situation) {
            case .wait: return
            case .makeOffer(let restart): makeOffer(restart: restart)
            case .sendOffer(let isRepeat): sendDescription(.offer, isRepeat: isRepeat)
            case .applyOffer(let offer, let yields):
                if yields { rungOutcome(.yielded) }
                if environment.iceServers() != iceServers { updateConfiguration() }
                apply(offer)
            case .makeAnswer: makeDescription(.answer)
            case .sendAnswer: sendDescription(.answer, isRepeat: false)
            case .applyAnswer(let answer): apply(answer)
            case .rollBack: rollBack()
            case .drop(let remote, let reason): drop(remote, reason)
            case .replace: replace()
            case .recoverFromMismatch:
                diagnose(.iceRestart(.answerMismatch))
                negotiation.restart()
            case .unanswered: startLadder(.unansweredOffer)
            }
        }
    }

    private func makeOffer(restart: Bool) {
        if restart {
            updateConfiguration()
            connection?.restartICE()
        }
        makeDescription(.offer)
    }

    private func makeDescription(_ kind: SessionDescription.Kind) {
        let ordinal = ordinal
        connection?.setLocalDescription(nil) { [weak self] result in
            self?.step(of: ordinal) { $0.made(kind, result) }
        }
    }

    private func made(_ kind: SessionDescription.Kind, _ result: Result<Void, any Error>) {
        guard let connection else { return }
        switch result {
        case .success:
            guard let description = connection.localDescription, description.kind == kind else {
                return notMade(kind, RedactedError(UnexpectedDescription()))
            }
            negotiation.localDescriptionMade(DescriptionSummary(description.sdp))
            if kind == .answer { agreed() }
        case .failure(let error): notMade(kind, RedactedError(error))
        }
    }

    private func notMade(_ kind: SessionDescription.Kind, _ error: RedactedError) {
        negotiation.localDescriptionFailed(connection?.signalingState ?? .closed)
        if kind == .offer { rungOutcome(.failed("\(error)")) }
        fail(.descriptionNotMade(kind, error))
    }

    private func apply(_ remote: PerfectNegotiation.Remote) {
        let ordinal = ordinal
        connection?.setRemoteDescription(remote.description) { [weak self] result in
            self?.step(of: ordinal) { $0.applied(result) }
        }
    }

    private func applied(_ result: Result<Void, any Error>) {
        switch result {
        case .success:
            let remote = negotiation.remoteDescriptionApplied()
            negotiationSections = remote.summary.sections
            hasReportedCandidate = false
            gate.applied(remote.summary).forEach(add)
            guard remote.description.kind == .answer else { return }
            rungOutcome(.answered)
            agreed()
        case .failure(let error):
            let remote = negotiation.remoteDescriptionFailed(connection?.signalingState ?? .closed)
            drop(remote, "refused")
            fail(.descriptionRefused(remote.description.kind, RedactedError(error)))
        }
    }

    /// A link that is connected all the while does not say so again (BEY-16).
    private func agreed() {
        if transportState == .connected { suspendLadder() }
        if !negotiationSections.isEmpty { stuck.agreed(at: now, in: transportState) }
    }

    private func rollBack() {
        let ordinal = ordinal
        connection?.setRemoteDescription(SessionDescription(kind: .rollback, sdp: "")) { [weak self] _ in
            self?.step(of: ordinal) { $0.negotiation.rolledBack() }
        }
    }

    private func replace() {
        negotiation.connectionReplaced(signallingBroke: false)
        replaceConnection(.replaced)
        guard connection == nil else { return }
        // Nothing to answer with.
        for remote in negotiation.inbox { drop(remote, "no connection could be made") }
        negotiation.inbox = []
    }

    // MARK: Out

    private func sendDescription(_ kind: SessionDescription.Kind, isRepeat: Bool) {
        guard let description = connection?.localDescription, description.kind == kind else {
            return diagnose(.note("the \(kind.rawValue) is gone before it was sent"))
        }
        // What was lost with the offer are its tracks' metadata as well.
        if isRepeat { tracks.forEach(sendMetadata(of:)) }
        queue.append(description, generation: negotiation.localFragment, isRepeat: isRepeat)
    }

    func trickle(_ candidate: ICECandidate?) {
        guard queue.append(candidate, isDescriptionPending: negotiation.isDescriptionPending) else {
            let signal = candidate.map(PeerSignal.candidate) ?? .endOfCandidates
            return diagnose(.signalDropped(SignalRecord(signal), reason: "its description was not delivered, or is superseded"))
        }
    }

    func drainQueue() {
        while !isClosed, let item = queue.next() {
            let requestID = environment.nextRequestID()
            var record = SignalRecord(item.signal, isRepeat: item.isRepeat)
            record.requestID = requestID
            diagnose(.signalSent(record))
            if record.kind == .offer, !item.isRepeat { rungOutcome(.offerSent) }
            environment.send(item.signal, requestID) { [weak self, record] result in
                self?.step { $0.delivered(item, record, result) }
            }
        }
    }

    private func delivered(_ item: SignalQueue.Item, _ record: SignalRecord, _ result: Result<Void, SignallingError>) {
        queue.finished(item)
        guard case .failure(let error) = result else { return }
        diagnose(.signalFailed(record, error))
        guard case .description(let description) = item.signal else { return }
        if error.meansRejection {
            if description.kind == .offer, !item.isRepeat { negotiation.offerRejected() }
            for dropped in queue.rejected(item.generation) {
                diagnose(.signalDropped(SignalRecord(dropped.signal), reason: "its description was rejected"))
            }
        }
        guard !item.isRepeat, item.generation == negotiation.localFragment ?? "", !error.meansNoConnection else { return }
        fail(.notDelivered(description.kind, error))
    }
}

/// The library made another kind of description than its state called for.
struct UnexpectedDescription: Error, CustomStringConvertible {
    var description: String { "the library made no such description" }
}

extension SignallingError {
    /// The remote peer will never see the signal.
    fileprivate var meansRejection: Bool {
        switch self {
        case .rejectedByServer, .payloadTooLarge, .invalidPayload, .invalidPeerID: true
        case .invalidURL, .invalidOptions, .invalidCredential, .invalidState, .connectFailed, .upgradeRejected, .tokenProviderFailed,
            .closed,
            .notConnected, .disconnected, .requestTimedOut, .invalidChannel, .reservedChannel:
            false
        }
    }

    /// There was no connection to send on: the state says so already.
    fileprivate var meansNoConnection: Bool {
        switch self {
        case .notConnected, .closed: true
        case .rejectedByServer, .payloadTooLarge, .invalidPayload, .invalidPeerID, .invalidURL, .invalidOptions, .invalidCredential,
            .invalidState, .connectFailed, .upgradeRejected, .tokenProviderFailed, .disconnected, .requestTimedOut, .invalidChannel,
            .reservedChannel:
            false
        }
    }
}
