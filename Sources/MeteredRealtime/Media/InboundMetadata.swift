/// What a remote peer said about its tracks: at most 512 of them, of more the oldest is forgotten.
///
/// It outlives the peer connection: when only our side of it was replaced, the sender does not repeat itself.
struct InboundMetadata: Hashable, Sendable {
    /// Tracks that one remote peer may describe (the vendor's SDKs).
    static let limit = 512

    /// In the order in which the tracks were first described.
    private(set) var entries: [TrackMetadata] = []

    /// Takes a description in, or takes one back.
    mutating func set(_ entry: TrackMetadata) {
        let place = entries.firstIndex { $0.trackID == entry.trackID }
        switch (place, entry.metadata) {
        case (let place?, .some): entries[place] = entry
        case (let place?, nil): entries.remove(at: place)
        case (nil, .some):
            if entries.count == Self.limit { entries.removeFirst() }
            entries.append(entry)
        case (nil, nil): break
        }
    }

    /// What was said about a track that has appeared.
    ///
    /// Some libraries name a remote track anew, so that only its stream and kind tell which one is meant; then the descriptions of tracks that are
    /// there under their own names do not count, and the others must agree.
    /// - Parameters:
    ///   - track: The track.
    ///   - streamIDs: Its streams.
    ///   - others: The names of the tracks that are there.
    func metadata(of track: any MediaStreamTrack, streamIDs: [String], others: [String]) -> JSONObject? {
        if let entry = entries.first(where: { $0.trackID == track.id }) { return entry.metadata }
        let candidates = entries.filter { entry in
            guard let streamID = entry.streamID else { return false }
            return streamIDs.contains(streamID) && entry.kind == track.kind.rawValue && !others.contains(entry.trackID)
        }
        guard let first = candidates.first, candidates.allSatisfy({ $0.metadata == first.metadata }) else { return nil }
        return first.metadata
    }
}
