import NIOCore

/// Puts messages together from DATA chunks and remembers what to acknowledge: pure.
///
/// Sequence numbers are kept as 64 bits so that they do not wrap.
struct SCTPReceiver {
    /// A complete message.
    struct Message: Hashable, Sendable {
        var stream: UInt16
        var payloadProtocol: UInt32
        var payload: ByteBuffer
    }

    /// dcSCTP's receive buffer, 5 MiB: chunks beyond it are dropped and come again.
    static let bufferBytes = 5 * 1_048_576
    /// Gap blocks of one acknowledgement.
    private static let longestGapList = 64

    /// All up to this one have arrived.
    private(set) var cumulative: UInt64
    /// What has arrived beyond it, in order and merged.
    private var beyond: [ClosedRange<UInt64>] = []
    /// Fragments of incomplete messages, by sequence number.
    private var fragments: [(number: UInt64, data: SCTPData)] = []
    private var streams: [UInt16: Stream] = [:]
    private var heldBytes = 0
    private(set) var complete = CircularBuffer<Message>()

    /// The order of one stream.
    private struct Stream {
        var next: UInt16 = 0
        /// Complete messages that wait for earlier ones, by sequence number.
        var early: [(number: UInt16, message: Message)] = []
    }

    /// - Parameters:
    ///   - initial: The peer's initial sequence number.
    init(initial: UInt32) { cumulative = Self.base + UInt64(initial) - 1 }

    /// Far enough from zero that nothing becomes negative.
    private static let base: UInt64 = 1 << 40

    var window: UInt32 { UInt32(clamping: max(Self.bufferBytes - heldBytes, 0)) }
    var hasGaps: Bool { !beyond.isEmpty }

    /// The 64-bit number nearest to where we are.
    func unwrapped(_ number: UInt32) -> UInt64 {
        cumulative &+ UInt64(bitPattern: Int64(Int32(bitPattern: number &- UInt32(truncatingIfNeeded: cumulative))))
    }

    mutating func nextMessage() -> Message? { complete.popFirst() }

    /// Takes a chunk; false if it is a duplicate, too far ahead or without room.
    mutating func receive(_ data: SCTPData) -> Bool {
        let number = unwrapped(data.transmissionSequenceNumber)
        guard number > cumulative, number - cumulative < 65_536, !beyond.contains(where: { $0.contains(number) }),
            heldBytes + data.payload.readableBytes <= Self.bufferBytes
        else { return false }
        note(number)
        if data.isBeginning, data.isEnd {
            arrange(Message(stream: data.stream, payloadProtocol: data.payloadProtocol, payload: data.payload), of: data)
        } else {
            hold(data, number)
        }
        return true
    }

    /// Everything up to `last` is given up by the sender (RFC 3758 section 3.6).
    mutating func skip(to last: UInt32, streams skipped: [SCTPChunk.SkippedStream]) {
        let last = unwrapped(last)
        guard last > cumulative, last - cumulative < 1 << 31 else { return }
        fragments.removeAll { fragment in
            if fragment.number <= last { heldBytes -= fragment.data.payload.readableBytes }
            return fragment.number <= last
        }
        beyond.removeAll { $0.upperBound <= last }
        cumulative = last
        if let first = beyond.first, first.lowerBound <= last + 1 {
            cumulative = first.upperBound
            beyond.removeFirst()
        }
        for skip in skipped {
            var stream = streams[skip.stream] ?? Stream()
            // What was complete before the gap is delivered, not lost.
            while let early = stream.early.first, Self.distance(from: early.number, to: skip.streamSequenceNumber) >= 0 {
                stream.early.removeFirst()
                deliver(early.message)
            }
            if Self.distance(from: stream.next, to: skip.streamSequenceNumber) >= 0 { stream.next = skip.streamSequenceNumber &+ 1 }
            streams[skip.stream] = stream
            deliverEarly(skip.stream)
        }
    }

