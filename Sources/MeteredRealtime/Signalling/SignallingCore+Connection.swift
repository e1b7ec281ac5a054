import CompactJSON
import NIOCore

extension SignallingCore {
    /// A signal of the current connection. An abandoned one signals nothing. A reason is another's text: it may quote the connection's URL (SIG-17).
    func received(_ signal: WebSocketSignal) {
        switch signal {
        case .failedToOpen(let reason, let status): dialFailed(reason: Redaction.scrub(reason), status: status)
        case .opened: opened()
        case .text(let text): received(text: text)
        case .binary(let bytes):
            diagnose(.frameDropped(reason: "binary", bytes: bytes))
            log(.warning, "dropping a binary frame of \(bytes) bytes")
        case .closeReceived(let code, let reason): diagnose(.closeFrameReceived(code: code, reason: Redaction.scrub(reason)))
        case .mustClose(let code, let reason):
            log(.warning, "closing with \(code): \(reason)")
            closeOwn(code, reason: "")
        case .ended(let code, let reason): socketEnded(code: code, reason: Redaction.scrub(reason))
        }
    }

    private func opened() {
        timers.cancel(.open)
        lifecycle.opened()
        diagnose(.webSocketOpened)
        queue = SendQueue(pacing: options.pacing, at: now)
        watchdog = Watchdog(options, openedAt: now)
        updateWatchdogTimer()
        setTimer(.welcome, at: now + options.welcomeTimeout) { core in
            core.log(.warning, "no welcome in time")
            core.closeOwn(.normalClosure, reason: "no welcome")
        }
    }

    /// Closes on our own account: at once by default, after the server's answer with `closeHandshakeTimeout` (BEY-03).
    func closeOwn(_ code: CloseCode, reason: String, redialAtOnce: Bool = false) {
        switch lifecycle.phase {
        case .awaitingWelcome, .connected: break
        case .idle, .requestingCredential, .dialling, .leaving, .backingOff, .closing, .closed: return
        }
        connection?.close(code, reason: reason)
        diagnose(.closeFrameSent(code: code, reason: reason))
        guard let wait = options.closeHandshakeTimeout else {
            connection?.abort()
            return socketEnded(code: code, reason: reason, redialAtOnce: redialAtOnce)
        }
        lifecycle.leave()
        timers.cancel(.watchdog)
        timers.cancel(.welcome)
        setTimer(.closing, at: now + wait) { core in
            core.diagnose(.closeHandshakeAbandoned)
            core.connection?.abort()
            // WIRE-05: an oversized frame is reported with our own code, answered or not.
            core.socketEnded(code: code == .messageTooBig ? code : .abnormalClosure, reason: "", redialAtOnce: redialAtOnce)
        }
    }

    // MARK: Liveness

    private func updateWatchdogTimer() {
        let deadline = watchdog?.deadline
        // A timer that fires early finds nothing due and is set anew: cheaper than moving it at every frame.
        if let deadline, let set = timers.deadline(.watchdog), set <= deadline { return }
        updateTimer(.watchdog, to: deadline) { $0.watchdogTimerFired() }
    }

    private func watchdogTimerFired() {
        guard let action = watchdog?.timerFired(at: now) else { return }
        switch action {
        case .none: break
        case .ping: if lifecycle.phase == .connected { sendPing(.heartbeat) }
        case .giveUp(let silence, let probeFailed):
            diagnose(.watchdogFired(silence: silence))
            log(.warning, "no text frame for \(silence.nanoseconds / 1_000_000) ms")
            return closeOwn(.clientInactivity, reason: "inactivity", redialAtOnce: probeFailed)
        }
        updateWatchdogTimer()
    }

    /// SIG-19, connected: asks the server for a sign of life.
    func probePath() {
        watchdog?.probe(at: now)
        sendPing(.networkPathChanged)
        updateWatchdogTimer()
    }

    private func sendPing(_ reason: PingReason) {
        diagnose(.pingSent(reason))
        enqueue(QueuedFrame(frame: .ping, requestID: nil, ticket: nil), lane: .connection, priority: .control)
    }

    // MARK: Frames

    private func received(text: ByteBuffer) {
        watchdog?.textReceived(at: now)
        updateWatchdogTimer()
        switch lifecycle.phase {
        case .awaitingWelcome, .connected: break
        // A closing connection delivers nothing any more (SIG-16).
        case .idle, .requestingCredential, .dialling, .leaving, .backingOff, .closing, .closed: return
        }
        do {
            let frame = try ServerFrame(parsing: text)
            diagnose(.frameReceived(frame.record(bytes: text.readableBytes)))
            dispatch(frame, bytes: text.readableBytes)
        } catch {
            diagnose(.frameDropped(reason: "malformed: \(error)", bytes: text.readableBytes))
            log(.warning, "dropping a malformed frame: \(error)")
        }
    }

    private func dispatch(_ frame: ServerFrame, bytes: Int) {
        switch frame {
        case .welcome(let welcome): welcomed(welcome, bytes: bytes)
        case .ack(let requestID): answered(requestID, with: .success(()))
        case .error(let code, let requestID, let message): failed(code: code, requestID: requestID, message: message)
        case .message(let channel, let from, let data, let fromMetadata):
            emit(.message(channel: channel, from: from, data: data, fromMetadata: fromMetadata))
        case .direct(let from, let data, let fromMetadata): emit(.direct(from: from, data: data, fromMetadata: fromMetadata))
        case .presence(let channel, let joined, let left): emit(.presence(channel: channel, joined: joined, left: left))
        case .goingAway(let retryAfter, _):
            lifecycle.goingAway(retryAfter: retryAfter)
            emit(.goingAway(retryAfter: retryAfter))
        case .pong: break
        }
    }

    private func welcomed(_ welcome: Welcome, bytes: Int) {
        switch lifecycle.welcomed() {
        case .ignore:
            diagnose(.frameDropped(reason: "second welcome", bytes: bytes))
            log(.warning, "ignoring a second welcome")
        case .accept(let isReconnect):
            timers.cancel(.welcome)
            if options.stableAfter > .zero { setTimer(.stability, at: now + options.stableAfter) { $0.lifecycle.held() } }
            maximumMessageBytes = welcome.maximumMessageBytes
            if let servers = welcome.iceServers { iceServers = servers }
            transition(to: .connected)
            emit(.connected(welcome, isReconnect: isReconnect))
            takeConnectCompletion()?(.success(welcome))
            if isReconnect, options.autoResubscribe { subscriptions.tracked.forEach(replay) }
        }
    }

    private func failed(code: String, requestID: String?, message: String?) {
        let message = message.map(Redaction.scrub)
        if let requestID, answered(requestID, with: .failure(.rejectedByServer(code: code, message: message))) { return }
        // A server that knows no ping says so, without a request (WIRE-04).
        if requestID == nil, code == "unknown_type" { return log(.debug, "the server knows no ping") }
        emit(.serverError(code: code, message: message, requestID: requestID))
    }
}
