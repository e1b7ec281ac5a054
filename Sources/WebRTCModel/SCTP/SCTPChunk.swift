import NIOCore

/// One DATA chunk (RFC 9260 section 3.3.1): a message or a fragment of one.
struct SCTPData: Hashable, Sendable {
    var transmissionSequenceNumber: UInt32
    var stream: UInt16
    var streamSequenceNumber: UInt16
    var isUnordered: Bool
    var isBeginning: Bool
    var isEnd: Bool
    var payloadProtocol: UInt32
    var payload: ByteBuffer

    static let headerBytes = 16
}

/// What INIT and INIT-ACK say (section 3.3.2).
struct SCTPInitiation: Hashable, Sendable {
    var tag: UInt32
    var window: UInt32
    var outgoingStreams: UInt16
    var incomingStreams: UInt16
    var transmissionSequenceNumber: UInt32
    /// The state cookie of an INIT-ACK.
    var cookie: ByteBuffer?
}

/// A parameter of RE-CONFIG (RFC 6525 section 4).
enum SCTPReconfiguration: Hashable, Sendable {
    case outgoingReset(request: UInt32, response: UInt32, lastTransmissionSequenceNumber: UInt32, streams: [UInt16])
    case response(request: UInt32, result: UInt32)

    /// "Success - performed".
    static let performed: UInt32 = 1
    /// "In progress": the sender asks again.
    static let inProgress: UInt32 = 6
}

/// A chunk (RFC 9260 section 3.2).
enum SCTPChunk: Hashable, Sendable {
    case data(SCTPData)
    case initiation(SCTPInitiation)
    case initiationAcknowledgement(SCTPInitiation)
    /// Gap blocks are offsets from `cumulative`.
    case selectiveAcknowledgement(cumulative: UInt32, window: UInt32, gaps: [ClosedRange<UInt16>])
    case heartbeat(ByteBuffer)
    case heartbeatAcknowledgement(ByteBuffer)
    case abort(reason: String)
    case cookieEcho(ByteBuffer)
    case cookieAcknowledgement
    case reconfiguration([SCTPReconfiguration])
    /// RFC 3758: what is given up, and the last sequence numbers of ordered streams in it.
    case forward(cumulative: UInt32, streams: [SkippedStream])

    /// A stream that a FORWARD-TSN names.
    struct SkippedStream: Hashable, Sendable {
        var stream: UInt16
        var streamSequenceNumber: UInt16
    }
}

/// The common header (section 3.1).
enum SCTPPacket {
    static let headerBytes = 12
    /// Ports are names inside the DTLS association: 5000 in every description.
    static let port: UInt16 = 5_000

    /// A packet's header. The checksum is zero, as dcSCTP's is over DTLS (RFC 9653).
    static func begin(tag: UInt32) -> ByteBuffer {
        var packet = ByteBuffer()
        packet.writeMultipleIntegers(port, port, tag, UInt32(0))
        return packet
    }

    /// The tag, with the reader at the first chunk; nil if the header is cut off.
    static func readHeader(_ packet: inout ByteBuffer) -> UInt32? {
        guard let (_, _, tag, _) = packet.readMultipleIntegers(as: (UInt16, UInt16, UInt32, UInt32).self) else { return nil }
        return tag
    }
}