    /// The sender begins the streams anew (RFC 6525 section 5.2.2).
    mutating func reset(_ stream: UInt16) {
        for early in streams[stream]?.early ?? [] { heldBytes -= early.message.payload.readableBytes }
        streams[stream] = nil
    }

    /// The gap blocks of an acknowledgement, as offsets from ``cumulative``.
    var gaps: [ClosedRange<UInt16>] {
        beyond.prefix(Self.longestGapList).map {
            UInt16(truncatingIfNeeded: $0.lowerBound - cumulative)...UInt16(truncatingIfNeeded: $0.upperBound - cumulative)
        }
    }

    private mutating func note(_ number: UInt64) {
        if number == cumulative + 1 {
            cumulative = number
            if let first = beyond.first, first.lowerBound == number + 1 {
                cumulative = first.upperBound
                beyond.removeFirst()
            }
            return
        }
        let index = beyond.firstIndex { $0.lowerBound > number } ?? beyond.endIndex
        var (low, high) = (number, number)
        var replaced = index..<index
        if index > 0, beyond[index - 1].upperBound == number - 1 {
            low = beyond[index - 1].lowerBound
            replaced = index - 1..<replaced.upperBound
        }
        if index < beyond.endIndex, beyond[index].lowerBound == number + 1 {
            high = beyond[index].upperBound
            replaced = replaced.lowerBound..<index + 1
        }
        beyond.replaceSubrange(replaced, with: CollectionOfOne(low...high))
    }

    private mutating func hold(_ data: SCTPData, _ number: UInt64) {
        heldBytes += data.payload.readableBytes
        let index =
            fragments.last.map { $0.number < number } ?? true ? fragments.endIndex : fragments.firstIndex { $0.number > number } ?? 0
        fragments.insert((number, data), at: index)
        // In-order arrival looks at one neighbour until the last fragment is there.
        var end = index
        while !fragments[end].data.isEnd {
            guard end + 1 < fragments.endIndex, fragments[end + 1].number == fragments[end].number + 1, !fragments[end + 1].data.isBeginning
            else { return }
            end += 1
        }
        var start = index
        while !fragments[start].data.isBeginning {
            guard start > 0, fragments[start - 1].number == fragments[start].number - 1, !fragments[start - 1].data.isEnd else { return }
            start -= 1
        }
        assemble(start...end)
    }

    private mutating func assemble(_ range: ClosedRange<Int>) {
        let first = fragments[range.lowerBound].data
        var payload = ByteBuffer()
        for fragment in fragments[range] { payload.writeImmutableBuffer(fragment.data.payload) }
        heldBytes -= payload.readableBytes
        fragments.removeSubrange(range)
        arrange(Message(stream: first.stream, payloadProtocol: first.payloadProtocol, payload: payload), of: first)
    }

    private mutating func arrange(_ message: Message, of data: SCTPData) {
        if data.isUnordered { return deliver(message, held: false) }
        var stream = streams[data.stream] ?? Stream()
        let distance = Self.distance(from: stream.next, to: data.streamSequenceNumber)
        if distance < 0 { return }
        if distance == 0 {
            stream.next &+= 1
            streams[data.stream] = stream
            deliver(message, held: false)
            return deliverEarly(data.stream)
        }
        let index = stream.early.firstIndex { Self.distance(from: data.streamSequenceNumber, to: $0.number) > 0 } ?? stream.early.endIndex
        stream.early.insert((data.streamSequenceNumber, message), at: index)
        heldBytes += message.payload.readableBytes
        streams[data.stream] = stream
    }

    private mutating func deliverEarly(_ identifier: UInt16) {
        guard var stream = streams[identifier], !stream.early.isEmpty else { return }
        while let early = stream.early.first, early.number == stream.next {
            stream.early.removeFirst()
            stream.next &+= 1
            deliver(early.message)
        }
        streams[identifier] = stream
    }

    private mutating func deliver(_ message: Message, held: Bool = true) {
        if held { heldBytes -= message.payload.readableBytes }
        complete.append(message)
    }

    private static func distance(from: UInt16, to: UInt16) -> Int16 { Int16(bitPattern: to &- from) }
}
