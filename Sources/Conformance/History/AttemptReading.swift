import Trace

extension Attempt {
    func readSocket(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        switch kind {
        case .token: readToken(event, mark)
        case .dial:
            dial = dial ?? mark
            if event[.tls] == false { dialsPlainlyTo = event[.host] ?? "" }
        case .dialFailed: finish(.dialFailed(error: event[.error] ?? "", status: event[.status]), mark)
        case .open: open = open ?? mark
        case .welcome:
            welcome = welcome ?? mark
            peerID = peerID ?? event[.peerID]
            maximumMessageBytes = maximumMessageBytes ?? event[.maxMessageSize]
        case .backoff:
            backoffs.append(
                Backoff(
                    mark: mark, attempt: event[.attempt], base: Nanoseconds(event[.base] ?? 0), delay: Nanoseconds(event[.delay] ?? 0)))
        case .closeSent: closeSent = closeSent ?? close(event, mark)
        case .closeReceived: closeReceived = closeReceived ?? close(event, mark)
        case .closeAbandoned: closeAbandoned = closeAbandoned ?? mark
        case .socketClosed:
            let opened = event[.opened] ?? (open != nil)
            // A socket that this attempt never opened is not its own.
            if opened, open == nil { return }
            finish(.closed(code: event[.code] ?? CloseCodes.abnormalClosure, opened: opened), mark)
        case .watchdog: watchdog = watchdog ?? mark
        default: break
        }
    }

    func readFrame(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        let frame = Frame(
            mark: mark, type: event[.frame] ?? "", requestID: event[.requestID], channel: event[.channel], to: event[.to],
            serverCode: event[.serverCode], bytes: max(0, event[.bytes] ?? 0), dataBytes: event[.dataBytes],
            retryAfterMilliseconds: event[.rawRetryAfter].map { $0.doubleValue ?? .nan })
        switch kind {
        case .sent: sent.append(frame)
        case .received:
            received.append(frame)
            texts.append(mark)
            // A producer may have no event of its own for the welcome: its frame and its report tell as well.
            if frame.type == "welcome" { welcome = welcome ?? mark }
        case .droppedFrame:
            dropped.append(mark)
            if event[.binary] != true { texts.append(mark) }
        default: break
        }
    }

    func readReport(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        switch kind {
        case .connected:
            connecteds.append(Connected(mark: mark, isReconnect: event[.reconnect] ?? false))
            welcome = welcome ?? mark
            peerID = peerID ?? event[.peerID]
        case .disconnected: disconnects.append(close(event, mark))
        case .goingAway: goingAways.append((mark, Nanoseconds(event[.retryAfter] ?? 0)))
        case .tokenProviderError: tokenErrors.append((mark, event[.count] ?? 0))
        case .upgradeRejected: rejections.append((mark, event[.status] ?? 0))
        case .replayFailed: replayFailures.append((mark, event[.channel] ?? ""))
        default: break
        }
    }

    private func readToken(_ event: TraceEvent, _ mark: Mark) {
        switch event[.phase].flatMap(TraceEvent.TokenPhase.init(rawValue:)) {
        case .call: tokenCalls.append(TokenCall(call: mark))
        case .ok: answer(mark, error: nil)
        case .failed:
            answer(mark, error: event[.error] ?? "")
            finish(.tokenFailed(event[.error] ?? ""), mark)
        case nil: break
        }
    }

    private func answer(_ mark: Mark, error: String?) {
        guard let last = tokenCalls.indices.last, tokenCalls[last].answer == nil else { return }
        tokenCalls[last].answer = mark
        tokenCalls[last].error = error
    }

    private func finish(_ ending: Ending, _ mark: Mark) {
        if end != nil {
            // Which of `dial-failed` and `socket-closed` comes first at an instant does not matter; the former says more.
            if case .closed(_, opened: false) = self.ending, case .dialFailed = ending { self.ending = ending }
            return
        }
        self.ending = ending
        end = mark
    }

    private func close(_ event: TraceEvent, _ mark: Mark) -> Close {
        Close(
            mark: mark, code: event[.code] ?? CloseCodes.abnormalClosure, reason: event[.reason] ?? "",
            willReconnect: event[.willReconnect] ?? false)
    }
}
