import CompactJSON
import MeteredRealtime
import Trace

/// Puts what a peer's diagnostics say into the trace: the same lines that the SDK's log on a device has.
final class CallTrace {
    /// The peer's name.
    let who: String
    let recorder: TraceRecorder
    private let signalling: ClientTrace
    private var remotes = ObjectNumbers<RemotePeer>()
    private var streams = ObjectNumbers<MediaStream>()
    /// The digests of the lists of ICE servers that were met, in order.
    private var serverLists: [String] = []
    /// Whose the WebRTC library's connections are, in the order in which they were made.
    private var remoteByConnection: [Int: String] = [:]
    private var isSignallingUp = false
    private var isJoining = false
    private var isClosing = false
    /// The number of the WebRTC library's newest connection.
    var newestConnection: () -> Int = { 0 }

    init(who: String, recorder: TraceRecorder) {
        self.who = who
        self.recorder = recorder
        signalling = ClientTrace(who: who)
    }

    /// Records the events of one diagnostic: most have one, some none.
    func record(_ diagnostic: PeerDiagnostic, at time: Int64) {
        switch diagnostic {
        case .options, .networkPathChanged, .eventsDropped(count: 0): break
        case .signalling(let diagnostic):
            if case .event(.stateChanged(_, let state)) = diagnostic { isSignallingUp = state == .connected }
            signalling.record(diagnostic, at: time, in: recorder)
        case .joinCalled(let channel, _):
            isJoining = true
            recorder.record(.join(at: time, who: who, phase: .called, channel: channel))
            joining = channel
        case .joinFailed(let error):
            isJoining = false
            recorder.record(.join(at: time, who: who, phase: .failed, channel: joining, error: error.description, code: error.serverCode))
        case .joined(let peerID, let channel):
            recorder.record(.joined(at: time, who: who, peerID: peerID, channel: channel))
            if isJoining { recorder.record(.join(at: time, who: who, phase: .done, channel: channel)) }
            isJoining = false
        case .closeCalled:
            isClosing = true
            recorder.record(.leave(at: time, who: who, phase: .called))
        case .left(_, _, let reason):
            recorder.record(.left(at: time, who: who, reason: reason))
            if isClosing { recorder.record(.leave(at: time, who: who, phase: .done)) }
            isClosing = false
        case .link(let remote, let diagnostic): record(diagnostic, of: remote, at: time)
        case .stateChanged, .error, .data, .iceServers, .snapshot, .reconcile, .peerJoined, .peerRefreshed, .peerLeft, .peerNotAdmitted,
            .remoteStateChanged, .negotiationFailed, .iceCandidateFailed, .stream, .track, .trackMetadata, .droppedFromStranger,
            .eventsDropped, .log:
            if let event = event(for: diagnostic, at: time) { recorder.record(event) }
        }
    }

    private var joining = ""

    private func event(for diagnostic: PeerDiagnostic, at time: Int64) -> TraceEvent? {
        switch diagnostic {
        case .stateChanged(let from, let to): return .peerState(at: time, who: who, from: from.rawValue, to: to.rawValue)
        case .error(let error): return peerError(error, at: time)
        case .data(let kind, let from, let shape): return .peerData(at: time, who: who, kind: kind.traced, from: from, shape: shape)
        case .iceServers(let servers, let change):
            return .iceServers(at: time, who: who, phase: change.traced, urls: servers.urls, list: list(servers))
        case .snapshot(let channel, let joined): return snapshot(of: channel, joined, at: time)
        case .reconcile(let record):
            switch record {
            case .awaiting: return nil
            case .forcedSubscribe(let attempt): return .reconcile(at: time, who: who, phase: .forcedSubscribe, n: attempt)
            case .timedOut: return .reconcile(at: time, who: who, phase: .timedOut)
            case .superseded: return .reconcile(at: time, who: who, phase: .superseded)
            }
        case .peerJoined(let remote):
            return .peerJoined(
                at: time, who: who, remote: remote.id, object: number(remote), metadata: Self.metadata(of: remote))
        case .peerRefreshed(let remote, let isKept):
            return .peerRefreshed(
                at: time, who: who, remote: remote.id, object: number(remote), metadata: Self.metadata(of: remote), kept: isKept
            )
        case .peerLeft(let remote): return .peerLeft(at: time, who: who, remote: remote.id, object: number(remote))
        case .peerNotAdmitted(let id): return .memberIgnored(at: time, who: who, remote: id, reason: .overCap)
        case .remoteStateChanged(let remote, let from, let to):
            return .remoteState(at: time, who: who, remote: remote.id, object: number(remote), from: from.rawValue, to: to.rawValue)
        case .negotiationFailed(let remote, let error):
            var attempts: Int?
            if case .recoveryGaveUp(let count) = error { attempts = count }
            return .negotiationError(
                at: time, who: who, remote: remote.id, error: error.description, isGiveUp: error.isGiveUp, attempts: attempts)
        case .iceCandidateFailed(let remote, let failure):
            switch failure {
            case .server(let error):
                return .iceCandidateError(
                    at: time, who: who, remote: remote.id, url: error.url, code: error.errorCode, text: error.errorText)
            case .candidateRefused(let error):
                return .negotiationError(
                    at: time, who: who, remote: remote.id, error: "a candidate was refused: \(error)", isGiveUp: false)
            }
        case .stream(let remote, let stream, let change):
            return .stream(
                at: time, who: who, remote: remote.id, phase: change.traced, stream: stream.id,
                object: streams.number(of: stream, called: "\(remote.id) \(stream.id)"))
        case .track(let remote, let id, let kind, let change):
            return .track(at: time, who: who, remote: remote.id, phase: change.traced, track: id, kind: kind.rawValue)
        case .droppedFromStranger(let id, let what): return dropped(what, from: id, at: time)
        case .eventsDropped(let count): return .log(at: time, who: who, level: "warning", text: "\(count) events were dropped")
        case .log(let level, let message):
            return level < .warning ? nil : .log(at: time, who: who, level: level.rawValue, text: message)
        case .trackMetadata, .options, .signalling, .joinCalled, .joinFailed, .closeCalled, .networkPathChanged, .joined, .left, .link:
            return nil
        }
    }

