import CompactJSON

// Every field that the vocabulary has, once. What each means in which event: `TraceVocabulary`.

extension TraceField<Int> {
    /// Which attempt.
    public static let attempt = Self("attempt"), attemptNumber = Self("n"), ordinal = Self("ordinal")
    /// Codes and counts.
    public static let port = Self("port"), status = Self("status"), code = Self("code"), count = Self("count")
    /// Which object, connection, rung or list of ICE servers.
    public static let object = Self("object"), rung = Self("rung"), serverList = Self("serverList"), attempts = Self("attempts")
    /// How often an offer was sent before, and the length of a candidate.
    public static let repetition = Self("repeat"), characters = Self("characters")
    /// Sizes in bytes.
    public static let bytes = Self("bytes"), dataBytes = Self("dataBytes"), maxMessageSize = Self("maxMessageSize")
}

extension TraceField<Int64> {
    /// A wait and what it was made of, in nanoseconds.
    public static let base = Self("baseNs"), floor = Self("floorNs"), delay = Self("delayNs")
    /// Other times in nanoseconds.
    public static let retryAfter = Self("retryAfterNs"), jump = Self("jumpNs"), silence = Self("silenceNs"), remaining = Self("remainingNs")
    /// How long something lasted.
    public static let duration = Self("forNs")
    /// The service's number of a connection.
    public static let connection = Self("conn")
}

extension TraceField<Bool> {
    /// About sockets.
    public static let tls = Self("tls"), opened = Self("opened"), binary = Self("binary")
    /// About reports.
    public static let willReconnect = Self("willReconnect"), reconnect = Self("reconnect")
    /// About negotiation.
    public static let isGiveUp = Self("isGiveUp"), kept = Self("kept")
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
    /// Remote peers and what they send.
    public static let remote = Self("remote"), dataKind = Self("kind"), shape = Self("shape"), label = Self("label")
    /// Connections, their machines and the ladder.
    public static let machine = Self("machine"), state = Self("state"), cause = Self("cause")
    /// Signals.
    public static let signal = Self("signal"), ufrag = Self("ufrag"), fingerprint = Self("fingerprint"), trackID = Self("trackId")
    /// Streams, tracks and channels.
    public static let stream = Self("stream"), track = Self("track"), mediaKind = Self("kind"), origin = Self("origin")
    /// ICE.
    public static let url = Self("url"), candidateType = Self("type"), server = Self("server")
    /// More of ICE.
    public static let localCandidate = Self("localCandidate"), remoteCandidate = Self("remoteCandidate")
    /// What a user notices.
    public static let shows = Self("shows"), hides = Self("hides"), prompts = Self("prompts"), note = Self("note")
}

extension TraceField<[String]> {
    /// Peer ids of a presence report.
    public static let joined = Self("joined"), left = Self("left")
    /// Peer ids of a snapshot.
    public static let members = Self("members")
    /// URLs of ICE servers, never their credentials.
    public static let iceServers = Self("iceServers")
    /// The media of a description's sections, and the tracks that it announces.
    public static let sections = Self("sections"), tracks = Self("tracks")
}

extension TraceField<JSONValue> {
    /// What a `going_away` frame said, as it said it.
    public static let rawRetryAfter = Self("retryAfterMs")
    /// A remote peer's metadata; in a snapshot an object that has each member's.
    public static let metadata = Self("metadata")
}
