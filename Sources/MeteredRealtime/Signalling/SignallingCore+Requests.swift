import CompactJSON
import NIOCore

/// A frame between the call and the socket.
struct QueuedFrame {
    let frame: ClientFrame
    let requestID: String?
    /// For an application's subscribe: how to undo its tracking.
    let ticket: SubscriptionReplay.Ticket?

    /// The connection went before the frame did (SIG-13).
    func neverSent(_ subscriptions: inout SubscriptionReplay) {
        if let ticket { subscriptions.neverSent(ticket) }
    }
}

/// How urgent a frame to a peer is while pacing holds frames back (SIG-20).
package enum SignalUrgency: Hashable, Sendable {
    /// The application's data.
    case data
    /// An offer or an answer.
    case description
    /// An ICE candidate.
    case candidate
}

extension SignallingCore {
    // MARK: Calls

    /// Joins a channel (SIG-13). `staysTracked`: also if the server rejects it, because an earlier subscribe was accepted (ROS-09).
    package func subscribe(
        _ channel: String, includeSenderMetadata: Bool = false, staysTracked: Bool = false, _ completion: @escaping Completion<Void>
    ) {
        step { [self] in
            perform(.subscribe, channel: channel, completion) { () throws(SignallingError) in
                let frame = try ClientFrame.subscribe(channel: channel, includeSenderMetadata: includeSenderMetadata)
                try requireConnection()
                let ticket = subscriptions.track(channel, includeSenderMetadata: includeSenderMetadata)
                request(frame, ticket: ticket, lane: .channel(channel), priority: .control) { [self] result in
                    if case .failure(.rejectedByServer) = result, !staysTracked { subscriptions.rejected(ticket) }
                    completion(result)
                }
            }
        }
    }

    /// Forgets a channel without a word to the server, because there is no connection to it: it is no longer replayed.
    package func forget(_ channel: String) { step { [self] in subscriptions.untrack(channel) } }

    /// Leaves a channel. It is no longer replayed, whatever becomes of the request (SIG-13).
    package func unsubscribe(_ channel: String, _ completion: @escaping Completion<Void>) {
        step { [self] in
            perform(.unsubscribe, channel: channel, completion) { () throws(SignallingError) in
                let frame = try ClientFrame.unsubscribe(channel: channel)
                subscriptions.untrack(channel)
                try requireConnection()
                request(frame, lane: .channel(channel), priority: .control, completion)
            }
        }
    }

    /// Sends data to the other subscribers of a channel.
    package func publish(_ data: JSONValue, to channel: String, _ completion: @escaping Completion<Void>) {
        step { [self] in
            perform(.publish, channel: channel, completion) { () throws(SignallingError) in
                let frame = try ClientFrame.publish(channel: channel, data: data, maximumBytes: maximumMessageBytes)
                try requireConnection()
                request(frame, lane: .channel(channel), priority: .data, completion)
            }
        }
    }

    /// An identifier for a request that is told of before it is made.
    package func nextRequestID() -> String { nonces.nextRequestID() }

    /// Sends data to one peer. Without `requestID` the request gets one of its own.
    package func send(
        _ data: JSONValue, to peerID: String, urgency: SignalUrgency = .data, requestID: String? = nil,
        _ completion: @escaping Completion<Void>
    ) {
        step { [self] in
            perform(.send, completion) { () throws(SignallingError) in
                let frame = try ClientFrame.send(to: peerID, data: data, maximumBytes: maximumMessageBytes)
                try requireConnection()
                let priority: SendQueue<QueuedFrame>.Priority =
                    switch urgency {
                    case .data: .data
                    case .description: .description
                    case .candidate: .candidate
                    }
                request(frame, requestID: requestID, lane: .peer(peerID), priority: priority, completion)
            }
        }
    }

    private func perform(
        _ kind: RequestKind, channel: String? = nil, _ completion: @escaping Completion<Void>, _ body: () throws(SignallingError) -> Void
    ) {
        do { try body() } catch {
            diagnose(.requestRefused(kind: kind, channel: channel, error: error))
            completion(.failure(error))
        }
    }

    private func requireConnection() throws(SignallingError) {
        guard lifecycle.phase == .connected else { throw .notConnected(state) }
    }

    // MARK: Requests

