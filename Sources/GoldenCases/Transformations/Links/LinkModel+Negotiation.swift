import CompactJSON

extension LinkModel {
    /// How long the polite side waits for the other's offer (ICE-08, the official SDK's value).
    private static let politeDefer: Int64 = 2000
    /// The least time between two rebuilds that the remote peer causes.
    private static let cooldown: Int64 = 2000

    /// One thing at a time is done with the connection: the body, when its turn comes, until it releases.
    func locked(_ wrapper: Wrapper, _ body: @escaping (_ release: @escaping () -> Void) -> Void) {
        let turn = { [self] in
            guard !wrapper.isClosed else { return }
            body { [self] in release(wrapper) }
        }
        if wrapper.isLocked { return wrapper.locked.append(turn) }
        wrapper.isLocked = true
        turn()
    }

    private func release(_ wrapper: Wrapper) {
        guard !wrapper.locked.isEmpty else {
            wrapper.isLocked = false
            return
        }
        wrapper.locked.removeFirst()()
    }

    // MARK: Our offers

    /// Something of ours is to be negotiated.
    func negotiate(_ wrapper: Wrapper) {
        wrapper.isDirty = true
        guard !wrapper.isNegotiating else { return }
        wrapper.isNegotiating = true
        after(0, wrapper) { [self] in continueNegotiating(wrapper) }
    }

    private func continueNegotiating(_ wrapper: Wrapper) {
        guard wrapper.isDirty else {
            wrapper.isNegotiating = false
            return
        }
        // An offer that stands comes first; what it leaves out is offered behind its answer.
        if has(.inPlace), !wrapper.connection.isStable, !wrapper.wantsRestart {
            wrapper.isNegotiating = false
            return
        }
        guard wrapper.isPolite, !wrapper.hasNegotiated, !wrapper.wantsRestart, !wrapper.wasOffered else { return offer(wrapper) }
        var isOver = false
        let go = { [self] in
            guard !isOver else { return }
            isOver = true
            wrapper.onRemoteOffer = nil
            guard wrapper.isDirty else {
                wrapper.isNegotiating = false
                return
            }
            offer(wrapper)
        }
        wrapper.onRemoteOffer = { [self] in after(0, wrapper, go) }
        after(Self.politeDefer, wrapper, go)
    }

    /// Makes an offer and sends it, then the end of candidates; each waits for its acknowledgement.
    private func offer(_ wrapper: Wrapper) {
        if has(.inPlace) { return offerInPlace(wrapper) }
        wrapper.isDirty = false
        wrapper.isMakingOffer = true
        locked(wrapper) { [self] release in
            let connection = wrapper.connection
            wrapper.isDirty = false
            let media = media(connection)
            let fragment: JSONValue = media.isEmpty ? .null : .string("l-\(scene.id)-\(connection.ordinal)")
            connection.isStable = false
            connection.isUsed = true
            let isCurrent = { connection === wrapper.connection }
            after(scene.scripted.peerConnections.gathering.milliseconds, wrapper) { [self] in
                release()
                guard isCurrent() else { return offered(wrapper) }
                let payload: JSONObject = ["sig": "offer", "ufrag": fragment, "media": .array(media.map(JSONValue.string))]
                send(payload, offering: media) { [self] delivery in sent(delivery, isCurrent, wrapper) }
            }
        }
    }

    private func sent(_ delivery: Delivery, _ isCurrent: @escaping () -> Bool, _ wrapper: Wrapper) {
        guard !wrapper.isClosed else { return }
        if let error = delivery.errorName {
            // That there was no connection, the states say already.
            if isCurrent(), !(has(.skippedRungs) && delivery.isLocal) { fail(error) }
            return offered(wrapper)
        }
        wrapper.hasNegotiated = true
        guard isCurrent() else { return offered(wrapper) }
        send(["sig": "ice-end"]) { [self] delivery in
            if let error = delivery.errorName, isCurrent(), !wrapper.isClosed { fail(error) }
            offered(wrapper)
        }
    }

    private func offered(_ wrapper: Wrapper) {
        guard !wrapper.isClosed else { return }
        wrapper.isMakingOffer = false
        continueNegotiating(wrapper)
    }

