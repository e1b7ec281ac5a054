extension MeteredPeerCore {
    // MARK: Entering

    /// Enters a channel. The completion is called once, after `joined` was told, or with the reason why not (BEY-02).
    package func join(_ channel: String, includeSenderMetadata: Bool = false, _ completion: @escaping Completion<Void>) {
        step { [self] in
            guard state == .idle, !isCloseRequested else { return completion(.failure(.invalidState(state))) }
            tellOptions()
            diagnose(.joinCalled(channel: channel, includeSenderMetadata: includeSenderMetadata))
            do throws(SignallingError) {
                _ = try ClientFrame.subscribe(channel: channel, includeSenderMetadata: includeSenderMetadata)
            } catch {
                return completion(.failure(tellFailedJoin(error)))
            }
            joinCompletion = completion
            shared.channel = channel
            includesSenderMetadata = includeSenderMetadata
            reconcile.join()
            transition(to: .joining)
            // A socket is kept after a rejected subscribe (BEY-02).
            guard signalling.state != .connected else { return subscribe() }
            signalling.connect { [weak self] result in
                self?.step { [weak self] in self?.connectFinished(result.map { _ in () }) }
            }
        }
    }

    private func connectFinished(_ result: Result<Void, SignallingError>) {
        guard state == .joining, !isCloseRequested else { return }
        switch result {
        case .success: subscribe()
        case .failure(let error): joinFailed(error)
        }
    }

    private func subscribe() {
        guard let channel else { preconditionFailure("a channel is chosen before it is subscribed") }
        signalling.subscribe(channel, includeSenderMetadata: includesSenderMetadata) { [weak self] result in
            self?.step { [weak self] in self?.subscribeFinished(channel, result) }
        }
    }

    /// What became of the first subscribe. Its acknowledgement was handled already (``SignallingCore/Notification/subscribeAcknowledged(channel:)``).
    private func subscribeFinished(_ channel: String, _ result: Result<Void, SignallingError>) {
        guard !isCloseRequested, let completion = joinCompletion else { return }
        switch result {
        case .success:
            joinCompletion = nil
            completion(.success(()))
        case .failure(let error):
            switch error {
            case .requestTimedOut:
                // The server may have subscribed us all the same.
                signalling.unsubscribe(channel) { _ in }
            case .disconnected, .notConnected: signalling.forget(channel)
            case .invalidURL, .invalidOptions, .invalidCredential, .invalidState, .connectFailed, .upgradeRejected, .tokenProviderFailed,
                .closed, .rejectedByServer, .invalidChannel, .invalidPeerID, .reservedChannel, .payloadTooLarge, .invalidPayload:
                break
            }
            joinFailed(error)
        }
    }

    private func joinFailed(_ error: SignallingError) {
        guard let completion = joinCompletion else { return }
        joinCompletion = nil
        reconcile.leave()
        earlySignals = []
        shared.channel = nil
        let failure = tellFailedJoin(error)
        transition(to: .idle)
        completion(.failure(failure))
    }

    private func tellFailedJoin(_ error: SignallingError) -> MeteredPeerError {
        let failure = MeteredPeerError(call: error)
        log(.warning, "join failed: \(failure)")
        diagnose(.joinFailed(failure))
        return failure
    }

    // MARK: Leaving

    /// Leaves for good, in any state (SIG-16). Called from inside a callback, nothing more of that step is told.
    package func close(reason: String? = nil, _ completion: @escaping () -> Void) {
        isCloseRequested = true
        step { [self] in
            switch state {
            case .closed: return completion()
            case .leaving: return closeCompletions.append(completion)
            case .idle, .joining, .joined, .reconnecting: break
            }
            closeCompletions.append(completion)
            diagnose(.closeCalled(reason: reason.map(Redaction.scrub)))
            let wasInChannel = state != .idle
            if wasInChannel { transition(to: .leaving) }
            finishJoin()
            leaveRoster()
            signalling.close(code: .normalClosure, reason: "client requested close") { [weak self] in
                self?.step { [weak self] in self?.end(reason: reason, tellsLeft: wasInChannel) }
            }
        }
    }

    /// The connection ended for good: error, peers, `closed`, left, in this order (ROS-12).
    func disconnectedForGood(code: CloseCode, reason: String) {
        report(.disconnected(code: code, reason: reason))
        leaveRoster()
        end(reason: reason.isEmpty ? "disconnected (code \(code.rawValue))" : reason, tellsLeft: true)
    }

    /// A join that the end of everything overtakes.
    private func finishJoin() {
        let completion = joinCompletion
        joinCompletion = nil
        completion?(.failure(.closed))
    }

    private func leaveRoster() {
        reconcile.leave()
        earlySignals = []
        updateTimer()
        for remote in remotePeers { remove(remote.id) }
        localMedia.removeAll()
    }

    /// The last word.
    private func end(reason: String?, tellsLeft: Bool) {
        guard state != .closed else { return }
        // Without a welcome the peer was never on its way into the channel.
        let channel = peerID == nil ? nil : channel
        shared.channel = nil
        transition(to: .closed)
        if tellsLeft {
            emit(
                .left(peerID: peerID, channel: channel, reason: reason),
                .left(peerID: peerID, channel: channel, reason: reason.map(Redaction.scrub)))
        }
        shared.hub.finish()
        let completions = closeCompletions
        closeCompletions = []
        for completion in completions { completion() }
    }
}

extension MeteredPeerError {
    /// The failure of a call to the signalling layer.
    init(call error: SignallingError) {
        switch error {
        case .closed: self = .closed
        case .invalidURL, .invalidOptions, .invalidCredential, .invalidState, .connectFailed, .upgradeRejected, .tokenProviderFailed,
            .notConnected, .disconnected, .requestTimedOut, .rejectedByServer, .invalidChannel, .invalidPeerID, .reservedChannel,
            .payloadTooLarge, .invalidPayload:
            self = .signalling(error)
        }
    }
}
