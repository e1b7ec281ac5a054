import NIOCore

/// What was sent and is not acknowledged, the congestion window and the retransmission timer (RFC 9260 sections 6 and 7): pure.
struct SCTPSender {
    private struct Outstanding {
        var fragment: SCTPSendQueue.Fragment
        var sentAt: NIODeadline
        var transmissions = 1
        /// Acknowledgements that reported it missing (section 7.2.4).
        var missingReports = 0
        var isAcknowledged = false
        var needsRetransmission = false
        var isAbandoned = false

        var bytes: Int { fragment.data.payload.readableBytes }
        var isInFlight: Bool { !isAcknowledged && !needsRetransmission && !isAbandoned }
    }

    var queue = SCTPSendQueue()
    private(set) var roundTrip: SCTPRoundTrip
    /// T3-rtx.
    private(set) var deadline = NIODeadline.distantFuture
    /// Timeouts in a row without an acknowledgement between.
    private(set) var timeouts = 0

    private let profile: SCTPProfile
    private var outstanding = CircularBuffer<Outstanding>()
    /// The 64-bit number of the first of `outstanding`, or of the next to be sent.
    private var firstNumber: UInt64
    private var peerWindow: Int
    private var congestionWindow: Int
    private var slowStartThreshold = Int.max
    private var partialBytes = 0
    private var flightBytes = 0
    private var retransmissions = 0
    /// Fast recovery lasts until this number is acknowledged (section 7.2.4).
    private var recoveryEnd: UInt64?
    private var mustForward = false

    private static let base: UInt64 = 1 << 40

    init(initial: UInt32, peerWindow: UInt32, profile: SCTPProfile) {
        firstNumber = Self.base + UInt64(initial)
        self.peerWindow = Int(peerWindow)
        self.profile = profile
        congestionWindow = profile.initialWindowPackets * profile.maximumPacketBytes
        roundTrip = SCTPRoundTrip(profile: profile)
    }

    private var nextNumber: UInt64 { firstNumber + UInt64(outstanding.count) }
    /// The last number that was assigned.
    var lastAssigned: UInt32 { UInt32(truncatingIfNeeded: nextNumber &- 1) }
    var isIdle: Bool { outstanding.isEmpty && queue.isEmpty }
    var payloadBytes: Int { profile.maximumPacketBytes - SCTPPacket.headerBytes - SCTPData.headerBytes }

    /// What the peer told in its INIT or INIT-ACK.
    mutating func setPeerWindow(_ window: UInt32) { peerWindow = Int(window) }

    // MARK: Sending

    /// The next DATA chunk, of at most `room` bytes with its header.
    mutating func nextChunk(room: Int, now: NIODeadline) -> SCTPData? {
        let bytes = min((room - SCTPData.headerBytes) & ~3, payloadBytes)
        guard bytes > 0 else { return nil }
        if retransmissions > 0, let data = nextRetransmission(bytes: bytes, now: now) { return data }
        guard retransmissions == 0, !queue.isEmpty, flightBytes < congestionWindow, mayUseWindow else { return nil }
        // A fragment of its own packet is better than a scrap at the end of another.
        guard bytes >= min(payloadBytes, 256), let fragment = queue.next(bytes: bytes, now: now) else { return nil }
        var sent = fragment
        sent.data.transmissionSequenceNumber = UInt32(truncatingIfNeeded: nextNumber)
        outstanding.append(Outstanding(fragment: sent, sentAt: now))
        flightBytes += sent.data.payload.readableBytes
        if deadline == .distantFuture { deadline = now + roundTrip.timeout }
        return sent.data
    }

    /// One chunk may be in flight whatever the peer's window says (section 6.1 A).
    private var mayUseWindow: Bool { flightBytes == 0 || flightBytes < peerWindow }

    private mutating func nextRetransmission(bytes: Int, now: NIODeadline) -> SCTPData? {
        guard flightBytes < congestionWindow, let index = outstanding.firstIndex(where: \.needsRetransmission) else { return nil }
        guard outstanding[index].bytes <= bytes else { return nil }
        outstanding[index].needsRetransmission = false
        outstanding[index].transmissions += 1
        outstanding[index].missingReports = 0
        outstanding[index].sentAt = now
        flightBytes += outstanding[index].bytes
        retransmissions -= 1
        if deadline == .distantFuture || index == outstanding.startIndex { deadline = now + roundTrip.timeout }
        return outstanding[index].fragment.data
    }

