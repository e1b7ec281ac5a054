import NIOCore
import ServiceModel
import Trace

/// Puts into the trace what the service does, as far as a reader of a run needs it: who was accepted, who was closed and why, and the service's state.
struct ServiceTrace {
    private var open: Set<Int> = []

    mutating func event(for event: ServiceEvent, at time: Int64) -> TraceEvent? {
        switch event.kind {
        case .upgraded:
            guard let connection = event.connection else { return nil }
            open.insert(connection)
            return .accept(at: time, connection: Int64(connection), peer: event.peer ?? "")
        case .closed(let end):
            guard let connection = event.connection, open.remove(connection) != nil else { return nil }
            return .serviceClose(
                at: time, connection: Int64(connection), peer: event.peer ?? "", code: Int(end.code.rawValue), reason: end.reason)
        case .turnedAway(let mode): return .serviceRefused(at: time, reason: Self.word(mode))
        case .upgradeRejected(let status): return .serviceRefused(at: time, reason: "upgrade rejected", status: status)
        case .stateChanged(_, let state): return .serviceState(at: time, state: Self.word(state))
        case .wallClockJumped(let amount): return .wallClock(at: time, who: "service", jumpNs: amount.nanoseconds)
        case .accepted, .welcomed, .request, .dropped, .acknowledged, .errorSent, .presence, .snapshot, .published, .ghostDetected,
            .sessionReplaced:
            return nil
        }
    }

    private static func word(_ mode: RefusalMode) -> String {
        switch mode {
        case .reset: return "refuses"
        case .silent: return "silent"
        case .http(let status): return "answers HTTP \(status)"
        }
    }

    private static func word(_ state: ServiceState) -> String {
        switch state {
        case .running: return "up"
        case .goingAway: return "going away"
        case .refusing(let mode): return "down, \(word(mode))"
        }
    }
}