    private func request(
        _ frame: ClientFrame, requestID: String? = nil, ticket: SubscriptionReplay.Ticket? = nil, lane: SendQueue<QueuedFrame>.Lane,
        priority: SendQueue<QueuedFrame>.Priority, _ completion: @escaping Completion<Void>
    ) {
        guard let kind = frame.kind else { preconditionFailure("a ping is not a request") }
        let requestID = requestID ?? nextRequestID()
        requests.insert(
            requestID, kind: kind,
            completion: { [weak self] result in
                if kind == .subscribe, case .success = result, let channel = frame.channel {
                    self?.observer?(.subscribeAcknowledged(channel: channel))
                }
                completion(result)
            })
        // Only an application's subscribe can be undone.
        let isReplay = kind == .subscribe && ticket == nil
        diagnose(.requestStarted(requestID: requestID, kind: kind, channel: frame.channel, to: frame.recipient, isReplay: isReplay))
        enqueue(QueuedFrame(frame: frame, requestID: requestID, ticket: ticket), lane: lane, priority: priority)
    }

    func enqueue(_ frame: QueuedFrame, lane: SendQueue<QueuedFrame>.Lane, priority: SendQueue<QueuedFrame>.Priority) {
        queue.enqueue(frame, lane: lane, priority: priority)
        drainQueue()
    }

    private func drainQueue() {
        for queued in queue.release(at: now) {
            let bytes = queued.frame.encoded(requestID: queued.requestID)
            connection?.send(text: bytes)
            diagnose(.frameSent(queued.frame.record(requestID: queued.requestID, bytes: bytes.count)))
            if let requestID = queued.requestID { requests.sent(requestID, at: now) }
        }
        updateTimer(.pacing, to: queue.nextRelease) { $0.drainQueue() }
        updateRequestTimer()
    }

    /// Ends the request the server answered. Returns false if none is in flight by that name.
    @discardableResult
    func answered(_ requestID: String, with result: Result<Void, SignallingError>) -> Bool {
        guard let entry = requests.answered(requestID) else {
            if case .success = result { diagnose(.lateAcknowledgement(requestID: requestID)) }
            return false
        }
        updateRequestTimer()
        let outcome: RequestOutcome
        switch result {
        case .success: outcome = .acknowledged
        case .failure(.rejectedByServer(let code, _)): outcome = .rejected(code: code)
        case .failure(let error): preconditionFailure("a server's answer cannot be \(error)")
        }
        diagnose(.requestFinished(requestID: requestID, kind: entry.kind, outcome: outcome))
        entry.completion(result)
        return true
    }

    /// Fails requests that the server did not answer.
    func finish(
        _ entries: [RequestTable<(Result<Void, SignallingError>) -> Void>.Entry], with error: SignallingError, outcome: RequestOutcome
    ) {
        for entry in entries {
            diagnose(.requestFinished(requestID: entry.requestID, kind: entry.kind, outcome: outcome))
            entry.completion(.failure(error))
        }
    }

    private func updateRequestTimer() {
        updateTimer(.requests, to: requests.nextDeadline) { core in
            for entry in core.requests.expire(at: core.now) {
                let error = SignallingError.requestTimedOut(requestID: entry.requestID, after: core.options.requestTimeout)
                core.finish([entry], with: error, outcome: .timedOut)
            }
            core.updateRequestTimer()
        }
    }

    // MARK: Replay

    /// Subscribes again after a reconnect (SIG-12).
    func replay(_ subscription: SubscriptionReplay.Subscription) {
        let frame: ClientFrame
        do {
            frame = try ClientFrame.subscribe(channel: subscription.channel, includeSenderMetadata: subscription.includeSenderMetadata)
        } catch {
            preconditionFailure("a tracked channel was checked when it was subscribed: \(error)")
        }
        request(frame, lane: .channel(subscription.channel), priority: .control) { [weak self] result in
            switch result {
            case .success: break
            case .failure(let error): self?.replayFailed(subscription.channel, error)
            }
        }
    }

    private func replayFailed(_ channel: String, _ error: SignallingError) {
        // The next welcome replays everything, with retries anew.
        guard lifecycle.phase == .connected, connection != nil else { return }
        switch subscriptions.replayFailed(channel, at: now) {
        case .retry(let attempt): log(.warning, "replaying \(channel) failed, retry \(attempt) follows: \(error)")
        case .giveUp:
            log(.warning, "replaying \(channel) failed for good: \(error)")
            emit(.subscriptionReplayFailed(channel: channel, error: error))
        case .forget: break
        }
        updateReplayTimer()
    }

    private func updateReplayTimer() {
        updateTimer(.replay, to: subscriptions.nextDue) { core in
            core.subscriptions.takeDue(at: core.now).forEach(core.replay)
            core.updateReplayTimer()
        }
    }
}