    func takeAnswer(_ fragment: String?, _ media: [String], _ wrapper: Wrapper) {
        let connection = wrapper.connection
        guard !connection.isStable else { return takeLateAnswer(fragment, wrapper) }
        if has(.generations), isOfEarlierGeneration(answer: fragment, to: connection) { return }
        if scene.scripted.peerConnections.refusedDescriptions[scene.id] != nil { return fail("ValueError") }
        connection.isStable = true
        connection.remoteFragment = fragment ?? ""
        wrapper.hasNegotiated = true
        connection.answeredOurs = true
        record(fragment, local: connection.ordinal)
        agreed(media, wrapper)
        if has(.inPlace) { return settledInPlace(wrapper) }
        followUp(wrapper)
    }

    func agreed(_ media: [String], _ wrapper: Wrapper) {
        let connection = wrapper.connection
        settle(media, connection)
        guard connection.ordinal > connection.negotiated, !media.isEmpty else { return }
        connection.negotiated = connection.ordinal
        start(connection, of: wrapper, on: .negotiated)
    }

    /// What did not fit into the exchange is offered, once.
    private func followUp(_ wrapper: Wrapper) {
        guard isUnsatisfied(wrapper.connection) else {
            wrapper.hasFollowedUp = false
            return
        }
        guard !wrapper.hasFollowedUp else { return }
        wrapper.hasFollowedUp = true
        negotiate(wrapper)
    }

    // MARK: The remote peer's descriptions

    func receive(_ description: LinkScene.RemoteDescription) {
        guard let wrapper else { return }
        locked(wrapper) { [self] release in
            if description.isOffer {
                takeOffer(description, wrapper, release)
            } else {
                takeAnswer(description.userFragment, description.media, wrapper)
                release()
            }
        }
    }

    private func takeOffer(_ offer: LinkScene.RemoteDescription, _ wrapper: Wrapper, _ release: @escaping () -> Void) {
        if has(.inPlace) { return takeOfferInPlace(offer, wrapper, release) }
        let isCollision = wrapper.isMakingOffer || !wrapper.connection.isStable
        let isRestart = wrapper.connection.remoteFragment.map { $0 != offer.userFragment } ?? false
        func done() {
            let waiting = wrapper.onRemoteOffer
            wrapper.onRemoteOffer = nil
            release()
            waiting?()
        }
        if isCollision, !wrapper.isPolite { return done() }
        if isCollision || isRestart {
            guard now - wrapper.lastRebuild >= Self.cooldown else { return done() }
            wrapper.lastRebuild = now
            rebuild(wrapper)
        }
        let connection = wrapper.connection
        if scene.scripted.peerConnections.refusedDescriptions[scene.id] != nil {
            fail("ValueError")
            return done()
        }
        connection.remoteFragment = offer.userFragment
        connection.isStable = true
        connection.isUsed = true
        after(scene.scripted.peerConnections.gathering.milliseconds, wrapper) { [self] in
            guard connection === wrapper.connection else { return done() }
            agreed(offer.media, wrapper)
            answer(offer.media, connection, wrapper, done)
        }
    }

    private func answer(_ media: [String], _ connection: Connection, _ wrapper: Wrapper, _ done: @escaping () -> Void) {
        let payload: JSONObject = [
            "sig": "answer", "ufrag": .string("l-\(scene.id)-\(connection.ordinal)"), "media": .array(media.map(JSONValue.string)),
        ]
        send(payload) { [self] delivery in
            guard !wrapper.isClosed else { return }
            if let error = delivery.errorName {
                fail(error)
                return done()
            }
            send(["sig": "ice-end"]) { [self] delivery in
                guard !wrapper.isClosed else { return }
                if let error = delivery.errorName {
                    fail(error)
                    return done()
                }
                wrapper.hasNegotiated = true
                if isUnsatisfied(connection) {
                    followUp(wrapper)
                } else {
                    wrapper.isDirty = false
                    wrapper.hasFollowedUp = false
                }
                done()
            }
        }
    }
}

extension LinkModel.Delivery {
    /// Whether the signal never left.
    var isLocal: Bool {
        if case .notConnected = self { true } else { false }
    }
}