    // MARK: Acknowledgements

    /// Takes a SACK; what it says about numbers that were never sent is ignored.
    mutating func acknowledge(cumulative: UInt32, window: UInt32, gaps: [ClosedRange<UInt16>], now: NIODeadline) {
        let acknowledged =
            firstNumber &- 1 &+ UInt64(bitPattern: Int64(Int32(bitPattern: cumulative &- UInt32(truncatingIfNeeded: firstNumber &- 1))))
        guard acknowledged >= firstNumber - 1, acknowledged < nextNumber else { return }
        let flightBefore = flightBytes
        var newBytes = 0
        let advances = acknowledged >= firstNumber
        while firstNumber <= acknowledged, let first = outstanding.popFirst() {
            newBytes += settle(first, now: now)
            firstNumber += 1
        }
        let highest = acknowledgeGaps(gaps, after: acknowledged, bytes: &newBytes, now: now)
        if let end = recoveryEnd, firstNumber > end { recoveryEnd = nil }
        if newBytes > 0 || advances { timeouts = 0 }
        if advances, recoveryEnd == nil { grow(by: newBytes, flightBefore: flightBefore) }
        if let highest { reportMissing(below: highest, now: now) }
        peerWindow = Int(window)
        if outstanding.isEmpty {
            deadline = .distantFuture
        } else if advances {
            roundTrip.resetBackoff()
            deadline = now + roundTrip.timeout
        }
        moveOverAbandoned()
    }

    /// Accounts for a chunk that has arrived; returns its bytes if that is news.
    private mutating func settle(_ chunk: Outstanding, now: NIODeadline) -> Int {
        if chunk.isInFlight { flightBytes -= chunk.bytes }
        if chunk.needsRetransmission { retransmissions -= 1 }
        if chunk.isAcknowledged { return 0 }
        // Karn's rule (section 6.3.1 C5).
        if chunk.transmissions == 1, !chunk.isAbandoned { roundTrip.sample(now - chunk.sentAt) }
        return chunk.bytes
    }

    private mutating func acknowledgeGaps(_ gaps: [ClosedRange<UInt16>], after cumulative: UInt64, bytes: inout Int, now: NIODeadline)
        -> UInt64?
    {
        var highest: UInt64?
        for gap in gaps {
            let low = max(cumulative + UInt64(gap.lowerBound), firstNumber)
            let high = min(cumulative + UInt64(gap.upperBound), nextNumber - 1)
            guard low <= high else { continue }
            for number in low...high {
                let index = outstanding.index(outstanding.startIndex, offsetBy: Int(number - firstNumber))
                guard !outstanding[index].isAcknowledged else { continue }
                bytes += settle(outstanding[index], now: now)
                outstanding[index].isAcknowledged = true
                outstanding[index].needsRetransmission = false
                highest = number
            }
        }
        return highest
    }

    /// Section 7.2.1 and 7.2.2.
    private mutating func grow(by bytes: Int, flightBefore: Int) {
        guard flightBefore >= congestionWindow - profile.maximumPacketBytes else { return }
        if congestionWindow <= slowStartThreshold {
            congestionWindow += min(bytes, profile.maximumPacketBytes)
        } else {
            partialBytes += bytes
            if partialBytes >= congestionWindow {
                partialBytes -= congestionWindow
                congestionWindow += profile.maximumPacketBytes
            }
        }
    }

    /// Fast retransmission (section 7.2.4): the third report sends a chunk again.
    private mutating func reportMissing(below highest: UInt64, now: NIODeadline) {
        for offset in 0..<Int(highest - firstNumber) {
            let index = outstanding.index(outstanding.startIndex, offsetBy: offset)
            guard outstanding[index].isInFlight, outstanding[index].transmissions == 1 else { continue }
            outstanding[index].missingReports += 1
            guard outstanding[index].missingReports == 3 else { continue }
            markForRetransmission(index, now: now)
            if recoveryEnd == nil {
                recoveryEnd = nextNumber - 1
                halveWindow()
                congestionWindow = slowStartThreshold
            }
        }
    }

