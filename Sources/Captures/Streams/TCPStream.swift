import NIOCore
import NetworkModel

/// One direction of a TCP connection as one host saw it: the bytes put together again, and what they are without TLS.
struct TCPStream {
    /// The sequence number of the first byte; nil until a packet told it.
    private(set) var start: UInt32?
    /// The shift that this direction's sender announced.
    private(set) var windowScale: UInt8 = 0
    /// The bytes from the first one on, without a gap.
    private(set) var bytes: [UInt8] = []
    /// What came ahead of a gap, by its place in the stream; no two begin at one place.
    private var ahead: [(offset: Int, bytes: [UInt8])] = []

    mutating func take(_ segment: TCPSegment) {
        if segment.flags.contains(.syn) {
            start = segment.sequenceNumber &+ 1
            windowScale = segment.windowScale ?? 0
        }
        if start == nil { start = segment.sequenceNumber }
        guard segment.payload.readableBytes > 0, let offset = offset(of: segment.sequenceNumber) else { return }
        place(Array(segment.payload.readableBytesView), at: offset)
        while let next = ahead.firstIndex(where: { $0.offset <= bytes.count }) {
            let piece = ahead.remove(at: next)
            place(piece.bytes, at: piece.offset)
        }
    }

    private mutating func place(_ piece: [UInt8], at offset: Int) {
        if offset > bytes.count {
            if !ahead.contains(where: { $0.offset == offset && $0.bytes.count >= piece.count }) { ahead.append((offset, piece)) }
        } else if offset + piece.count > bytes.count {
            bytes.append(contentsOf: piece[(bytes.count - offset)...])
        }
    }

    /// The place in the stream of a sequence number; nil if it is before the first byte, as a keep-alive's may be.
    func offset(of sequenceNumber: UInt32) -> Int? {
        guard let start else { return nil }
        let distance = Int32(bitPattern: sequenceNumber &- start)
        return distance >= 0 ? Int(distance) : nil
    }
}
