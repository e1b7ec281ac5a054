import CompactJSON

extension MeteredPeerCore {
    /// Sends every track of a stream to every peer. All or none is added.
    package func addStream(_ stream: MediaStream, metadata: JSONObject? = nil) -> Result<Void, MeteredPeerError> {
        add(stream.tracks.map { LocalMedia.Entry(track: $0, stream: stream, metadata: metadata) })
    }

    /// Sends a track to every peer, as part of a stream if there is one.
    package func addTrack(
        _ track: any MediaStreamTrack, to stream: MediaStream? = nil, metadata: JSONObject? = nil
    ) -> Result<Void, MeteredPeerError> {
        add([LocalMedia.Entry(track: track, stream: stream, metadata: metadata)])
    }

    private func add(_ candidates: [LocalMedia.Entry]) -> Result<Void, MeteredPeerError> {
        do throws(MeteredPeerError) {
            try requireMediaState()
            var fresh: [LocalMedia.Entry] = []
            for entry in candidates where try localMedia.isNew(entry) {
                try checkSize(of: entry)
                fresh.append(entry)
            }
            for entry in fresh {
                localMedia.append(entry)
                for remote in orderedEntries { remote.link.addTrack(entry.localTrack) }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Metadata that are too large fail here, and not with every peer that joins.
    private func checkSize(of entry: LocalMedia.Entry) throws(MeteredPeerError) {
        guard entry.metadata != nil else { return }
        let cap = signalling.maximumMessageBytes
        guard let bytes = try? PeerSignal.trackMetadata(entry.description).json.encoded().count else { throw .signalling(.invalidPayload) }
        guard bytes <= cap else { throw .signalling(.payloadTooLarge(sizeBytes: bytes, capBytes: cap)) }
    }

    /// Stops sending every track of a stream.
    package func removeStream(_ stream: MediaStream) -> Result<Void, MeteredPeerError> {
        remove(localMedia.entries.filter { $0.stream?.id == stream.id }.map(\.track))
    }

    /// Stops sending a track. Does nothing if it is not sent.
    package func removeTrack(_ track: any MediaStreamTrack) -> Result<Void, MeteredPeerError> { remove([track]) }

    private func remove(_ tracks: [any MediaStreamTrack]) -> Result<Void, MeteredPeerError> {
        do throws(MeteredPeerError) { try requireMediaState() } catch { return .failure(error) }
        for track in tracks where localMedia.remove(track) {
            for remote in orderedEntries { remote.link.removeTrack(track) }
        }
        return .success(())
    }

    /// Sends another track in a track's place. The completion is called when every link has done so.
    package func replaceTrack(
        _ track: any MediaStreamTrack, with other: any MediaStreamTrack, _ completion: @escaping Completion<Void>
    ) {
        let replacement: LocalMedia.Entry
        do throws(MeteredPeerError) {
            try requireMediaState()
            replacement = try localMedia.replace(track, with: other)
        } catch {
            return completion(.failure(error))
        }
        let remotes = orderedEntries
        guard !remotes.isEmpty else { return completion(.success(())) }
        var remaining = remotes.count
        for entry in remotes {
            entry.link.replaceTrack(track, with: replacement.localTrack) { [weak self, weak entry] result in
                if case .failure(let error) = result, let self, let entry { addInstead(track, replacement, to: entry, because: error) }
                remaining -= 1
                if remaining == 0 { completion(.success(())) }
            }
        }
    }

    /// The library cannot replace without negotiation: with one, then.
    private func addInstead(
        _ track: any MediaStreamTrack, _ replacement: LocalMedia.Entry, to entry: RosterEntry, because error: RedactedError
    ) {
        guard self.entry(of: entry.remote) === entry, localMedia.entry(of: replacement.track) != nil else { return }
        log(.info, "\(entry.remote.id): track \(track.id) is replaced with a negotiation: \(error)")
        entry.link.removeTrack(replacement.track)
        entry.link.addTrack(replacement.localTrack)
    }

    private func requireMediaState() throws(MeteredPeerError) {
        guard !isReleased, !isCloseRequested, state != .closed else { throw .invalidState(state) }
    }
}
