import MeteredRealtime
import NIOCore
import Trace

/// Puts what a client's diagnostics say into the trace: the same lines that the SDK's log on a device has.
struct ClientTrace {
    /// The peer's name.
    let who: String

    /// Records the events of one diagnostic: most have one, some none, a welcome two.
    func record(_ diagnostic: SignallingDiagnostic, at time: Int64, in recorder: TraceRecorder) {
        if let event = event(for: diagnostic, at: time) { recorder.record(event) }
        if case .requestRefused(let kind, _, let error) = diagnostic {
            recorder.record(
                .requestDone(at: time, who: who, id: Self.refused, kind: Self.kind(kind), outcome: .refused, code: error.word))
        }
        if case .event(.connected(let welcome, _)) = diagnostic {
            recorder.record(.welcome(at: time, who: who, peerID: welcome.peerID, maxMessageSize: welcome.maximumMessageBytes))
        }
    }

    /// The request ID of calls that were refused before they got one.
    private static let refused = "refused"

    private func event(for diagnostic: SignallingDiagnostic, at time: Int64) -> TraceEvent? {
        switch diagnostic {
        case .event(let event): return report(event, at: time)
        case .connectCalled: return .connectCalled(at: time, who: who)
        case .backoffShortened(let remaining): return .backoffShortened(at: time, who: who, remainingNs: remaining.nanoseconds)
        case .lateAcknowledgement(let id): return .lateAck(at: time, who: who, requestID: id)
        case .pingSent: return nil
        case .closeCalled: return .closeCalled(at: time, who: who)
        case .closeFinished: return .closedDone(at: time, who: who)
        case .networkPathChanged(let oldPathGone): return .pathChanged(at: time, who: who, oldPathGone: oldPathGone)
        case .attemptStarted(let attempt, let ordinal): return .attempt(at: time, who: who, n: attempt, ordinal: ordinal)
        case .tokenRequested(let ordinal): return .token(at: time, who: who, phase: .call, n: ordinal)
        case .tokenReceived(let ordinal): return .token(at: time, who: who, phase: .ok, n: ordinal)
        case .tokenFailed(let ordinal, let error): return .token(at: time, who: who, phase: .failed, n: ordinal, error: Self.word(error))
        case .dialling(let host, let port, let tls): return .dial(at: time, who: who, host: host, port: port, tls: tls)
        case .dialFailed(let reason, let status): return .dialFailed(at: time, who: who, error: reason, status: status)
        case .webSocketOpened: return .open(at: time, who: who)
        case .backoffScheduled(let record): return backoff(record, at: time)
        case .frameSent(let record): return sent(record, at: time)
        case .frameReceived(let record): return received(record, at: time)
        case .frameDropped(let reason, _): return .droppedFrame(at: time, who: who, reason: reason, binary: reason.hasPrefix("binary"))
        case .closeFrameSent(let code, let reason): return .closeSent(at: time, who: who, code: Self.number(code), reason: reason)
        case .closeFrameReceived(let code, let reason): return .closeReceived(at: time, who: who, code: Self.number(code), reason: reason)
        case .closeHandshakeAbandoned: return .closeAbandoned(at: time, who: who)
        case .socketClosed(let code, let reason):
            return .socketClosed(at: time, who: who, code: Self.number(code), reason: reason, opened: true)
        case .requestStarted(let id, let kind, let channel, _, let isReplay):
            return .request(at: time, who: who, id: id, kind: isReplay ? .replay : Self.kind(kind), channel: channel)
        case .requestRefused(let kind, let channel, _):
            return .request(at: time, who: who, id: Self.refused, kind: Self.kind(kind), channel: channel)
        case .requestFinished(let id, let kind, let outcome): return requestDone(id, kind, outcome, at: time)
        case .watchdogFired: return .watchdog(at: time, who: who)
        case .eventsDropped(let count): return .log(at: time, who: who, level: "warning", text: "\(count) events were dropped")
        case .log(let level, let message):
            // What is below a warning says in words what the events around it say in fields.
            return level < .warning ? nil : .log(at: time, who: who, level: level.rawValue, text: message)
        }
    }

    // MARK: - What the application is told

