/// What two peers tell each other through the service about their connection (WIRE-09).
enum PeerSignal: Hashable, Sendable {
    /// An offer or an answer.
    case description(SessionDescription)
    /// A candidate.
    case candidate(ICECandidate)
    /// There are no more candidates.
    case endOfCandidates
    /// What a track is about.
    case trackMetadata(TrackMetadata)
}

/// What a track is about, sent ahead of the description that carries it (WIRE-11).
struct TrackMetadata: Hashable, Sendable {
    /// The sender's track id.
    var trackID: String
    /// The application's object; nil takes it back.
    var metadata: JSONObject?
    /// The stream the track belongs to: receivers whose library names tracks anew find the track by it.
    var streamID: String?
    /// The track's kind, for the same purpose.
    var kind: String?
}

extension PeerSignal {
    /// How urgent it is while pacing holds frames back (SIG-20).
    var urgency: SignalUrgency {
        switch self {
        case .description, .trackMetadata: .description
        case .candidate, .endOfCandidates: .candidate
        }
    }
}

/// What the `data` of a direct message is to the peer layer.
enum SignalReading: Hashable, Sendable {
    /// The application's data.
    case data
    /// A signal.
    case signal(PeerSignal)
    /// It looks like a signal and is none: never shown to the application (WIRE-09), dropped.
    case malformed(String)
}