    /// As the snapshot tells it: without credentials.
    private static func metadata(of remote: RemotePeer) -> JSONValue? { remote.metadata.map { .object(Redaction.scrub($0)) } }

    private func snapshot(of channel: String, _ members: [PresencePeer], at time: Int64) -> TraceEvent {
        var metadata: JSONObject = [:]
        for member in members { metadata[member.peerID] = member.metadata.map(JSONValue.object) }
        return .snapshot(at: time, who: who, channel: channel, members: members.map(\.peerID), metadata: metadata)
    }

    /// Counts `RemotePeer` objects by identity, so that a checker need not take the SDK's word for it (ROS-04).
    func number(_ remote: RemotePeer) -> Int { remotes.number(of: remote, called: remote.id) }

    private func peerError(_ error: MeteredPeerError, at time: Int64) -> TraceEvent {
        switch error {
        case .disconnected(let code, _):
            return .peerError(at: time, who: who, error: .disconnected, code: Int(code.rawValue), name: code.name, text: error.description)
        case .serverError(let code, _): return .peerError(at: time, who: who, error: .serverError, name: code, text: error.description)
        case .tokenProviderFailed: return .peerError(at: time, who: who, error: .tokenProvider, text: error.description)
        case .resubscribeFailed: return .peerError(at: time, who: who, error: .resubscribeFailed, text: error.description)
        case .reconcileTimedOut: return .peerError(at: time, who: who, error: .reconcileTimeout, text: error.description)
        case .invalidState, .notJoined, .closed, .signalling, .sendToSelf, .remotePeerClosed, .trackAlreadyAttached, .trackNotAttached,
            .invalidMedia, .dataChannel:
            return .peerError(at: time, who: who, error: .other, text: error.description)
        }
    }

    private func dropped(_ what: String, from id: String, at time: Int64) -> TraceEvent {
        guard let kind = TracedSignal.Kind(rawValue: what) else {
            return .peerDataDropped(at: time, who: who, kind: .direct, from: id, reason: TraceEvent.SignalDropReason.notInRoster.rawValue)
        }
        return .signalDropped(
            at: time, who: who, remote: id, TracedSignal(kind), reason: TraceEvent.SignalDropReason.notInRoster.rawValue)
    }

    // MARK: - Links

    private func record(_ diagnostic: LinkDiagnostic, of remote: RemotePeer, at time: Int64) {
        if case .connectionCreated = diagnostic { remoteByConnection[newestConnection()] = remote.id }
        let awaits: TraceEvent.LadderCause = isSignallingUp ? .awaitingSnapshot : .signallingDown
        let link = LinkTrace(who: who, remote: remote.id, time: time, skipCause: awaits)
        if let event = link.event(for: diagnostic, list: list) { recorder.record(event) }
    }

    /// The number of a list of ICE servers, equal for equal ones.
    private func list(_ record: ICEServersRecord) -> Int {
        if let known = serverLists.firstIndex(of: record.digest) { return known + 1 }
        serverLists.append(record.digest)
        return serverLists.count
    }

    /// The remote peer of a connection of the WebRTC library.
    func remote(ofConnection number: Int) -> String? { remoteByConnection[number] }
}

/// Numbers objects from 1 by identity, in the order in which they are met, without keeping them.
struct ObjectNumbers<Object: AnyObject> {
    private struct Entry {
        weak var object: Object?
        var number: Int
    }

    private var entries: [String: [Entry]] = [:]
    private var count = 0

    /// - Parameter name: what objects that stand for one thing have in common; makes it quick.
    mutating func number(of object: Object, called name: String) -> Int {
        if let known = entries[name]?.first(where: { $0.object === object }) { return known.number }
        count += 1
        entries[name, default: []].append(Entry(object: object, number: count))
        return count
    }
}

extension PeerData.Kind {
    fileprivate var traced: TraceEvent.PeerDataKind {
        switch self {
        case .broadcast: .broadcast
        case .direct: .direct
        }
    }
}

extension ICEServersChange {
    fileprivate var traced: TraceEvent.ICEServersPhase {
        switch self {
        case .taken: .taken
        case .kept: .kept
        case .discarded: .discarded
        }
    }
}

extension PresenceChange {
    fileprivate var traced: TraceEvent.RemoteMediaPhase {
        switch self {
        case .added: .added
        case .removed: .removed
        }
    }
}

extension MeteredPeerError {
    /// The server's code of a rejection.
    fileprivate var serverCode: String? {
        guard case .signalling(.rejectedByServer(let code, _)) = self else { return nil }
        return code
    }
}