    private func report(_ event: SignallingEvent, at time: Int64) -> TraceEvent {
        switch event {
        case .stateChanged(let from, let to): return .state(at: time, who: who, from: from.rawValue, to: to.rawValue)
        case .connected(let welcome, let isReconnect):
            return .connected(at: time, who: who, peerID: welcome.peerID, reconnect: isReconnect)
        case .disconnected(let code, let reason, let willReconnect):
            return .disconnected(at: time, who: who, code: Self.number(code), reason: reason, willReconnect: willReconnect)
        case .presence(let channel, let joined, let left):
            return .presence(at: time, who: who, channel: channel, joined: joined.map(\.peerID), left: left.map(\.peerID))
        case .message(let channel, let from, _, _): return .message(at: time, who: who, channel: channel, from: from)
        case .direct(let from, _, _): return .direct(at: time, who: who, from: from)
        case .serverError(let code, _, _): return .serverError(at: time, who: who, code: code)
        case .goingAway(let retryAfter): return .goingAway(at: time, who: who, retryAfterNs: retryAfter.nanoseconds)
        case .tokenProviderFailed(let count, _): return .tokenProviderError(at: time, who: who, count: count)
        case .subscriptionReplayFailed(let channel, let error):
            return .replayFailed(at: time, who: who, channel: channel, error: error.description)
        case .upgradeRejected(let status): return .upgradeRejected(at: time, who: who, status: status)
        }
    }

    // MARK: - Waits, frames, requests

    private func backoff(_ record: BackoffRecord, at time: Int64) -> TraceEvent {
        let reason =
            switch record.reason {
            case .connectionLost(let code): "lost \(code.rawValue)"
            case .dialFailed: "dial failed"
            case .tokenProviderFailed: "token failed"
            case .networkPathChanged: "path changed"
            }
        return .backoff(
            at: time, who: who, attempt: record.attempt, baseNs: record.base.nanoseconds, floorNs: record.floor?.nanoseconds,
            delayNs: record.delay.nanoseconds, reason: reason)
    }

    private func sent(_ record: SentFrameRecord, at time: Int64) -> TraceEvent {
        .sent(
            at: time, who: who, frame: record.type, requestID: record.requestID, channel: record.channel, to: record.to,
            bytes: record.bytes,
            dataBytes: record.payload.flatMap { try? $0.encoded().count })
    }

    private func received(_ record: ReceivedFrameRecord, at time: Int64) -> TraceEvent {
        .received(
            at: time, who: who, frame: record.type, requestID: record.requestID, channel: record.channel, from: record.from,
            code: record.code, bytes: record.bytes, rawRetryAfter: record.retryAfter)
    }

    private func requestDone(_ id: String, _ kind: MeteredRealtime.RequestKind, _ outcome: MeteredRealtime.RequestOutcome, at time: Int64)
        -> TraceEvent
    {
        let traced: (TraceEvent.RequestOutcome, String?) =
            switch outcome {
            case .acknowledged: (.ok, nil)
            case .timedOut: (.timeout, nil)
            case .disconnected: (.disconnected, nil)
            case .rejected(let code): (.rejected, code)
            }
        return .requestDone(at: time, who: who, id: id, kind: Self.kind(kind), outcome: traced.0, code: traced.1)
    }

    private static func kind(_ kind: MeteredRealtime.RequestKind) -> TraceEvent.RequestKind {
        switch kind {
        case .subscribe: return .subscribe
        case .unsubscribe: return .unsubscribe
        case .publish: return .publish
        case .send: return .send
        }
    }

    /// The checkers tell the client's own cap by the word `timeout`.
    private static func word(_ error: RedactedError) -> String { error.underlying is TokenProviderTimeout ? "timeout" : error.description }

    private static func number(_ code: CloseCode?) -> Int { code.map { Int($0.rawValue) } ?? 1005 }
}

extension SignallingError {
    /// The reason in one word, as the checkers know it.
    fileprivate var word: String {
        switch self {
        case .payloadTooLarge: return "payload_too_large"
        case .invalidPayload: return "invalid_payload"
        case .invalidChannel: return "invalid_channel"
        case .invalidPeerID: return "invalid_peer_id"
        case .reservedChannel: return "reserved_channel"
        case .notConnected: return "not_connected"
        case .invalidURL, .invalidOptions, .invalidCredential, .invalidState, .connectFailed, .upgradeRejected, .tokenProviderFailed,
            .closed,
            .disconnected, .requestTimedOut, .rejectedByServer:
            return "other"
        }
    }
}
