public import NIOCore

/// What a peer connection is made with (`RTCConfiguration`).
public struct PeerConnectionConfiguration: Hashable, Sendable {
    /// Which candidates may be used (`RTCIceTransportPolicy`).
    public enum ICETransportPolicy: String, Hashable, Sendable, CaseIterable {
        /// All.
        case all
        /// Only those of a TURN server.
        case relay
    }

    /// The STUN and TURN servers.
    public var iceServers: [ICEServer]
    /// Which candidates may be used.
    public var iceTransportPolicy: ICETransportPolicy

    /// - Parameters:
    ///   - iceServers: The STUN and TURN servers.
    ///   - iceTransportPolicy: Which candidates may be used.
    public init(iceServers: [ICEServer] = [], iceTransportPolicy: ICETransportPolicy = .all) {
        self.iceServers = iceServers
        self.iceTransportPolicy = iceTransportPolicy
    }
}

/// An offer or an answer (`RTCSessionDescription`).
public struct SessionDescription: Hashable, Sendable {
    /// `RTCSdpType`.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// An offer.
        case offer
        /// A provisional answer.
        case provisionalAnswer = "pranswer"
        /// An answer.
        case answer
        /// Takes back an offer that was not answered.
        case rollback
    }

    /// Which of them.
    public var kind: Kind
    /// Its SDP (RFC 8866); empty for a rollback.
    public var sdp: String

    /// - Parameters:
    ///   - kind: Which of them.
    ///   - sdp: Its SDP.
    public init(kind: Kind, sdp: String) {
        self.kind = kind
        self.sdp = sdp
    }
}

/// A candidate as it travels (`RTCIceCandidateInit`).
public struct ICECandidate: Hashable, Sendable {
    /// The `candidate:` attribute's value (RFC 8839 section 5.1); empty is the end of candidates of one section.
    public var candidate: String
    /// The media section it belongs to, by its `mid`.
    public var sdpMid: String?
    /// The media section it belongs to, by its place, from 0.
    public var sdpMLineIndex: Int?
    /// The generation it belongs to.
    public var usernameFragment: String?

    /// - Parameters:
    ///   - candidate: The attribute's value.
    ///   - sdpMid: The section's `mid`.
    ///   - sdpMLineIndex: The section's place.
    ///   - usernameFragment: The generation.
    public init(candidate: String, sdpMid: String? = nil, sdpMLineIndex: Int? = nil, usernameFragment: String? = nil) {
        self.candidate = candidate
        self.sdpMid = sdpMid
        self.sdpMLineIndex = sdpMLineIndex
        self.usernameFragment = usernameFragment
    }
}

/// A STUN or TURN server that could not be used (`RTCPeerConnectionIceErrorEvent`).
public struct ICECandidateError: Error, Hashable, Sendable {
    /// The server's URL.
    public var url: String
    /// The STUN error code (RFC 8489 section 14.8), or 701 if the server was not reached.
    public var errorCode: Int
    /// The reason in words.
    public var errorText: String

    /// - Parameters:
    ///   - url: The server's URL.
    ///   - errorCode: The STUN error code, or 701.
    ///   - errorText: The reason.
    public init(url: String, errorCode: Int, errorText: String) {
        self.url = url
        self.errorCode = errorCode
        self.errorText = errorText
    }
}

/// What has passed over a peer connection, and how (a small part of webrtc-stats).
public struct PeerConnectionStatistics: Hashable, Sendable {
    /// The nominated pair, as `RTCIceCandidateStats` types ("host", "srflx", "prflx", "relay") and addresses.
    public struct SelectedPair: Hashable, Sendable {
        /// The local candidate's type and address.
        public var local: String
        /// The remote candidate's type and address.
        public var remote: String
        /// The last measured round-trip time.
        public var roundTripTime: TimeAmount?

        /// - Parameters:
        ///   - local: The local candidate.
        ///   - remote: The remote candidate.
        ///   - roundTripTime: The last measured round-trip time.
        public init(local: String, remote: String, roundTripTime: TimeAmount?) {
            self.local = local
            self.remote = remote
            self.roundTripTime = roundTripTime
        }
    }

    /// The pair in use.
    public var selectedPair: SelectedPair?
    /// Payload bytes sent.
    public var bytesSent: UInt64
    /// Payload bytes received.
    public var bytesReceived: UInt64
    /// Video frames received, of all tracks.
    public var framesReceived: UInt64

    /// Nothing has passed.
    public init(selectedPair: SelectedPair? = nil, bytesSent: UInt64 = 0, bytesReceived: UInt64 = 0, framesReceived: UInt64 = 0) {
        self.selectedPair = selectedPair
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.framesReceived = framesReceived
    }
}
