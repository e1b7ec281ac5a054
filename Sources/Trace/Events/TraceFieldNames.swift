import CompactJSON

// Every field that the vocabulary has, once. What each means in which event: `TraceVocabulary`.

extension TraceField<Int> {
    /// Which attempt.
    public static let attempt = Self("attempt"), attemptNumber = Self("n"), ordinal = Self("ordinal")
    /// Codes and counts.
    public static let port = Self("port"), status = Self("status"), code = Self("code"), count = Self("count")
    /// Sizes in bytes.
    public static let bytes = Self("bytes"), dataBytes = Self("dataBytes"), maxMessageSize = Self("maxMessageSize")
}

extension TraceField<Int64> {
    /// A wait and what it was made of, in nanoseconds.
    public static let base = Self("baseNs"), floor = Self("floorNs"), delay = Self("delayNs")
    /// Other times in nanoseconds.
    public static let retryAfter = Self("retryAfterNs"), jump = Self("jumpNs"), silence = Self("silenceNs"), remaining = Self("remainingNs")
    /// The service's number of a connection.
    public static let connection = Self("conn")
}

extension TraceField<Bool> {
    /// About sockets.
    public static let tls = Self("tls"), opened = Self("opened"), binary = Self("binary")
    /// About reports.
    public static let willReconnect = Self("willReconnect"), reconnect = Self("reconnect")
    /// About paths.
    public static let oldPathGone = Self("oldPathGone"), up = Self("up"), satisfied = Self("satisfied")
}

extension TraceField<String> {
    /// States and phases.
    public static let from = Self("from"), to = Self("to"), phase = Self("phase"), serviceState = Self("state")
    /// Why.
    public static let error = Self("error"), reason = Self("reason"), fault = Self("fault")
    /// Frames and requests.
    public static let frame = Self("frame"), requestID = Self("requestId"), channel = Self("channel"), id = Self("id")
    /// More of frames and requests.
    public static let requestKind = Self("kind"), outcome = Self("outcome"), serverCode = Self("code")
    /// Who and where.
    public static let host = Self("host"), peerID = Self("peerId"), peer = Self("peer"), name = Self("name")
    /// More of where.
    public static let address = Self("address"), interface = Self("interface"), link = Self("link"), transport = Self("protocol")
    /// Log lines, the timeline, what models did.
    public static let level = Self("level"), text = Self("text"), action = Self("action"), event = Self("event")
    /// How things are set up.
    public static let clock = Self("clock"), credential = Self("credential")
    /// What a user notices.
    public static let shows = Self("shows"), hides = Self("hides"), prompts = Self("prompts"), note = Self("note")
}

extension TraceField<[String]> {
    /// Peer ids of a presence report.
    public static let joined = Self("joined"), left = Self("left")
}

extension TraceField<JSONValue> {
    /// What a `going_away` frame said, as it said it.
    public static let rawRetryAfter = Self("retryAfterMs")
}
