extension MeteredPeerCore {
    /// The operating system reports a change of the network path (SIG-19).
    package func networkPathChanged(oldPathGone: Bool) {
        step { [self] in
            diagnose(.networkPathChanged(oldPathGone: oldPathGone))
            signalling.networkPathChanged(oldPathGone: oldPathGone)
            guard oldPathGone else { return }
            // After what the signalling layer had to tell: whether there is a connection to signal over.
            step { [self] in for entry in orderedEntries { entry.link.restartICE() } }
        }
    }

    // MARK: From the signalling layer

    func received(_ notification: SignallingCore.Notification) {
        guard !isCloseRequested else { return }
        switch notification {
        case .subscribeAcknowledged(let channel):
            guard channel == self.channel else { return }
            perform(reconcile.acknowledged())
        case .event(let event): received(event)
        }
    }

    private func received(_ event: SignallingEvent) {
        switch event {
        case .connected(let welcome, _): welcomed(welcome)
        case .disconnected(let code, let reason, let willReconnect): disconnected(code, reason, willReconnect: willReconnect)
        case .presence(let channel, let joined, let left):
            guard channel == self.channel else { return }
            perform(reconcile.presence(joined: joined, left: left))
        case .message(let channel, let from, let data, let metadata):
            guard channel == self.channel, !reconcile.own.contains(from) else { return }
            emit(PeerData(kind: .broadcast, from: from, data: data, senderMetadata: metadata))
        case .direct(let from, let data, let metadata): direct(from: from, data: data, metadata: metadata)
        case .serverError(let code, let message, _):
            if event.requiresAction { report(.serverError(code: code, message: message)) }
        case .tokenProviderFailed(let count, let error): report(.tokenProviderFailed(consecutiveFailures: count, error: error))
        case .subscriptionReplayFailed(let channel, let error): replayFailed(channel, error)
        case .upgradeRejected(let status): report(.signalling(.upgradeRejected(status: status)))
        case .stateChanged, .goingAway: break
        }
    }

    private func welcomed(_ welcome: Welcome) {
        shared.peerID = welcome.peerID
        diagnose(.iceServers(ICEServersRecord(signalling.iceServers ?? []), ICEServersChange(welcome)))
        perform(reconcile.welcomed(as: welcome.peerID, at: eventLoop.now))
    }

    /// ROS-01 and ROS-12. While joining, the failure of the call that was under way comes first and ends the join.
    private func disconnected(_ code: CloseCode, _ reason: String, willReconnect: Bool) {
        switch state {
        case .joined, .reconnecting:
            guard willReconnect else { return disconnectedForGood(code: code, reason: reason) }
            perform(reconcile.connectionLost())
            for entry in orderedEntries { entry.link.signallingLost() }
            if isTelling { transition(to: .reconnecting) }
        case .idle, .joining:
            // Nobody needs the connection (BEY-02).
            if willReconnect { signalling.close(code: .normalClosure, reason: "") {} }
        case .leaving, .closed: break
        }
    }

    private func replayFailed(_ channel: String, _ error: SignallingError) {
        guard channel == self.channel else { return }
        if case .rejectedByServer = error { reconcile.replayRejected() }
        updateTimer()
        report(.resubscribeFailed(channel: channel, error: error))
    }

    // MARK: The reconcile

    func deadlinePassed() { perform(reconcile.timerFired(at: eventLoop.now)) }

    /// Performs what the reconcile decided, in order. If the application closes the peer meanwhile, the rest is left out.
    func perform(_ actions: [Reconcile.Action]) {
        var kept: [RosterEntry] = []
        for action in actions where isTelling {
            switch action {
            case .takeSnapshot(let joined):
                guard let channel else { preconditionFailure("a snapshot without a channel") }
                diagnose(.snapshot(channel: channel, joined: joined.prefix(1_024).map(\.redacted)))
            case .remove(let peerID): remove(peerID)
            case .refresh(let peerID, let metadata, let isSurvivor):
                if let entry = refresh(peerID, metadata: metadata, isSurvivor: isSurvivor) { kept.append(entry) }
            case .enter: enter(kept)
            case .admit(let peerID, let metadata): admit(peerID, metadata: metadata)
            case .refuse(let peerID):
                diagnose(.peerNotAdmitted(peerID: peerID))
                log(.warning, "the roster is full: \(peerID) waits for a place")
            case .beginWait: diagnose(.reconcile(.awaiting))
            case .forceSubscribe(let attempt): forceSubscribe(attempt)
            case .reportTimeout: reportTimeout()
            case .supersede: diagnose(.reconcile(.superseded))
            }
        }
        dropEarlySignals()
        updateTimer()
    }

    /// ROS-07: `joined`, and after it what links that were kept have to say.
    private func enter(_ kept: [RosterEntry]) {
        guard let channel, let peerID else { preconditionFailure("joined without a welcome") }
        let isFirst = state == .joining
        transition(to: .joined)
        guard isTelling else { return }
        if isFirst { emit(.joined(peerID: peerID, channel: channel), .joined(peerID: peerID, channel: channel)) }
        for entry in kept where isTelling { entry.link.signallingReady() }
    }

    private func forceSubscribe(_ attempt: Int) {
        guard let channel else { preconditionFailure("a reconcile without a channel") }
        diagnose(.reconcile(.forcedSubscribe(attempt: attempt)))
        log(.warning, "no snapshot of \(channel): subscribing again")
        signalling.subscribe(channel, includeSenderMetadata: includesSenderMetadata, staysTracked: true) { [weak self] result in
            self?.step { [weak self] in self?.forcedSubscribeEnded(result) }
        }
    }

    private func forcedSubscribeEnded(_ result: Result<Void, SignallingError>) {
        if case .failure(let error) = result { log(.warning, "the forced subscribe failed: \(error)") }
        reconcile.forcedSubscribeEnded(at: eventLoop.now)
        updateTimer()
    }

    private func reportTimeout() {
        guard let channel else { preconditionFailure("a reconcile without a channel") }
        diagnose(.reconcile(.timedOut))
        report(.reconcileTimedOut(channel: channel, forcedSubscribes: options.forcedSubscribes))
    }
}

extension ICEServersChange {
    fileprivate init(_ welcome: Welcome) {
        if welcome.iceServers != nil {
            self = .taken
        } else {
            self = welcome.metadata?["iceServers"] == nil ? .kept : .discarded
        }
    }
}
