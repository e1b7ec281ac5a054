import CompactJSON
import MeteredRealtime

/// A peer, as a case's application uses it.
final class PlayedPeer: PlayedSubject {
    private let peer: MeteredPeer
    private let lines: PeerLines
    /// The tracks and streams of the application, by id: the same objects each time.
    private var tracks: [String: ScriptedTrack] = [:]
    private var streams: [String: MediaStream] = [:]

    init(_ peer: MeteredPeer, lines: PeerLines) {
        self.peer = peer
        self.lines = lines
    }

    func reattach() { preconditionFailure("the reader lets no peer's application register its listeners again") }

    func tidyUp() async { await peer.close() }

    /// Over this many remote peers a line shows their number and the last one only.
    private static let mostRemotesShown = 20

    var state: JSONObject {
        var members: JSONObject = ["client": .string(lines.client.state.rawValue), "peer": .string(peer.state.rawValue)]
        let remotes = peer.remotePeers.map { remote -> JSONValue in
            [
                "id": .string(remote.id), "obj": .integer(Int64(lines.ordinal(of: remote))), "state": .string(remote.state.rawValue),
                "polite": .bool(remote.isPolite), "metadata": remote.metadata.map(JSONValue.object) ?? .null,
            ]
        }
        if remotes.count > Self.mostRemotesShown {
            members["remoteCount"] = .integer(Int64(remotes.count))
            members["lastRemote"] = remotes.last ?? .null
        } else {
            members["remotes"] = .array(remotes)
        }
        return members
    }

    func make(_ call: AppCall) async throws {
        switch call {
        case .close(_, let reason):
            await peer.close(reason: reason)
            lines.client.closeReturned()
        case .peer(let call): try await make(call)
        case .connect, .subscribe, .unsubscribe, .publish, .clientSend, .reattach, .dump:
            preconditionFailure("\(call.name) is not a call of a peer")
        }
    }

    private func make(_ call: PeerCall) async throws {
        switch call {
        case .join(let channel, let includeSenderMetadata): try await peer.join(channel, includeSenderMetadata: includeSenderMetadata)
        case .send(let data): try await peer.send(data)
        case .sendTo(let id, let data): try await peer.send(data, to: id)
        case .createDataChannel(let id, let label):
            guard let remote = peer.remotePeers.first(where: { $0.id == id }) else {
                throw UnplayableCall(kind: .invalidArgument, text: "there is no remote peer \(id)")
            }
            _ = try await remote.createDataChannel(label)
        case .addTrack(let track): try await peer.addTrack(object(for: track), to: stream(of: track), metadata: track.metadata)
        case .removeTrack(let id):
            guard let track = tracks[id] else { throw UnplayableCall(kind: .invalidArgument, text: "there is no track \(id)") }
            try await peer.removeTrack(track)
        case .rebuild: preconditionFailure("a case with a rebuild is not played")
        }
    }

    private func object(for track: AppTrack) -> ScriptedTrack {
        if let known = tracks[track.id] { return known }
        let made = ScriptedTrack(track)
        tracks[track.id] = made
        return made
    }

    private func stream(of track: AppTrack) -> MediaStream? {
        guard let id = track.stream else { return nil }
        if let known = streams[id] { return known }
        let made = MediaStream(id: id)
        streams[id] = made
        return made
    }
}
