public import NIOCore

/// Every decision about one remote peer's connection, in order, redacted (SIG-17).
public enum LinkDiagnostic: Hashable, Sendable {
    /// A peer connection was made. Ordinals count the connections to this remote peer from 1.
    case connectionCreated(ordinal: Int, reason: ConnectionReason, iceServers: ICEServersRecord)
    /// A peer connection was closed by us.
    case connectionClosed(ordinal: Int)
    /// One of the W3C state machines changed.
    case connectionStateChanged(ordinal: Int, PeerConnectionStateChange)
    /// The ICE-restart ladder.
    case ladder(LadderDiagnostic)
    /// An ICE restart that is no rung of the ladder.
    case iceRestart(ICERestartCause)
    /// New ICE servers were handed to the connection.
    case iceServersUpdated(ordinal: Int, ICEServersRecord)
    /// A signal was handed to the signalling layer.
    case signalSent(SignalRecord)
    /// A signal came.
    case signalReceived(SignalRecord)
    /// A signal was not used, or not sent.
    case signalDropped(SignalRecord, reason: String)
    /// A signal was not delivered.
    case signalFailed(SignalRecord, SignallingError)
    /// A connection begins to send a local track (`added`), or ceases to while it lives.
    case localTrack(ordinal: Int, id: String, kind: MediaKind, PresenceChange)
    /// A data channel's state changed, or it was made. Numbers count the channels of the link from 1, whoever opened them.
    case dataChannel(number: Int, label: String, state: DataChannelState, origin: DataChannelOrigin)
    /// Something for a developer to read.
    case note(String)
}

/// A change of one of a peer connection's state machines.
public enum PeerConnectionStateChange: Hashable, Sendable {
    /// `signalingState`.
    case signaling(SignalingState)
    /// `iceConnectionState`.
    case ice(ICEConnectionState)
    /// `iceGatheringState`.
    case gathering(ICEGatheringState)
    /// `connectionState`.
    case connection(PeerConnectionState)
}

/// Why ICE was restarted outside the ladder.
public enum ICERestartCause: String, Hashable, Sendable {
    /// The application reported that the old network path is gone (SIG-19).
    case pathChanged = "path-changed"
    /// The answer that was taken turned out to be for an earlier offer (ICE-10).
    case answerMismatch = "answer-mismatch"
}

/// Who opened a data channel.
public enum DataChannelOrigin: String, Hashable, Sendable {
    /// The application here.
    case local
    /// The remote peer.
    case remote
}

/// ICE servers as a diagnostic shows them: without credentials.
public struct ICEServersRecord: Hashable, Sendable {
    /// All URLs, in order.
    public var urls: [String]
    /// Tells two lists with the same URLs and other user names apart (as short-lived TURN user names change): 16 hexadecimal digits.
    public var digest: String
}

/// What the ladder did (ICE-01...05, ICE-07).
public enum LadderDiagnostic: Hashable, Sendable {
    /// It started: t0 (ICE-02).
    case started(LadderCause)
    /// A rung will come after this delay. Rungs count from 1.
    case scheduled(rung: Int, after: TimeAmount)
    /// A rung's turn came and it was taken.
    case rungStarted(rung: Int)
    /// A rung's turn came and it was skipped, because signalling was not ready (ICE-07).
    case rungSkipped(rung: Int)
    /// What became of a rung.
    case rungOutcome(rung: Int, RungOutcome)
    /// The link connected; the ladder waits whether it holds.
    case suspended
    /// The link failed before it had held long enough: the next rung follows.
    case resumed(LadderCause)
    /// The link held: the ladder is over.
    case reset
    /// A swap, a replacement, a restart outside the ladder or the end of the link ended it.
    case abandoned
    /// The time to give up came while signalling was not ready; it is reported afterwards (ICE-07).
    case giveUpPostponed
    /// It gave up after this many attempts (ICE-05).
    case gaveUp(attempts: Int)
}

/// What started the ladder.
public enum LadderCause: String, Hashable, Sendable {
    /// The connection state became `failed`.
    case failed
    /// `connecting` or `disconnected` for too long (BEY-15).
    case stuck
    /// An offer stayed unanswered, repeats included (BEY-16).
    case unansweredOffer = "unanswered-offer"
}

/// What became of a rung. Several may follow each other.
public enum RungOutcome: Hashable, Sendable {
    /// Its offer was handed to the signalling layer.
    case offerSent
    /// Its offer was answered.
    case answered
    /// The remote peer's own offer took its place (ICE-08).
    case yielded
    /// The link connected.
    case connected
    /// No offer could be made or sent.
    case failed(String)
    /// The next rung came first, or the ladder ended.
    case superseded
}

/// A signal as a diagnostic shows it.
public struct SignalRecord: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, Hashable, Sendable {
        /// An offer.
        case offer
        /// An answer.
        case answer
        /// A candidate.
        case candidate = "ice"
        /// The end of candidates.
        case endOfCandidates = "ice-end"
        /// What a track is about.
        case trackMetadata = "track-metadata"
    }

    /// What it is.
    public var kind: Kind
    /// The pseudonym of its ICE user-name fragment (``Redaction/pseudonym(forUsernameFragment:)``).
    public var usernameFragment: String?
    /// The DTLS fingerprint of a description.
    public var fingerprint: String?
    /// The kinds of a description's media sections: `audio`, `video`, `application`.
    public var sections: [String] = []
    /// The track that metadata are about.
    public var trackID: String?
    /// Whether it was sent before (BEY-16).
    public var isRepeat = false
    /// The tracks that a description announces (RFC 8830), in order.
    public var announcedTracks: [String] = []
    /// The length of a candidate's text.
    public var characters: Int?
    /// The identifier of the request that carries it; of what is sent (WIRE-11).
    public var requestID: String?
}
