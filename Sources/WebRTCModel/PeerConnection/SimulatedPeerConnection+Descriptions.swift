public import MeteredRealtime

/// Making and applying descriptions (webrtc-pc section 4.4.1.5 to 4.4.1.7, RFC 8829 section 5).
extension SimulatedPeerConnection {
    // MARK: Making

    /// See `PeerConnection`. Fails in another state than `stable` and `have-local-offer`.
    public func createOffer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        chain(completion) { [self] in SessionDescription(kind: .offer, sdp: try makeOffer().text) }
    }

    /// See `PeerConnection`. Fails without a remote offer.
    public func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        chain(completion) { [self] in SessionDescription(kind: .answer, sdp: try makeAnswer().text) }
    }

    private func makeOffer() throws(SimulatedPeerConnectionError) -> CreatedDescription {
        guard signaling.state == .stable || signaling.state == .haveLocalOffer else { throw .invalidState(signaling.state) }
        let mustRestart = !credentials.isEmpty || negotiation.restartsWithNextOffer
        let parameters = mustRestart ? ICEParameters(random: &random) : transport.local
        let previous = (descriptions.local ?? descriptions.remote)?.session.sections ?? []
        let builder = makeBuilder(parameters, setup: .actpass)
        let offer = builder.offer(after: previous, usedMids: negotiation.usedMids)
        let created = CreatedDescription(text: offer.session.text, session: offer.session, places: offer.places, parameters: parameters)
        negotiation.lastOffer = created
        return created
    }

    private func makeAnswer() throws(SimulatedPeerConnectionError) -> CreatedDescription {
        guard signaling.state == .haveRemoteOffer || signaling.state == .haveLocalProvisionalAnswer,
            let offer = descriptions.remote?.session
        else { throw .invalidState(signaling.state) }
        let parameters = isRestart(offer) ? ICEParameters(random: &random) : transport.local
        let session = makeBuilder(parameters, setup: answerSetup(to: offer)).answer(to: offer)
        let created = CreatedDescription(text: session.text, session: session, parameters: parameters)
        negotiation.lastAnswer = created
        return created
    }

    /// A remote offer with other credentials than those in use (RFC 8839 section 4.4.1.1.1).
    private func isRestart(_ offer: SDPSession) -> Bool {
        guard profile.ice.restart != .unsupported, let known = transport.remote, let new = offer.transport else { return false }
        return known.usernameFragment != new.usernameFragment || known.password != new.password
    }

    /// A connection keeps its DTLS role (RFC 8842 section 5.3); a new one's answerer is active, as RFC 8829 section 5.3.1 recommends.
    private func answerSetup(to offer: SDPSession) -> SDPSetup {
        if let role = transport.dtlsRole { return role == .client ? .active : .passive }
        return offer.transport?.setup == .active ? .passive : .active
    }

    private func makeBuilder(_ parameters: ICEParameters, setup: SDPSetup) -> DescriptionBuilder {
        DescriptionBuilder(
            identifier: negotiation.sessionIdentifier, version: negotiation.sessionVersion,
            transport: SDPTransport(
                usernameFragment: parameters.usernameFragment, password: parameters.password, trickles: profile.gathering.trickles,
                fingerprint: certificate.fingerprint, setup: setup),
            media: transceivers.map(\.asBuilderMedia),
            hasData: hasDataChannels
                || descriptions.remote?.session.sections.contains { $0.kind == .application && !$0.isRejected } == true,
            maximumMessageBytes: profile.sctp.maximumMessageBytes)
    }

    // MARK: Applying a local one

    /// See `PeerConnection`. A library that does not trickle (aiortc) completes only when all candidates are known.
    public func setLocalDescription(_ description: SessionDescription?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        chain(completion) { [self] finish in
            do {
                try applyLocal(description)
            } catch {
                return finish(.failure(error))
            }
            guard !profile.gathering.trickles, iceGatheringState != .complete, signaling.state != .closed, transport.hasGathered else {
                return finish(.success(()))
            }
            transport.whenGathered = { finish(.success(())) }
        }
    }

    private func applyLocal(_ description: SessionDescription?) throws(SimulatedPeerConnectionError) {
        let kind = description?.kind ?? implicitKind
        if kind == .rollback { return try rollBack(from: .local) }
        let created: CreatedDescription
        switch (kind, description) {
        case (.offer, nil): created = try makeOffer()
        case (_, nil): created = try makeAnswer()
        case (.offer, let given?): created = try lastCreated(negotiation.lastOffer, given)
        case (_, let given?): created = try lastCreated(negotiation.lastAnswer, given)
        }
        let action = try signaling.apply(kind, from: .local)
        descriptions.apply(AppliedDescription(kind: kind, session: created.session), from: .local, action)
        negotiation.sessionVersion += 1
        if kind == .offer {
            negotiation.restartsWithNextOffer = false
            associate(created)
        }
        useLocal(created.parameters)
        signalingChanged(action)
        // Handlers of events may close the connection.
        if kind != .offer, !isClosed { negotiated(action) }
        if !isClosed { gatherIfNeeded(created.session) }
    }

    /// What `setLocalDescription()` without argument means (section 4.4.1.5, "implicit").
    private var implicitKind: SessionDescription.Kind {
        switch signaling.state {
        case .stable, .haveLocalOffer, .haveRemoteProvisionalAnswer, .closed: .offer
        case .haveRemoteOffer, .haveLocalProvisionalAnswer: .answer
        }
    }

    /// Only what was created last can be set (section 4.4.1.5, step 4.5).
    private func lastCreated(_ last: CreatedDescription?, _ given: SessionDescription) throws(SimulatedPeerConnectionError)
        -> CreatedDescription
    {
        guard let last, last.text == given.sdp else { throw .invalidDescription("not the description that was created last") }
        return last
    }

    // MARK: Applying a remote one

    /// See `PeerConnection`.
    public func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        chain(completion) { [self] in try applyRemote(description) }
    }

    private func applyRemote(_ description: SessionDescription) throws(SimulatedPeerConnectionError) {
        if description.kind == .rollback { return try rollBack(from: .remote) }
        let session: SDPSession
        do {
            session = try SDPSession(parsing: description.sdp)
        } catch {
            throw .malformedDescription(error)
        }
        // Everything is checked before anything changes.
        var next = signaling
        let action = try next.apply(description.kind, from: .remote)
        try DescriptionCheck.fingerprint(session, known: transport.remoteFingerprint)
        if description.kind == .offer {
            let stable = descriptions.currentLocal ?? descriptions.currentRemote
            try DescriptionCheck.offer(session, after: stable?.session.sections ?? [])
        } else if let offer = descriptions.pendingLocal?.session {
            try DescriptionCheck.answer(session, to: offer)
        }
        if action == .rollBackAndSetPending { restoreStable() }
        signaling = next
        descriptions.apply(AppliedDescription(kind: description.kind, session: session), from: .remote, action)
        takeSections(session)
        signalingChanged(action)
        syncReceivers()
        if description.kind != .offer, !isClosed { negotiated(action) }
    }

    // MARK: Rollback

    private func rollBack(from side: SignalingMachine.Side) throws(SimulatedPeerConnectionError) {
        let action = try signaling.apply(.rollback, from: side)
        descriptions.apply(nil, from: side, action)
        restoreStable()
        signalingChanged(action)
        syncReceivers()
    }

    /// What a pending offer changed is as it was (RFC 8829 section 4.1.10.2).
    private func restoreStable() {
        for transceiver in transceivers {
            let stable = negotiation.stable.first { $0.transceiver === transceiver }
            transceiver.negotiation = stable?.negotiation ?? Transceiver.Negotiation()
        }
        transport.pendingRemoteCandidates = []
        if descriptions.currentLocal == nil, transport.hasGathered {
            // A transport that only this offer had is gone, in libwebrtc too: the peer never took its candidates, so the next description has others.
            useLocal(ICEParameters(random: &random))
            transport.stableLocal = transport.local
        } else {
            useLocal(transport.stableLocal)
        }
    }

    private func signalingChanged(_ action: SignalingMachine.Action) {
        let state = signaling.state
        if state == .stable {
            negotiation.isNeeded = false
            if action == .complete { credentials.becameStable(descriptions) }
            updateNegotiationNeeded()
        }
        guard transport.reportedSignaling != state else { return }
        // An implicit rollback passes through stable; webrtc-pc fires for the final state only.
        transport.reportedSignaling = state
        emit(.signalingStateChange(state))
    }
}
