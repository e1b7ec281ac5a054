import Trace

/// Collects the events of one client.
struct ClientHistoryBuilder {
    var history: ClientHistory
    private static let largestNumber = 1_000_000_000
    private var requestPlaces: [String: Int] = [:]

    init(who: String, first: Mark) {
        history = ClientHistory(who: who)
        history.first = first
    }

    mutating func read(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        noteAfterClosed(event, kind, mark)
        switch kind {
        case .options:
            let options = TracedOptions(event)
            history.spec = SignallingSpec(options)
            history.host = options.host
        case .state: readState(event, mark)
        case .connectCalled: beginSession(mark)
        case .attempt: readAttempt(event, mark)
        case .closeCalled: updateSession { $0.closeCalled = $0.closeCalled ?? mark }
        case .closedDone: updateSession { $0.closedDone = $0.closedDone ?? mark }
        case .pathChanged: history.pathChanges.append(.init(mark: mark, oldPathGone: event[.oldPathGone] ?? false))
        case .token, .dial, .dialFailed, .open, .welcome, .backoff, .closeSent, .closeReceived, .closeAbandoned, .socketClosed, .watchdog:
            updateAttempt { $0.readSocket(event, kind, mark) }
        case .sent, .received, .droppedFrame:
            history.reportsFrames = true
            updateAttempt { $0.readFrame(event, kind, mark) }
            if kind == .sent, let id = event[.requestID], let place = requestPlaces[id], history.requests[place].sent == nil {
                history.requests[place].sent = mark
                history.requests[place].attempt = history.attempts.count - 1
            }
        case .request: readRequest(event, mark)
        case .requestDone: readRequestDone(event, mark)
        case .lateAck: history.lateAcks += 1
        case .connected, .disconnected, .goingAway, .tokenProviderError, .replayFailed, .upgradeRejected, .presence, .message, .direct,
            .serverError:
            history.reports.append((mark, kind))
            updateAttempt { $0.readReport(event, kind, mark) }
        default: break
        }
    }

    mutating func finish() {
        guard let last = history.sessions.indices.last else { return }
        history.sessions[last].attempts = history.sessions[last].attempts.lowerBound..<history.attempts.count
    }
}

// MARK: - Sessions and attempts

extension ClientHistoryBuilder {
    private mutating func beginSession(_ mark: Mark) {
        // `connect-called`, the change to `connecting` and attempt 0 all begin the same session.
        if let last = history.sessions.last, last.closed == nil, last.attempts.lowerBound == history.attempts.count { return }
        finish()
        history.sessions.append(Session(attempts: history.attempts.count..<history.attempts.count, isWhole: true))
    }

    private mutating func readState(_ event: TraceEvent, _ mark: Mark) {
        let change = ClientHistory.StateChange(mark: mark, from: event[.from] ?? "", to: event[.to] ?? "")
        history.states.append(change)
        if change.to == ClientState.connecting.rawValue { beginSession(mark) }
        if change.to == ClientState.closed.rawValue {
            updateSession { $0.closed = $0.closed ?? mark }
            // An attempt that `close()` gave up before it had a socket has no end of its own.
            updateAttempt { if $0.open == nil { $0.end = $0.end ?? mark } }
        }
    }

    private mutating func readAttempt(_ event: TraceEvent, _ mark: Mark) {
        // A foreign number must not overflow what is counted from it.
        let n = min(max(0, event[.attemptNumber] ?? 0), Self.largestNumber)
        if let last = history.attempts.last, last.end == nil {
            history.overlaps.append((mark, "an attempt begins although the one of \(last.start.at.text) s has not ended"))
        }
        if n == 0 {
            beginSession(mark)
        } else if history.sessions.isEmpty {
            history.sessions.append(Session(attempts: 0..<0, isWhole: false))
        }
        finish()
        let attempt = Attempt(n: n, start: mark)
        if let session = history.sessions.last {
            let previous = session.attempts.isEmpty ? nil : history.attempts.last
            attempt.followsWelcome = !session.isWhole || (previous.map { $0.followsWelcome || $0.welcome != nil } ?? false)
        }
        history.attempts.append(attempt)
        finish()
    }

    private mutating func updateSession(_ change: (inout Session) -> Void) {
        guard let last = history.sessions.indices.last else { return }
        change(&history.sessions[last])
    }

    private func updateAttempt(_ change: (Attempt) -> Void) {
        if let last = history.attempts.last { change(last) }
    }

    private mutating func noteAfterClosed(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        guard let session = history.sessions.last, let closed = session.closed else { return }
        switch kind {
        case .log, .connectCalled, .closeCalled, .closedDone, .pathChanged, .options: return
        case .state where event[.to] == ClientState.connecting.rawValue, .attempt where event[.attemptNumber] == 0: return
        case .request, .requestDone:
            // A call after the end is legal; it is refused at once.
            return
        case .socketClosed, .disconnected:
            // The last words of the socket stand at the same instant as the change of state, in either order.
            if mark.at == closed.at { return }
        default: break
        }
        history.afterClosed.append((mark, kind))
    }
}

// MARK: - Requests

extension ClientHistoryBuilder {
    private mutating func readRequest(_ event: TraceEvent, _ mark: Mark) {
        let kind = event[.requestKind] ?? ""
        let id = event[.id] ?? ""
        if kind == TraceEvent.RequestKind.replay.rawValue { history.reportsReplays = true }
        requestPlaces[id] = history.requests.count
        history.requests.append(
            RequestHistory(id: id, kind: kind, channel: event[.channel], start: mark, attempt: history.attempts.indices.last))
    }

    private mutating func readRequestDone(_ event: TraceEvent, _ mark: Mark) {
        guard let place = requestPlaces[event[.id] ?? ""] else { return }
        history.requests[place].endings += 1
        guard history.requests[place].done == nil else { return }
        history.requests[place].done = mark
        history.requests[place].outcome = event[.outcome]
        history.requests[place].serverCode = event[.serverCode]
    }
}
