import NIOCore

extension SignallingCore {
    // MARK: Calls

    /// Starts a session (SIG-15). The completion is called once: with the welcome, or with the reason why there was none (SIG-14).
    package func connect(_ completion: @escaping Completion<Welcome>) {
        step { [self] in
            guard lifecycle.connect() else { return completion(.failure(.invalidState(state))) }
            diagnose(.connectCalled)
            connectCompletion = completion
            transition(to: .connecting)
            startAttempt(0)
        }
    }

    /// The operating system reports a change of the network path (SIG-19).
    package func networkPathChanged(oldPathGone: Bool) {
        step { [self] in
            diagnose(.networkPathChanged(oldPathGone: oldPathGone))
            switch lifecycle.phase {
            case .backingOff: shortenWait()
            case .connected where oldPathGone:
                log(.info, "the network path is gone")
                connection?.abort()
                socketEnded(code: .abnormalClosure, reason: "network path gone", redialAtOnce: true)
            case .connected: probePath()
            case .idle, .requestingCredential, .dialling, .awaitingWelcome, .leaving, .closing, .closed: break
            }
        }
    }

    // MARK: An attempt

    /// The wait is over: fetches the credential, then dials. `attempt` is SIG-01's n, 0 for a first connect.
    func startAttempt(_ attempt: Int) {
        attemptOrdinal += 1
        lastAttemptStart = now
        diagnose(.attemptStarted(reconnectAttempt: attempt, ordinal: attemptOrdinal))
        switch credential {
        case .publishableKey(let key):
            lifecycle.credentialReady()
            dial(ResolvedCredential(kind: .key, value: key))
        case .tokenProvider(let provider): requestToken(provider, ordinal: attemptOrdinal)
        }
    }

    private func requestToken(_ provider: @escaping @Sendable () async throws -> String, ordinal: Int) {
        diagnose(.tokenRequested(ordinal: ordinal))
        let promise = connector.eventLoop.makePromise(of: String.self)
        setTimer(.token, at: now + options.tokenProviderTimeout) { core in
            core.finishToken(.failure(TokenProviderTimeout()), ordinal: ordinal)
        }
        promise.futureResult.assumeIsolated().whenComplete { [weak self] result in
            self?.step { [weak self] in self?.finishToken(result, ordinal: ordinal) }
        }
        tokenTask = promise.completeWithTask(provider)
    }

    /// Ends a token call: with its result, or with a timeout, whichever is first.
    private func finishToken(_ result: Result<String, any Error>, ordinal: Int) {
        guard lifecycle.phase == .requestingCredential, ordinal == attemptOrdinal else { return }
        timers.cancel(.token)
        tokenTask?.cancel()
        tokenTask = nil
        switch result {
        case .success(let token) where !token.isEmpty:
            diagnose(.tokenReceived(ordinal: ordinal))
            lifecycle.credentialReady()
            dial(ResolvedCredential(kind: .token, value: token))
        case .success: tokenFailed(RedactedError(EmptyToken()), ordinal: ordinal)
        case .failure(let error): tokenFailed(RedactedError(error), ordinal: ordinal)
        }
    }

    private func tokenFailed(_ error: RedactedError, ordinal: Int) {
        diagnose(.tokenFailed(ordinal: ordinal, error: error))
        log(.warning, "token provider failed: \(error)")
        ended(.token(error), reason: .tokenProviderFailed)
    }

    private func dial(_ credential: ResolvedCredential) {
        diagnose(.dialling(host: baseURL.host, port: baseURL.port, tls: baseURL.isSecure))
        log(.debug, "dialling \(baseURL.host):\(baseURL.port), attempt \(attemptOrdinal)")
        let connection = WebSocketConnection(
            to: baseURL, connector: connector, nonces: nonces, maximumMessageBytes: WireLimits.inboundMessageBytes
        ) { [weak self, ordinal = attemptOrdinal] signal in
            self?.step { [weak self] in
                // A signal may have waited for the end of a step that abandoned its connection.
                guard let self, self.connection != nil, attemptOrdinal == ordinal else { return }
                received(signal)
            }
        }
        self.connection = connection
        setTimer(.open, at: now + options.openTimeout) { core in core.dialFailed(reason: "timeout", status: nil) }
        connection.dial(credential)
    }

