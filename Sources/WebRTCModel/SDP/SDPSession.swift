/// A session description: the subset of RFC 8866 that JSEP (RFC 8829 section 5) uses, for one bundled transport.
struct SDPSession: Hashable, Sendable {
    /// The first number of `o=`; stays the same in all descriptions of one end.
    var identifier: UInt64
    /// The second number of `o=`; grows with each description that differs (RFC 8829 section 5.2.2).
    var version: UInt64
    /// The `mid`s of `a=group:BUNDLE`, in order.
    var bundle: [String]
    /// `a=ice-lite`.
    var isICELite = false
    /// In the order of their m-lines, which never changes once negotiated.
    var sections: [SDPMediaSection]

    /// The section of the bundle's transport: the first that is not rejected.
    var transportSection: SDPMediaSection? { sections.first { !$0.isRejected } ?? sections.first }
    /// The transport of the bundle.
    var transport: SDPTransport? { transportSection?.transport }

    func section(mid: String) -> SDPMediaSection? { sections.first { $0.mid == mid } }
}

/// The media type of an m-line.
enum SDPMediaKind: String, Hashable, Sendable {
    case audio, video, application
}

/// `a=sendrecv` and its kin (RFC 8866 section 6.7).
enum MediaDirection: String, Hashable, Sendable {
    case sendrecv, sendonly, recvonly, inactive

    init(sends: Bool, receives: Bool) {
        self = sends ? (receives ? .sendrecv : .sendonly) : (receives ? .recvonly : .inactive)
    }

    var sends: Bool { self == .sendrecv || self == .sendonly }
    var receives: Bool { self == .sendrecv || self == .recvonly }
    /// As the other end sees it.
    var reversed: MediaDirection { MediaDirection(sends: receives, receives: sends) }
}

/// One m-line and what belongs to it.
struct SDPMediaSection: Hashable, Sendable {
    var kind: SDPMediaKind
    /// Port 0: not used (RFC 8829 section 5.2.2).
    var isRejected = false
    var mid: String
    var direction = MediaDirection.sendrecv
    /// `a=msid`, in order.
    var streams: [SDPStream] = []
    /// `a=ssrc` (RFC 5576), each once, in order.
    var synchronizationSources: [UInt32] = []
    /// Payload formats of audio and video, the preferred first.
    var formats: [SDPFormat] = []
    var transport: SDPTransport
    /// The values of `a=candidate`, without the name.
    var candidates: [String] = []
    /// `a=end-of-candidates` (RFC 8838 section 8.2).
    var isEndOfCandidates = false
    /// `a=sctp-port` (RFC 8841), of `application`.
    var sctpPort: UInt16?
    /// `a=max-message-size` (RFC 8841); nil is 65,536, and 0 any size.
    var maximumMessageBytes: UInt64?

    init(kind: SDPMediaKind, mid: String, transport: SDPTransport) {
        self.kind = kind
        self.mid = mid
        self.transport = transport
    }
}

/// `a=msid:<stream> <track>` (RFC 8830).
struct SDPStream: Hashable, Sendable {
    /// "-" belongs to no stream.
    var stream: String
    var track: String?
}

/// A payload type and its `a=rtpmap`.
struct SDPFormat: Hashable, Sendable {
    var payloadType: UInt8
    /// As "opus/48000/2"; nil if the description does not say.
    var map: String?
}

/// What a media section says about its transport. Its description hides the password.
struct SDPTransport: Hashable, Sendable, CustomStringConvertible {
    var usernameFragment: String
    var password: String
    /// `a=ice-options:trickle` (RFC 8840).
    var trickles = true
    var fingerprint: SDPFingerprint
    var setup: SDPSetup

    var description: String { "transport \(usernameFragment) \(setup.rawValue)" }
}

/// `a=fingerprint` (RFC 8122).
struct SDPFingerprint: Hashable, Sendable {
    /// The hash function's name in lower case: "sha-256".
    var hash: String
    /// Upper-case hexadecimal with colons.
    var value: String

    /// Of the SHA-256 of a certificate.
    init(sha256 digest: some Sequence<UInt8>) {
        hash = "sha-256"
        value = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
    }

    /// Parses "<hash> <hexadecimal with colons>"; nil for anything else.
    init?(_ text: String) {
        let parts = text.words()
        guard parts.count == 2, parts[0].utf8.count <= 16, (2...191).contains(parts[1].utf8.count), Self.isColonHexadecimal(parts[1]) else {
            return nil
        }
        hash = parts[0].lowercased()
        value = parts[1].uppercased()
    }

    /// Two digits, and again a colon and two digits.
    private static func isColonHexadecimal(_ text: Substring) -> Bool {
        var place = 0
        for byte in text.utf8 {
            let isRight =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                    place % 3 < 2
                case UInt8(ascii: ":"): place % 3 == 2
                default: false
                }
            guard isRight else { return false }
            place += 1
        }
        return place % 3 == 2
    }
}

/// `a=setup` (RFC 4145): who opens DTLS.
enum SDPSetup: String, Hashable, Sendable {
    case actpass, active, passive
}
