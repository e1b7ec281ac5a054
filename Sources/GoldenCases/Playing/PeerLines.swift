import CompactJSON
import MeteredRealtime

/// Turns the SDK's diagnostics into `peer`, `remote:*` and `client` lines. Confined to the simulation's thread.
final class PeerLines {
    /// The signalling layer's lines.
    let client: ClientLines
    private let recorder: LineRecorder
    private let factory: ScriptedPeerConnectionFactory
    /// Every remote peer object that the application has seen, in that order: the ordinal of an object is its place from 1.
    private var objects: [RemotePeer] = []
    /// What the service last brought for the application.
    private var lastData = JSONValue.null

    init(client: ClientLines, recorder: LineRecorder, factory: ScriptedPeerConnectionFactory) {
        self.client = client
        self.factory = factory
        self.recorder = recorder
    }

    /// The ordinal of an object: the same number is the same object.
    func ordinal(of remote: RemotePeer) -> Int {
        if let index = objects.firstIndex(where: { $0 === remote }) { return index + 1 }
        objects.append(remote)
        return objects.count
    }

    func receive(_ diagnostic: PeerDiagnostic) {
        switch diagnostic {
        case .signalling(let diagnostic):
            if case .event(let event) = diagnostic { remember(event) }
            client.receive(diagnostic)
        case .stateChanged(let from, let to):
            recorder.record("peer", "state", ["from": .string(from.rawValue), "to": .string(to.rawValue)])
        case .joined(let peerID, let channel):
            recorder.record("peer", "Joined", ["peerId": .string(peerID), "channel": .string(channel)])
        case .left(let peerID, let channel, let reason):
            recorder.record("peer", "Left", ["peerId": text(peerID), "channel": text(channel), "reason": text(reason)])
        case .error(let error): recorder.record("peer", "FatalError", FailureMembers.members(of: error))
        case .data(let kind, let from, _):
            var members: JSONObject = ["kind": .string(kind.rawValue), "from": .string(from)]
            for (key, value) in PayloadText.members(of: lastData) { members[key] = value }
            recorder.record("peer", "Data", members)
        case .peerJoined(let remote): peerJoined(remote)
        case .peerLeft(let remote):
            recorder.record("peer", "PeerLeft", ["id": .string(remote.id), "obj": .integer(Int64(ordinal(of: remote)))])
        case .link(let remote, let diagnostic):
            if case .connectionCreated = diagnostic { factory.assign(to: remote.id) }
        case .remoteStateChanged(let remote, let from, let to):
            recorder.record("remote:\(remote.id)", "state", ["from": .string(from.rawValue), "to": .string(to.rawValue)])
        case .negotiationFailed(let remote, let error):
            recorder.record("remote:\(remote.id)", "NegotiationError", FailureMembers.members(of: error))
        case .iceCandidateFailed(let remote, let error):
            recorder.record("remote:\(remote.id)", "IceCandidateError", ["text": .string("\(error)")])
        case .options, .joinCalled, .joinFailed, .closeCalled, .networkPathChanged, .iceServers, .snapshot, .reconcile, .peerRefreshed,
            .peerNotAdmitted,
            .stream, .track, .trackMetadata, .droppedFromStranger, .eventsDropped, .log:
            break
        }
    }

    private func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// The diagnostics of the peer layer name data without showing them; the signalling layer showed them right before.
    private func remember(_ event: SignallingEvent) {
        switch event {
        case .message(_, _, let data, _), .direct(_, let data, _): lastData = data
        case .stateChanged, .connected, .disconnected, .presence, .serverError, .goingAway, .tokenProviderFailed, .subscriptionReplayFailed,
            .upgradeRejected:
            break
        }
    }

    private func peerJoined(_ remote: RemotePeer) {
        recorder.record(
            "peer", "PeerJoined",
            [
                "id": .string(remote.id), "obj": .integer(Int64(ordinal(of: remote))), "state": .string(remote.state.rawValue),
                "metadata": remote.metadata.map(JSONValue.object) ?? .null,
            ])
    }
}
