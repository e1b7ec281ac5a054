import NIOCore

/// A place in one direction of a connection, counted from 0 for the SYN and 1 for the first byte: sequence numbers (RFC 9293 section 3.4) that do
/// not wrap. On the wire it is added to the initial sequence number, modulo 2^32.
typealias StreamPosition = Int64

/// Bytes that the application has written and the other end has not acknowledged. Chunks are kept as they were written, so that a segment within one chunk is
/// a slice of it, not a copy.
struct SendQueue {
    private var chunks: [ByteBuffer] = []
    /// The position of the first byte that is still kept.
    private(set) var start: StreamPosition = 1
    /// The position after the last byte written.
    private(set) var end: StreamPosition = 1

    var bytes: Int { Int(end - start) }

    mutating func append(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        chunks.append(bytes)
        end += StreamPosition(bytes.readableBytes)
    }

    /// Forgets what lies before `position`.
    mutating func discard(upTo position: StreamPosition) {
        var excess = Int(min(position, end) - start)
        guard excess > 0 else { return }
        start += StreamPosition(excess)
        var emptied = 0
        while emptied < chunks.count, chunks[emptied].readableBytes <= excess {
            excess -= chunks[emptied].readableBytes
            emptied += 1
        }
        chunks.removeFirst(emptied)
        if excess > 0 { chunks[0].moveReaderIndex(forwardBy: excess) }
    }

    /// The bytes from `position` on, `count` of them; both must lie within what is kept.
    func bytes(from position: StreamPosition, count: Int) -> ByteBuffer {
        precondition(position >= start && position + StreamPosition(count) <= end, "bytes that are not in the send queue")
        guard count > 0 else { return ByteBuffer() }
        var offset = Int(position - start)
        var index = 0
        while offset >= chunks[index].readableBytes {
            offset -= chunks[index].readableBytes
            index += 1
        }
        let first = chunks[index]
        if let slice = first.getSlice(at: first.readerIndex + offset, length: count) { return slice }
        return gathered(fromChunk: index, offset: offset, count: count)
    }

    private func gathered(fromChunk first: Int, offset: Int, count: Int) -> ByteBuffer {
        var result = ByteBuffer()
        result.reserveCapacity(count)
        var skip = offset
        for chunk in chunks[first...] where result.readableBytes < count {
            let wanted = min(chunk.readableBytes - skip, count - result.readableBytes)
            result.writeImmutableBuffer(chunk.getSlice(at: chunk.readerIndex + skip, length: wanted) ?? ByteBuffer())
            skip = 0
        }
        return result
    }
}
