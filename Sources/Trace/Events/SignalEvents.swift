import CompactJSON

/// What a WebRTC signal says, as far as it may be shown.
public struct TracedSignal: Hashable, Sendable {
    /// Which signal (WIRE-09).
    public enum Kind: String, Sendable, CaseIterable {
        case offer, answer, ice
        case iceEnd = "ice-end"
        case trackMetadata = "track-metadata"
    }

    /// Which signal.
    public var kind: Kind
    /// A stable pseudonym of the ICE user name fragment, the same for equal ones in all events of this peer.
    public var ufrag: String?
    /// The DTLS certificate's fingerprint, or a stable pseudonym of it.
    public var fingerprint: String?
    /// The media of a description's sections in order: `audio`, `video`, `application`.
    public var sections: [String]?
    /// The track ids that a description announces, in order.
    public var tracks: [String]?
    /// The track that metadata belongs to.
    public var trackID: String?
    /// The length of a candidate.
    public var characters: Int?

    /// - Parameter kind: Which signal; the rest is set as far as it is known.
    public init(_ kind: Kind, ufrag: String? = nil, fingerprint: String? = nil, sections: [String]? = nil, tracks: [String]? = nil) {
        self.kind = kind
        self.ufrag = ufrag
        self.fingerprint = fingerprint
        self.sections = sections
        self.tracks = tracks
    }

    fileprivate func write(to fields: inout TraceEventFields) {
        fields.add(.signal, kind.rawValue)
        fields.add(.ufrag, ufrag)
        fields.add(.fingerprint, fingerprint)
        fields.add(.sections, sections)
        fields.add(.tracks, tracks)
        fields.add(.trackID, trackID)
        fields.add(.characters, characters)
    }

    /// The signal of an event about one; nil if it has none that is known.
    public init?(_ event: TraceEvent) {
        guard let kind = event[.signal].flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(
            kind, ufrag: event[.ufrag], fingerprint: event[.fingerprint], sections: event[.sections], tracks: event[.tracks])
        trackID = event[.trackID]
        characters = event[.characters]
    }
}

extension TraceEvent {
    /// A signal was handed to signalling. `repetition` counts the times an offer was sent before (BEY-16); `requestID` is that of the `send` that
    /// carries it.
    public static func signalSent(
        at timeNs: Int64, who: String, remote: String, _ signal: TracedSignal, repetition: Int? = nil, requestID: String? = nil
    ) -> Self {
        make(.signalSent, timeNs, who) {
            $0.add(.remote, remote)
            signal.write(to: &$0)
            $0.add(.repetition, repetition)
            $0.add(.requestID, requestID)
        }
    }

    /// A well-formed signal came from a peer of the roster; what is made of it follows.
    public static func signalReceived(at timeNs: Int64, who: String, remote: String, _ signal: TracedSignal) -> Self {
        make(.signalReceived, timeNs, who) {
            $0.add(.remote, remote)
            signal.write(to: &$0)
        }
    }

    /// Why a signal had no effect.
    public enum SignalDropReason: String, Sendable, CaseIterable {
        /// Its sender is not in the roster (ROS-13).
        case notInRoster = "not-in-roster"
        /// An offer that collides with ours, and we are impolite (ICE-08).
        case collision
        /// An answer outside `have-local-offer`, or whose ufrag belongs to an earlier offer (ICE-10).
        case unexpected
        /// Of an earlier generation (ICE-10).
        case stale
        /// Beyond 200 candidates of a generation (ICE-09).
        case overCap = "over-cap"
        /// A candidate beyond 1,000 characters (ICE-09).
        case tooLong = "too-long"
        /// Not a signal of a known form.
        case malformed
        /// A replacement too soon after the last (ICE-11).
        case tooSoon = "too-soon"
        /// Candidates whose description was rejected (WIRE-11).
        case descriptionRejected = "description-rejected"
        /// The link or peer is closed.
        case closed
    }

    /// A signal was dropped, inbound ones after their `signal-received`, if they had one. `reason` is a ``SignalDropReason`` or words.
    public static func signalDropped(at timeNs: Int64, who: String, remote: String, _ signal: TracedSignal, reason: String) -> Self {
        make(.signalDropped, timeNs, who) {
            $0.add(.remote, remote)
            signal.write(to: &$0)
            $0.add(.reason, reason)
        }
    }

    /// A signal was not delivered, or it is not known whether it was; `error` is redacted.
    public static func signalFailed(at timeNs: Int64, who: String, remote: String, _ signal: TracedSignal, error: String) -> Self {
        make(.signalFailed, timeNs, who) {
            $0.add(.remote, remote)
            signal.write(to: &$0)
            $0.add(.error, error)
        }
    }
}
