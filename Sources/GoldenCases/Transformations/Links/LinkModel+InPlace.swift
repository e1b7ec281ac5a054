import CompactJSON

/// Negotiation as we decided it: on one connection, with restarts, a rollback, and signals that wait for each other but not for the exchange.
extension LinkModel {
    /// Makes an offer when no exchange is under way; a restart does not wait for that.
    func offerInPlace(_ wrapper: Wrapper) {
        let connection = wrapper.connection
        wrapper.isNegotiating = false
        guard connection.isStable || wrapper.wantsRestart, !isHeldBack else { return }
        if wrapper.wantsRestart, connection.isUsed {
            connection.ordinal = nextOrdinal()
            start(connection, of: wrapper, on: .created)
        }
        wrapper.wantsRestart = false
        wrapper.isDirty = false
        connection.isStable = false
        connection.isUsed = true
        let media = media(connection)
        let ordinal = connection.ordinal
        after(scene.scripted.peerConnections.gathering.milliseconds, wrapper) { [self] in
            guard connection === wrapper.connection, connection.ordinal == ordinal, !connection.isStable else { return }
            post(description("offer", media, connection), offering: media, wrapper)
        }
    }

    /// An exchange is complete: what it left out is offered.
    func settledInPlace(_ wrapper: Wrapper) {
        if wrapper.isDirty || isUnsatisfied(wrapper.connection) { negotiate(wrapper) }
    }

    /// A remote offer: ours is rolled back if we are polite; on a closed connection it is taken by a new one (ICE-11, BEY-27).
    func takeOfferInPlace(_ offer: LinkScene.RemoteDescription, _ wrapper: Wrapper, _ release: @escaping () -> Void) {
        defer { release() }
        if has(.generations), isOfEarlierGeneration(offer: offer.userFragment) { return }
        let isOver = wrapper.connection.state == .closed
        if !wrapper.connection.isStable, !wrapper.isPolite, !isOver { return }
        if isOver { rebuild(wrapper) }
        let connection = wrapper.connection
        if scene.scripted.peerConnections.refusedDescriptions[scene.id] != nil {
            wrapper.wasOffered = true
            fail("ValueError")
            let waiting = wrapper.onRemoteOffer
            wrapper.onRemoteOffer = nil
            waiting?()
            return
        }
        let isNew = connection.remoteFragment.map { $0 != offer.userFragment } ?? false
        // An offer that began a generation takes its credentials with it.
        let isRolledBack = !connection.isStable && connection.ordinal > connection.negotiated
        if connection.isUsed, isNew || isRolledBack { connection.ordinal = nextOrdinal() }
        connection.remoteFragment = offer.userFragment
        connection.isStable = true
        connection.isUsed = true
        after(scene.scripted.peerConnections.gathering.milliseconds, wrapper) { [self] in
            guard connection === wrapper.connection else { return }
            wrapper.hasNegotiated = true
            connection.answeredOurs = false
            record(offer.userFragment, local: connection.ordinal)
            wrapper.isDirty = false
            wrapper.onRemoteOffer = nil
            wrapper.isNegotiating = false
            agreed(offer.media, wrapper)
            post(description("answer", offer.media, connection), offering: nil, wrapper)
            settledInPlace(wrapper)
        }
    }

    private func description(_ kind: String, _ media: [String], _ connection: Connection) -> JSONObject {
        let fragment: JSONValue = media.isEmpty ? .null : .string("l-\(scene.id)-\(connection.ordinal)")
        return ["sig": .string(kind), "ufrag": fragment, "media": .array(media.map(JSONValue.string))]
    }

    // MARK: Signals in order

    /// Sends a description and the end of its candidates, behind what waits; a new generation does not wait for an older one.
    private func post(_ payload: JSONObject, offering media: [String]?, _ wrapper: Wrapper) {
        let ordinal = wrapper.connection.ordinal
        if let awaited = wrapper.awaited, awaited.ordinal != ordinal {
            wrapper.awaited = nil
            wrapper.waiting.removeAll { $0.ordinal == awaited.ordinal && !$0.isDescription }
        }
        wrapper.waiting.append(Signal(payload: payload, offering: media, ordinal: ordinal))
        wrapper.waiting.append(Signal(payload: ["sig": "ice-end"], offering: nil, ordinal: ordinal))
        drain(wrapper)
    }

    private func drain(_ wrapper: Wrapper) {
        while wrapper.awaited == nil, !wrapper.waiting.isEmpty, !wrapper.isClosed, !isHeldBack {
            let signal = wrapper.waiting.removeFirst()
            wrapper.awaited = signal
            send(signal.payload, offering: signal.offering) { [self] delivery in
                if wrapper.awaited == signal { wrapper.awaited = nil }
                guard !wrapper.isClosed else { return }
                report(delivery, of: signal, wrapper)
                drain(wrapper)
            }
        }
    }

    /// Only a description that is not delivered is an error; one that was rejected takes its candidates with it (WIRE-11).
    private func report(_ delivery: Delivery, of signal: Signal, _ wrapper: Wrapper) {
        guard let error = delivery.errorName else { return }
        let isLost = !has(.lateCandidates) || delivery.isRejection
        if isLost, signal.isDescription { wrapper.waiting.removeAll { $0.ordinal == signal.ordinal && !$0.isDescription } }
        guard signal.isDescription || !has(.lateCandidates), signal.ordinal == wrapper.connection.ordinal, !delivery.isLocal else { return }
        fail(error)
    }
}

extension LinkModel.Delivery {
    fileprivate var isRejection: Bool {
        if case .rejected = self { true } else { false }
    }
}
