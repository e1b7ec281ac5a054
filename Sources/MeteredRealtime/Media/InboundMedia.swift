/// A remote peer's tracks, grouped into streams (ROS-10).
struct InboundMedia {
    /// What the application is to be told, in this order.
    enum Change {
        case trackAdded(any MediaStreamTrack, stream: MediaStream?, metadata: JSONObject?)
        case trackRemoved(any MediaStreamTrack)
        case trackMetadataChanged(any MediaStreamTrack, metadata: JSONObject?)
        case streamAdded(MediaStream, metadata: JSONObject?)
        case streamRemoved(MediaStream)
    }

    private struct Track {
        let track: any MediaStreamTrack
        let streamIDs: [String]
        var metadata: JSONObject?

        /// Whether a description may be of this track.
        func isMeant(by entry: TrackMetadata) -> Bool {
            track.id == entry.trackID || (entry.kind == track.kind.rawValue && entry.streamID.map(streamIDs.contains) == true)
        }
    }

    private var tracks: [Track] = []
    private var streams: [MediaStream] = []
    private var metadata = InboundMetadata()

    /// A track appeared. One that is there already changes nothing.
    mutating func add(_ track: any MediaStreamTrack, streamIDs: [String]) -> [Change] {
        guard !tracks.contains(where: { $0.track === track }) else { return [] }
        let known = metadata.metadata(of: track, streamIDs: streamIDs, others: tracks.map(\.track.id))
        tracks.append(Track(track: track, streamIDs: streamIDs, metadata: known))
        var fresh: [MediaStream] = []
        for id in streamIDs {
            if let stream = streams.first(where: { $0.id == id }) {
                stream.insert(track)
            } else {
                let stream = MediaStream(id: id, tracks: [track])
                streams.append(stream)
                fresh.append(stream)
            }
        }
        let first = streamIDs.first.flatMap { id in streams.first { $0.id == id } }
        return [.trackAdded(track, stream: first, metadata: known)] + fresh.map { .streamAdded($0, metadata: known) }
    }

    /// A track is not sent any more.
    mutating func remove(_ track: any MediaStreamTrack) -> [Change] {
        guard let place = tracks.firstIndex(where: { $0.track === track }) else { return [] }
        let gone = tracks.remove(at: place)
        var changes: [Change] = [.trackRemoved(track)]
        for stream in streams where gone.streamIDs.contains(stream.id) {
            stream.remove(track)
            if stream.tracks.isEmpty { changes.append(.streamRemoved(stream)) }
        }
        streams.removeAll { $0.tracks.isEmpty }
        return changes
    }

    /// The remote peer described a track, before or after it appeared.
    mutating func describe(_ entry: TrackMetadata) -> [Change] {
        metadata.set(entry)
        let names = tracks.map(\.track.id)
        var changes: [Change] = []
        for place in tracks.indices {
            let track = tracks[place]
            guard track.isMeant(by: entry) else { continue }
            let now = metadata.metadata(of: track.track, streamIDs: track.streamIDs, others: names)
            guard now != track.metadata else { continue }
            tracks[place].metadata = now
            changes.append(.trackMetadataChanged(track.track, metadata: now))
        }
        return changes
    }

    /// The connection was replaced: its tracks are gone without a word, those of the next come as new ones, in fresh streams.
    mutating func connectionReplaced() {
        tracks.removeAll()
        streams.removeAll()
    }
}
