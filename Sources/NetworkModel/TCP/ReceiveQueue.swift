import NIOCore

/// Bytes that have arrived: those in order wait for the application, those after a gap wait for the gap to be filled.
struct ReceiveQueue {
    private struct Island {
        var start: StreamPosition
        var bytes: ByteBuffer
        var end: StreamPosition { start + StreamPosition(bytes.readableBytes) }
    }

    /// The next position expected (RCV.NXT without the FIN).
    private(set) var next: StreamPosition = 1
    private var ready: [ByteBuffer] = []
    private(set) var readyBytes = 0
    /// Sorted, disjoint, all after `next`.
    private var islands: [Island] = []
    /// Where the latest island data arrived, to report that block first (RFC 2018 section 4).
    private var latest: StreamPosition = 0

    var hasGap: Bool { !islands.isEmpty }
    var hasReadyBytes: Bool { !ready.isEmpty }

    /// What the application gets next; it counts as consumed.
    mutating func takeReady() -> ByteBuffer? {
        guard !ready.isEmpty else { return nil }
        let bytes = ready.removeFirst()
        readyBytes -= bytes.readableBytes
        return bytes
    }

    /// Forgets what the application has not taken.
    mutating func discardReady() {
        ready = []
        readyBytes = 0
    }

    /// Takes in bytes at a position; those outside `next ..< limit` and those already here are ignored.
    mutating func insert(_ bytes: ByteBuffer, at position: StreamPosition, limit: StreamPosition) {
        var bytes = bytes
        var start = position
        if start < next {
            guard start + StreamPosition(bytes.readableBytes) > next else { return }
            bytes.moveReaderIndex(forwardBy: Int(next - start))
            start = next
        }
        let excess = start + StreamPosition(bytes.readableBytes) - limit
        if excess > 0 {
            guard excess < StreamPosition(bytes.readableBytes) else { return }
            bytes.moveWriterIndex(to: bytes.writerIndex - Int(excess))
        }
        guard bytes.readableBytes > 0 else { return }
        if start == next {
            accept(bytes)
            joinIslands()
        } else {
            insertIsland(Island(start: start, bytes: bytes))
        }
    }

    /// Up to `limit` blocks of positions after the gap, the one with the latest arrival first.
    func blocks(limit: Int) -> [Range<StreamPosition>] {
        var ranges: [Range<StreamPosition>] = []
        for island in islands {
            if let last = ranges.last, last.upperBound == island.start {
                ranges[ranges.count - 1] = last.lowerBound..<island.end
            } else {
                ranges.append(island.start..<island.end)
            }
        }
        if let index = ranges.firstIndex(where: { $0.contains(latest) }) { ranges.insert(ranges.remove(at: index), at: 0) }
        return Array(ranges.prefix(limit))
    }

    private mutating func accept(_ bytes: ByteBuffer) {
        ready.append(bytes)
        readyBytes += bytes.readableBytes
        next += StreamPosition(bytes.readableBytes)
    }

    private mutating func joinIslands() {
        while let first = islands.first, first.start <= next {
            islands.removeFirst()
            guard first.end > next else { continue }
            var bytes = first.bytes
            bytes.moveReaderIndex(forwardBy: Int(next - first.start))
            accept(bytes)
        }
    }

    /// Inserts the parts of the island that are not covered by others.
    private mutating func insertIsland(_ island: Island) {
        latest = island.start
        var rest = island
        var index = 0
        while index < islands.count, rest.bytes.readableBytes > 0 {
            let other = islands[index]
            if rest.end <= other.start { break }
            if rest.start < other.start {
                var head = rest
                head.bytes = rest.bytes.readSlice(length: Int(other.start - rest.start)) ?? ByteBuffer()
                islands.insert(head, at: index)
                rest.start = other.start
                index += 1
            }
            let covered = min(other.end, rest.end) - rest.start
            if covered > 0 {
                rest.bytes.moveReaderIndex(forwardBy: Int(covered))
                rest.start += covered
            }
            index += 1
        }
        if rest.bytes.readableBytes > 0 { islands.insert(rest, at: index) }
    }
}
