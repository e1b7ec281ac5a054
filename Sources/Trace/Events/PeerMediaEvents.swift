import CompactJSON

// How a producer makes the events of a peer's media: local tracks, remote streams and tracks, data channels.

extension TraceEvent {
    /// What became of a local track.
    public enum LocalTrackPhase: String, Sendable, CaseIterable {
        /// The application added, removed or replaced it.
        case added, removed, replaced
        /// One connection began or ceased to send it.
        case attached, detached
    }

    /// A local track. `remote` and `ordinal` (of the connection) belong to `attached` and `detached`.
    public static func localTrack(
        at timeNs: Int64, who: String, phase: LocalTrackPhase, track: String, kind: String, stream: String? = nil, remote: String? = nil,
        ordinal: Int? = nil
    ) -> Self {
        make(.localTrack, timeNs, who) {
            $0.add(.phase, phase.rawValue)
            $0.add(.track, track)
            $0.add(.mediaKind, kind)
            $0.add(.stream, stream)
            $0.add(.remote, remote)
            $0.add(.ordinal, ordinal)
        }
    }

    /// Whether something remote appeared or went.
    public enum RemoteMediaPhase: String, Sendable, CaseIterable {
        case added, removed
    }

    /// The application was told of a remote stream. `object` counts the stream objects that the recorder met, told apart by identity.
    public static func stream(
        at timeNs: Int64, who: String, remote: String, phase: RemoteMediaPhase, stream: String, object: Int
    ) -> Self {
        make(.stream, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.phase, phase.rawValue)
            $0.add(.stream, stream)
            $0.add(.object, object)
        }
    }

    /// The application was told of a remote track; `metadata` is what its sender said of it.
    public static func track(
        at timeNs: Int64, who: String, remote: String, phase: RemoteMediaPhase, track: String, kind: String, stream: String? = nil,
        metadata: JSONValue? = nil
    ) -> Self {
        make(.track, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.phase, phase.rawValue)
            $0.add(.track, track)
            $0.add(.mediaKind, kind)
            $0.add(.stream, stream)
            $0.add(.metadata, metadata)
        }
    }

    /// Which side opened a data channel.
    public enum DataChannelOrigin: String, Sendable, CaseIterable {
        case local, remote
    }

    /// A data channel is in a new state (`connecting`, `open`, `closing`, `closed`). `object` counts the channel objects that the recorder met, told
    /// apart by identity.
    public static func dataChannel(
        at timeNs: Int64, who: String, remote: String, label: String, state: String, origin: DataChannelOrigin, object: Int? = nil
    ) -> Self {
        make(.dataChannel, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.label, label)
            $0.add(.state, state)
            $0.add(.origin, origin.rawValue)
            $0.add(.object, object)
        }
    }
}