    private mutating func halveWindow() {
        slowStartThreshold = max(congestionWindow / 2, 4 * profile.maximumPacketBytes)
        partialBytes = 0
    }

    private mutating func markForRetransmission(_ index: CircularBuffer<Outstanding>.Index, now: NIODeadline) {
        let chunk = outstanding[index]
        let delivery = chunk.fragment.delivery
        if let limit = delivery.maximumRetransmissions, chunk.transmissions > limit { return abandon(chunk.fragment) }
        if let expiry = delivery.expiry, expiry <= now { return abandon(chunk.fragment) }
        if chunk.isInFlight { flightBytes -= chunk.bytes }
        if !chunk.needsRetransmission { retransmissions += 1 }
        outstanding[index].needsRetransmission = true
    }

    // MARK: Timeouts

    /// T3-rtx has expired (section 6.3.3).
    mutating func timedOut(now: NIODeadline) {
        timeouts += 1
        halveWindow()
        congestionWindow = profile.maximumPacketBytes
        recoveryEnd = nil
        roundTrip.backOff()
        for index in outstanding.indices where outstanding[index].isInFlight { markForRetransmission(index, now: now) }
        deadline = outstanding.isEmpty ? .distantFuture : now + roundTrip.timeout
        moveOverAbandoned()
    }

    /// A heartbeat came back.
    mutating func sample(_ roundTripTime: TimeAmount) { roundTrip.sample(roundTripTime) }

    // MARK: Partial reliability (RFC 3758)

    private mutating func abandon(_ fragment: SCTPSendQueue.Fragment) {
        queue.discardRest(of: fragment.message, stream: fragment.data.stream)
        for index in outstanding.indices where outstanding[index].fragment.message == fragment.message {
            if outstanding[index].isInFlight { flightBytes -= outstanding[index].bytes }
            if outstanding[index].needsRetransmission { retransmissions -= 1 }
            outstanding[index].needsRetransmission = false
            outstanding[index].isAbandoned = true
        }
        moveOverAbandoned()
    }

    /// There is something to skip while what was given up comes next.
    private mutating func moveOverAbandoned() {
        mustForward = outstanding.first?.isAbandoned ?? false
    }

    /// The FORWARD-TSN to send; nil if there is nothing to skip.
    func forward() -> SCTPChunk? {
        guard mustForward else { return nil }
        var last = firstNumber - 1
        var skipped: [SCTPChunk.SkippedStream] = []
        // Only over what was given up (section 3.5 C2): a fragment that arrived may belong to a message that is still wanted.
        for chunk in outstanding {
            guard chunk.isAbandoned else { break }
            last += 1
            let data = chunk.fragment.data
            guard !data.isUnordered else { continue }
            skipped.removeAll { $0.stream == data.stream }
            skipped.append(.init(stream: data.stream, streamSequenceNumber: data.streamSequenceNumber))
        }
        return .forward(cumulative: UInt32(truncatingIfNeeded: last), streams: skipped)
    }
}

/// The retransmission timeout (RFC 9260 section 6.3.1), in whole nanoseconds.
struct SCTPRoundTrip {
    private let profile: SCTPProfile
    private var smoothed: Int64?
    private var variation: Int64 = 0
    private var base: Int64
    private var doublings = 0

    init(profile: SCTPProfile) {
        self.profile = profile
        base = profile.initialRTO.nanoseconds
    }

    /// With its back-off.
    var timeout: TimeAmount {
        let longest = profile.maximumBackoff ?? profile.maximumRTO
        let doubled = doublings > 30 ? longest.nanoseconds : base << Int64(doublings)
        return .nanoseconds(max(min(doubled, max(longest.nanoseconds, base)), base))
    }

    mutating func sample(_ sample: TimeAmount) {
        let sample = max(sample.nanoseconds, 0)
        if let smoothed {
            variation = (3 * variation + abs(smoothed - sample)) / 4
            self.smoothed = (7 * smoothed + sample) / 8
        } else {
            smoothed = sample
            variation = sample / 2
        }
        base = min(max((smoothed ?? 0) + 4 * variation, profile.minimumRTO.nanoseconds), profile.maximumRTO.nanoseconds)
        doublings = 0
    }

    mutating func backOff() { doublings = min(doublings + 1, 40) }

    mutating func resetBackoff() { doublings = 0 }
}
