import NIOCore

extension SignallingCore {
    /// Ends the session, in any state (SIG-16). After the completion nothing is reported until the next `connect`.
    package func close(code: CloseCode, reason: String, _ completion: @escaping () -> Void) {
        step { [self] in
            closeCompletions.append(completion)
            switch lifecycle.phase {
            case .closing: return
            case .closed: return finishClosing()
            case .idle, .requestingCredential, .dialling, .backingOff, .awaitingWelcome, .connected, .leaving: break
            }
            diagnose(.closeCalled(code: code, reason: Redaction.scrub(reason)))
            closing = (code, reason)
            switch lifecycle.phase {
            case .awaitingWelcome, .connected, .leaving: closeSocket(code, reason)
            case .idle, .requestingCredential, .dialling, .backingOff, .closing, .closed: abandonAttempt()
            }
        }
    }

    /// The close frame goes out; its echo is awaited for a short time.
    private func closeSocket(_ code: CloseCode, _ reason: String) {
        if lifecycle.phase != .leaving {
            connection?.close(code, reason: reason)
            diagnose(.closeFrameSent(code: code, reason: Redaction.scrub(reason)))
        }
        lifecycle.beginClosing()
        timers.cancelAll()
        setTimer(.closing, at: now + options.closeTimeout) { core in
            core.diagnose(.closeHandshakeAbandoned)
            core.connection?.abort()
            core.socketEnded(code: .abnormalClosure, reason: "")
        }
    }

    private func abandonAttempt() {
        tokenTask?.cancel()
        tokenTask = nil
        connection?.abort()
        connection = nil
        finishClosing()
    }

    func finishClosing() {
        timers.cancelAll()
        lifecycle.closed()
        transition(to: .closed)
        takeConnectCompletion()?(.failure(.closed))
        if closing != nil { diagnose(.closeFinished) }
        closing = nil
        let completions = closeCompletions
        closeCompletions = []
        for completion in completions { completion() }
    }
}
