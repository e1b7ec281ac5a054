import NIOCore

/// How a message is sent.
struct SCTPDelivery: Hashable, Sendable {
    var isOrdered = true
    /// Given up at this time; nil never.
    var expiry: NIODeadline?
    /// Given up after so many retransmissions; nil never.
    var maximumRetransmissions: Int?
}

/// Messages that wait for the congestion window, by stream, and their fragments (RFC 9260 section 6.9): pure.
///
/// Streams take turns, a message at a time.
struct SCTPSendQueue {
    /// A fragment that leaves, and how the message it belongs to is delivered.
    struct Fragment {
        var data: SCTPData
        var delivery: SCTPDelivery
        /// Counts messages, so that all fragments of one are given up together.
        var message: UInt64
    }

    private struct Message {
        var number: UInt64
        var payloadProtocol: UInt32
        var payload: ByteBuffer
        var delivery: SCTPDelivery
        var hasBegun = false
    }

    private struct Stream {
        var identifier: UInt16
        var messages = CircularBuffer<Message>()
        var nextSequenceNumber: UInt16 = 0
        var bufferedBytes = 0
        /// Nothing leaves while its reset is under way.
        var isPaused = false
    }

    /// In order of first use.
    private var streams: [Stream] = []
    private var turn = 0
    private var messageCount: UInt64 = 0
    private(set) var isEmpty = true

    func bufferedBytes(_ stream: UInt16) -> Int { streams.first { $0.identifier == stream }?.bufferedBytes ?? 0 }

    mutating func append(_ payload: ByteBuffer, payloadProtocol: UInt32, stream: UInt16, _ delivery: SCTPDelivery) {
        let index = index(of: stream)
        messageCount += 1
        streams[index].messages.append(
            Message(number: messageCount, payloadProtocol: payloadProtocol, payload: payload, delivery: delivery))
        streams[index].bufferedBytes += payload.readableBytes
        isEmpty = false
    }

    private mutating func index(of identifier: UInt16) -> Int {
        if let index = streams.firstIndex(where: { $0.identifier == identifier }) { return index }
        streams.append(Stream(identifier: identifier))
        return streams.count - 1
    }

    /// The next fragment of at most `bytes`; its sequence number is not set yet.
    mutating func next(bytes: Int, now: NIODeadline) -> Fragment? {
        for step in 0..<streams.count {
            let index = (turn + step) % streams.count
            dropExpired(index, now: now)
            guard !streams[index].isPaused, let fragment = takeFragment(index, bytes: bytes) else { continue }
            // A message that has begun keeps the turn.
            turn = fragment.data.isEnd ? (index + 1) % streams.count : index
            isEmpty = streams.allSatisfy(\.messages.isEmpty)
            return fragment
        }
        isEmpty = streams.allSatisfy(\.messages.isEmpty)
        return nil
    }

    private mutating func dropExpired(_ index: Int, now: NIODeadline) {
        while let first = streams[index].messages.first, !first.hasBegun, let expiry = first.delivery.expiry, expiry <= now {
            streams[index].bufferedBytes -= first.payload.readableBytes
            streams[index].messages.removeFirst()
        }
    }

    private mutating func takeFragment(_ index: Int, bytes: Int) -> Fragment? {
        guard var message = streams[index].messages.first, bytes > 0 else { return nil }
        let isBeginning = !message.hasBegun
        guard let payload = message.payload.readSlice(length: min(bytes, message.payload.readableBytes)) else { return nil }
        let isEnd = message.payload.readableBytes == 0
        let data = SCTPData(
            transmissionSequenceNumber: 0, stream: streams[index].identifier,
            streamSequenceNumber: message.delivery.isOrdered ? streams[index].nextSequenceNumber : 0,
            isUnordered: !message.delivery.isOrdered,
            isBeginning: isBeginning, isEnd: isEnd, payloadProtocol: message.payloadProtocol, payload: payload)
        streams[index].bufferedBytes -= payload.readableBytes
        if isEnd {
            streams[index].messages.removeFirst()
            if message.delivery.isOrdered { streams[index].nextSequenceNumber &+= 1 }
        } else {
            message.hasBegun = true
            streams[index].messages[streams[index].messages.startIndex] = message
        }
        return Fragment(data: data, delivery: message.delivery, message: message.number)
    }

    /// Gives up what has not left of a message.
    mutating func discardRest(of number: UInt64, stream: UInt16) {
        guard let index = streams.firstIndex(where: { $0.identifier == stream }), let first = streams[index].messages.first,
            first.number == number
        else { return }
        streams[index].bufferedBytes -= first.payload.readableBytes
        streams[index].messages.removeFirst()
        if first.delivery.isOrdered { streams[index].nextSequenceNumber &+= 1 }
        isEmpty = streams.allSatisfy(\.messages.isEmpty)
    }

    func hasMessages(_ stream: UInt16) -> Bool { streams.first { $0.identifier == stream }.map { !$0.messages.isEmpty } ?? false }

    mutating func pause(_ stream: UInt16) { streams[index(of: stream)].isPaused = true }

    /// The stream begins anew.
    mutating func reset(_ stream: UInt16) {
        streams.removeAll { $0.identifier == stream }
        turn = 0
        isEmpty = streams.allSatisfy(\.messages.isEmpty)
    }
}
