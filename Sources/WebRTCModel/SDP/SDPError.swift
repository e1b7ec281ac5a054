/// Why a text is not a session description that the model can use. Carries no part of the text: descriptions contain passwords.
public enum SDPError: Error, Hashable, Sendable {
    /// More bytes than ``SDPLimits/bytes``.
    case tooLong
    /// More than ``SDPLimits`` allow of something in it.
    case tooMany(String)
    /// A line that is not `<letter>=<value>`, or is longer than ``SDPLimits/lineBytes``. Lines count from 1.
    case malformedLine(Int)
    /// A value that does not parse.
    case malformedValue(name: String, line: Int)
    /// A required line is absent; of a media section, with its index from 0.
    case missing(name: String, section: Int?)
    /// Two media sections have the same `mid`, or the group names one that does not exist.
    case inconsistentIdentifiers
    /// Media sections that are not all in one BUNDLE group: the model has one transport.
    case notBundled
}

/// What bounds the work that a hostile description can cause.
public enum SDPLimits {
    /// The longest description.
    public static let bytes = 262_144
    /// The longest line; Chrome's are below 300.
    public static let lineBytes = 4_096
    /// Media sections of one description.
    public static let sections = 256
    /// Candidates of one media section (SPEC ICE-09 takes 200 per generation).
    public static let candidates = 200
    /// Streams, synchronisation sources and payload formats of one media section, each.
    public static let entries = 64
    /// The longest `ice-ufrag` and `ice-pwd` (RFC 8839 section 5.4).
    public static let credentialCharacters = 256
}
