import NIOCore
import NetworkModel

/// A TCP connection as one host saw it, ready to be written without its TLS.
struct TCPFlow {
    /// The end that sent the first packet.
    let client: TransportAddress
    /// The other end.
    let server: TransportAddress

    private var fromClient = TCPStream()
    private var fromServer = TCPStream()
    private(set) var isTLS = false
    /// The application's bytes of each direction; empty until ``uncover()``.
    var clearFromClient = Cleartext(plain: [])
    var clearFromServer = Cleartext(plain: [])

    init(firstPacket packet: IPPacket) {
        client = packet.sourceTransportAddress
        server = packet.destinationTransportAddress
    }

    /// The sequence number of the client's SYN.
    var firstSequenceNumber: UInt32? { fromClient.start.map { $0 &- 1 } }

    mutating func take(_ segment: TCPSegment, from source: TransportAddress) {
        if source == client { fromClient.take(segment) } else { fromServer.take(segment) }
    }

    /// Takes TLS off, once everything has been taken in.
    mutating func uncover() {
        isTLS = Cleartext.isTLS(fromClient.bytes)
        if isTLS {
            let protection = Cleartext.protectionBytes(fromClient: fromClient.bytes)
            clearFromClient = Cleartext(records: fromClient.bytes, protectionBytes: protection)
            clearFromServer = Cleartext(records: fromServer.bytes, protectionBytes: protection)
        } else {
            clearFromClient = Cleartext(plain: fromClient.bytes)
            clearFromServer = Cleartext(plain: fromServer.bytes)
        }
    }

    /// Whether STUN or TURN runs over it (RFC 8489 section 6.2.2): the client begins with a message, which its magic cookie tells.
    var isSTUN: Bool {
        let bytes = clearFromClient.bytes
        return bytes.count >= 8 && bytes[0] < 0x40 && bytes[4..<8].elementsEqual([0x21, 0x12, 0xA4, 0x42])
    }

    /// The port that the server's is written as: a dissector must not look for TLS where there is none any more.
    private var writtenServerPort: UInt16 {
        guard isTLS else { return server.port }
        return isSTUN ? 3_478 : 80
    }

    /// The segment as it would have been without TLS, and the shift of its window.
    func uncovered(_ segment: TCPSegment, from source: TransportAddress) -> (segment: TCPSegment, windowScale: UInt8) {
        let isFromClient = source == client
        let (stream, clear) = isFromClient ? (fromClient, clearFromClient) : (fromServer, clearFromServer)
        let (opposite, oppositeClear) = isFromClient ? (fromServer, clearFromServer) : (fromClient, clearFromClient)
        var result = segment
        if isFromClient { result.destinationPort = writtenServerPort } else { result.sourcePort = writtenServerPort }
        if !segment.flags.contains(.syn), let offset = stream.offset(of: segment.sequenceNumber) {
            let from = clear.offset(of: offset)
            let to = clear.offset(of: offset + segment.payload.readableBytes)
            result.sequenceNumber = Self.map(segment.sequenceNumber, in: stream, clear)
            // What lies behind a gap that was never filled has no known place, and is left out.
            let known = clear.bytes.count
            result.payload = ByteBuffer(bytes: clear.bytes[min(from, known)..<min(to, known)])
        }
        if segment.flags.contains(.ack) {
            result.acknowledgementNumber = Self.map(segment.acknowledgementNumber, in: opposite, oppositeClear)
        }
        result.sackBlocks = segment.sackBlocks.compactMap { block in
            let mapped = TCPSegment.SACKBlock(
                start: Self.map(block.start, in: opposite, oppositeClear), end: Self.map(block.end, in: opposite, oppositeClear))
            return mapped.start == mapped.end ? nil : mapped
        }
        return (result, stream.windowScale)
    }

    /// A number of the other direction's sequence space. One past the last byte is FIN's.
    private static func map(_ number: UInt32, in stream: TCPStream, _ clear: Cleartext) -> UInt32 {
        guard let start = stream.start, let offset = stream.offset(of: number) else { return number }
        let isBeyond = offset > stream.bytes.count
        return start &+ UInt32(truncatingIfNeeded: clear.offset(of: min(offset, stream.bytes.count))) &+ (isBeyond ? 1 : 0)
    }
}