    func dialFailed(reason: String, status: Int?) {
        timers.cancel(.open)
        connection?.abort()
        connection = nil
        diagnose(.dialFailed(reason: reason, status: status))
        log(.info, "dial failed: \(reason)")
        ended(.dial(reason: reason, status: status), reason: .dialFailed)
    }

    // MARK: The end of an attempt

    /// A socket that had opened is gone, for whatever reason.
    func socketEnded(code: CloseCode, reason: String, redialAtOnce: Bool = false) {
        let entries = forgetConnection()
        diagnose(.socketClosed(code: code, reason: reason))
        finish(entries, with: .disconnected(code: code, reason: reason), outcome: .disconnected(code))
        guard lifecycle.phase != .closing else { return finishClosing() }
        ended(.socket(code, reason: reason), reason: redialAtOnce ? .networkPathChanged : .connectionLost(code))
    }

    /// Ends what lived with the connection. Returns the requests that were in flight or in the queue.
    func forgetConnection() -> [RequestTable<(Result<Void, SignallingError>) -> Void>.Entry] {
        connection = nil
        watchdog = nil
        for purpose in [.open, .welcome, .watchdog, .stability, .requests, .pacing, .replay, .closing] as [TimerSet.Purpose] {
            timers.cancel(purpose)
        }
        for frame in queue.removeAll() { frame.neverSent(&subscriptions) }
        subscriptions.connectionEnded()
        return requests.removeAll()
    }

    private func ended(_ end: ConnectionLifecycle.End, reason: BackoffRecord.Reason) {
        let (alarms, consequence) = lifecycle.ended(end)
        if let status = alarms.rejectedStatus { emit(.upgradeRejected(status: status)) }
        if let (count, error) = alarms.tokenFailure { emit(.tokenProviderFailed(consecutiveFailures: count, error: error)) }
        switch consequence {
        case .failConnect(let error):
            transition(to: .closed)
            takeConnectCompletion()?(.failure(error))
        case .giveUp(let report):
            emit(.disconnected(code: report.code, reason: report.reason, willReconnect: false))
            transition(to: .closed)
        case .retry(let attempt, let report):
            if let report { emit(.disconnected(code: report.code, reason: report.reason, willReconnect: true)) }
            transition(to: .reconnecting)
            wait(attempt: attempt, reason: reason)
        }
    }

    private func wait(attempt: Int, reason: BackoffRecord.Reason) {
        let floors = lifecycle.takeFloors()
        waitHasFloor = floors.highest != nil
        let delay: Backoff.Delay
        // A redial without a wait draws no jitter; a floor stands all the same (SIG-19).
        if reason == .networkPathChanged, !waitHasFloor {
            delay = Backoff.Delay(base: backoff.base(attempt: attempt), floor: nil, delay: .zero)
        } else {
            delay = backoff.delay(attempt: attempt, floors: floors, unit: nonces.nextJitter())
        }
        diagnose(
            .backoffScheduled(BackoffRecord(attempt: attempt, base: delay.base, floor: delay.floor, delay: delay.delay, reason: reason)))
        log(.info, "reconnect attempt \(attempt) in \(delay.delay.nanoseconds / 1_000_000) ms")
        guard delay.delay > .zero else { return beginAttempt() }
        setTimer(.backoff, at: now + delay.delay) { $0.beginAttempt() }
    }

    private func beginAttempt() {
        lifecycle.attemptBegan()
        startAttempt(lifecycle.budget.used)
    }

    /// SIG-19, backing off: ends the wait, but not sooner than one initial delay after the last attempt, and not against a floor.
    private func shortenWait() {
        guard !waitHasFloor, let due = timers.deadline(.backoff) else { return }
        let earliest = max(now, lastAttemptStart.map { $0 + options.initialDelay } ?? now)
        guard earliest < due else { return }
        diagnose(.backoffShortened(remaining: earliest - now))
        timers.cancel(.backoff)
        guard earliest > now else { return beginAttempt() }
        setTimer(.backoff, at: earliest) { $0.beginAttempt() }
    }

    func takeConnectCompletion() -> Completion<Welcome>? {
        defer { connectCompletion = nil }
        return connectCompletion
    }
}
