/// The caps on what a remote peer may send (ICE-09), fixed.
enum SignalLimits {
    /// Bytes of a description's SDP. Our own are bounded by the server's `maxMessageSize`, 65,536 bytes.
    static let sdpBytes = 262_144
    /// Media sections of a description.
    static let sections = 256
    /// Distinct user-name fragments and fingerprints of a description.
    static let distinctAttributes = 64
    /// Candidates that act in one generation (ICE-09).
    static let candidatesPerGeneration = 200
    /// Characters of a candidate (ICE-09).
    static let candidateCharacters = 1_000
    /// Candidates that wait for their description.
    static let heldCandidates = 256
    /// Characters of an ICE user-name fragment (RFC 8839 section 5.4), of a `mid`, a track id, a stream id and a kind.
    static let identifierCharacters = 256
    /// Generations that are remembered as earlier ones. Not many more: libwebrtc's fragments have 24 bits only, and one that comes again is refused.
    static let rememberedGenerations = 64
    /// Descriptions that wait for the one before them.
    static let waitingDescriptions = 32
    /// Our own signals that wait for an acknowledgement or for signalling.
    static let waitingSignals = 1_024
}
