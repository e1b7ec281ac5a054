/// The tracks that every remote peer gets, in the order in which they were added.
struct LocalMedia {
    struct Entry {
        let track: any MediaStreamTrack
        let stream: MediaStream?
        let metadata: JSONObject?

        /// As the link wants it.
        var localTrack: LocalTrack { LocalTrack(track: track, streamIDs: stream.map { [$0.id] } ?? [], metadata: metadata) }

        /// What the remote peers are told of it.
        var description: TrackMetadata {
            TrackMetadata(trackID: track.id, metadata: metadata, streamID: stream?.id, kind: track.kind.rawValue)
        }
    }

    /// Unicode scalars of an identifier of a stream or a track (RFC 8830 section 2).
    static let identifierLimit = 64

    private(set) var entries: [Entry] = []

    func entry(of track: any MediaStreamTrack) -> Entry? { entries.first { $0.track === track } }

    /// Checks an entry. Returns whether it is new: the same track of the same stream again changes nothing.
    func isNew(_ entry: Entry) throws(MeteredPeerError) -> Bool {
        if let stream = entry.stream { try check(stream.id, "stream") }
        try check(entry.track.id, "track")
        guard let present = self.entry(of: entry.track) else { return true }
        guard present.stream?.id == entry.stream?.id else {
            throw .trackAlreadyAttached(trackID: entry.track.id, streamID: present.stream?.id)
        }
        return false
    }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        entry.stream?.insert(entry.track)
    }

    /// Returns whether it was there.
    mutating func remove(_ track: any MediaStreamTrack) -> Bool {
        guard let place = entries.firstIndex(where: { $0.track === track }) else { return false }
        entries.remove(at: place).stream?.remove(track)
        return true
    }

    /// Puts another track in a track's place. Returns the new entry.
    mutating func replace(_ track: any MediaStreamTrack, with other: any MediaStreamTrack) throws(MeteredPeerError) -> Entry {
        guard let place = entries.firstIndex(where: { $0.track === track }) else { throw .trackNotAttached(trackID: track.id) }
        try check(other.id, "track")
        if let present = entry(of: other) { throw .trackAlreadyAttached(trackID: other.id, streamID: present.stream?.id) }
        guard track.kind == other.kind else { throw .invalidMedia("\(other.kind.rawValue) cannot replace \(track.kind.rawValue)") }
        let entry = Entry(track: other, stream: entries[place].stream, metadata: entries[place].metadata)
        entries[place] = entry
        entry.stream?.replace(track, with: other)
        return entry
    }

    mutating func removeAll() { entries.removeAll() }

    /// RFC 8830 section 2: 1...64 characters of the `token-char` of RFC 8866 section 9.
    private func check(_ id: String, _ what: String) throws(MeteredPeerError) {
        guard (1...Self.identifierLimit).contains(id.utf8.count), id.utf8.allSatisfy(Self.isTokenCharacter) else {
            throw .invalidMedia("the id of a \(what) must be 1...\(Self.identifierLimit) letters, digits or marks")
        }
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x27, 0x2A...0x2B, 0x2D...0x2E, 0x30...0x39, 0x41...0x5A, 0x5E...0x7E: true
        default: false
        }
    }
}
