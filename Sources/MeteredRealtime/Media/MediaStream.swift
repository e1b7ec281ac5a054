import NIOConcurrencyHelpers

/// A named group of tracks (`MediaStream`), local or remote. The id is the same at both ends.
///
/// A remote stream's id stays over reconnects, its object does not: take the new one from each ``RemotePeerEvent/streamAdded(_:metadata:)`` (ROS-10).
public final class MediaStream: Sendable {
    /// Its id: 1...64 characters of RFC 8830's token set (letters, digits and most punctuation, no space).
    public let id: String

    private let shared: NIOLockedValueBox<[any MediaStreamTrack]>

    /// - Parameters:
    ///   - id: Its id.
    ///   - tracks: Its tracks.
    public init(id: String, tracks: [any MediaStreamTrack] = []) {
        self.id = id
        shared = NIOLockedValueBox(tracks)
    }

    /// Its tracks as of now, in the order in which they came.
    public var tracks: [any MediaStreamTrack] { shared.withLockedValue { $0 } }

    /// Adds a track to the group. To send it, see ``MeteredPeer/addTrack(_:to:metadata:)``.
    func insert(_ track: any MediaStreamTrack) {
        shared.withLockedValue { tracks in
            guard !tracks.contains(where: { $0 === track }) else { return }
            tracks.append(track)
        }
    }

    /// Takes a track out of the group.
    func remove(_ track: any MediaStreamTrack) { shared.withLockedValue { $0.removeAll { $0 === track } } }

    /// Puts another track in a track's place.
    func replace(_ track: any MediaStreamTrack, with other: any MediaStreamTrack) {
        shared.withLockedValue { tracks in
            guard let place = tracks.firstIndex(where: { $0 === track }) else { return }
            tracks[place] = other
        }
    }
}

extension MediaStream: CustomReflectable {
    /// A mirror with the ids alone: tracks are objects of the WebRTC library.
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "tracks": tracks.map(\.id)]) }
}
