import NIOCore

extension TCPConnection {
    /// When ``timerFired(now:)`` is to be called; `distantFuture` if no timer runs.
    public var deadline: NIODeadline {
        min(min(sendDeadline, acknowledgementDeadline), min(keepaliveDeadline, lifetimeDeadline))
    }

    /// The next segment to send, or nil if there is none for now.
    public mutating func nextTransmission(now: NIODeadline) -> Transmission? {
        if let reset = pendingReset {
            pendingReset = nil
            return Transmission(reset, .reset)
        }
        switch state {
        case .closed:
            return nil
        case .synSent, .synReceived:
            if let transmission = nextHandshakeSegment(now: now) { return transmission }
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            if let transmission = nextDataSegment(now: now) { return transmission }
        case .timeWait:
            break
        }
        if isProbeDue {
            isProbeDue = false
            return Transmission(segment(at: nextToSend - 1, flags: .ack, now: now), .probe)
        }
        if isAcknowledgementDue {
            return Transmission(segment(at: nextToSend, flags: .ack, now: now), .acknowledgement)
        }
        return nil
    }

    private mutating func nextHandshakeSegment(now: NIODeadline) -> Transmission? {
        let flags: TCPSegment.Flags = state == .synSent ? .syn : [.syn, .ack]
        if flight.isEmpty, nextToSend == 0 {
            flight.append(InFlight(start: 0, end: 1, sentAt: now))
            nextToSend = 1
            armSendTimer(.retransmission, after: handshakeWaits[0], now: now)
            return Transmission(segment(at: 0, flags: flags, now: now), .original)
        }
        guard lostCount > 0 else { return nil }
        lostCount = 0
        flight[0].isLost = false
        flight[0].wasRetransmitted = true
        flight[0].sentAt = now
        return Transmission(segment(at: 0, flags: flags, now: now), .retransmission(timeout: expiredTimeout))
    }

    private mutating func nextDataSegment(now: NIODeadline) -> Transmission? {
        if isLossProbeDue {
            isLossProbeDue = false
            return sendLossProbe(now: now)
        }
        guard flight.count - selectivelyAcknowledgedCount - lostCount < congestion.segments else { return nil }
        if lostCount > 0, let transmission = retransmitFirstLost(now: now) { return transmission }
        return sendNew(now: now)
    }

    // MARK: New data

    private mutating func sendNew(now: NIODeadline) -> Transmission? {
        let unsent = Int(queue.end - max(nextToSend, 1))
        let isFinishUnsent = isFinishing && nextToSend <= queue.end
        guard unsent > 0 || isFinishUnsent else { return nil }
        let room = Int(max(peerWindowEnd - nextToSend, 0))
        let limit = payloadLimit
        let count = min(unsent, limit, room)
        if unsent > 0, count < min(unsent, limit) {
            // The window is what limits. Wait for more of it (RFC 9293 section 3.8.6.2.1), or probe.
            guard flight.isEmpty else { return nil }
            if count == 0 {
                if sendTimer == .none { armSendTimer(.persist, after: currentTimeout, now: now) }
                return nil
            }
        }
        let isLast = count == unsent
        let finishes = isFinishUnsent && isLast
        let start = nextToSend
        let end = start + StreamPosition(count) + (finishes ? 1 : 0)
        let hadNoneInFlight = flight.isEmpty
        flight.append(InFlight(start: start, end: end, sentAt: now))
        nextToSend = end
        if hadNoneInFlight || sendTimer == .lossProbe || sendTimer == .persist { rearmRetransmission(now: now) }
        _ = scheduleLossProbe(isAdvancing: false, now: now)
        acknowledgementDelay.sentData(now: now)
        return Transmission(segment(from: start, to: end, now: now), .original)
    }

    // MARK: Again

    /// Sends the first lost stretch again, joined with lost ones after it up to a full segment.
    private mutating func retransmitFirstLost(now: NIODeadline) -> Transmission? {
        guard let index = flight.firstIndex(where: \.isLost) else { return nil }
        let limit = payloadLimit
        splitIfTooLong(index, limit: limit)
        var end = flight[index].end
        var last = index
        while last + 1 < flight.count, flight[last + 1].isLost,
            Int(flight[last + 1].end - flight[index].start) <= limit
        {
            last += 1
            end = flight[last].end
        }
        if last > index { flight.removeSubrange(index + 1...last) }
        lostCount -= last - index + 1
        let start = flight[index].start
        flight[index] = InFlight(start: start, end: end, sentAt: now, wasRetransmitted: true)
        if firstRetransmissionAt == nil { firstRetransmissionAt = now }
        // Linux tcp_xmit_retransmit_queue: sending the head again restarts the timer. After a timeout the timer runs already.
        if index == 0, repair == .recovery { armSendTimer(.retransmission, after: currentTimeout, now: now) }
        acknowledgementDelay.sentAcknowledgement()
        let timeout = repair == .afterTimeout ? expiredTimeout : nil
        return Transmission(segment(from: start, to: end, now: now), .retransmission(timeout: timeout))
    }

    /// The path's MTU may have shrunk since a stretch was sent, or a SACK option takes its room.
    private mutating func splitIfTooLong(_ index: Int, limit: Int) {
        let whole = flight[index]
        guard Int(whole.end - whole.start) > limit else { return }
        let middle = whole.start + StreamPosition(limit)
        flight[index].end = middle
        flight.insert(InFlight(start: middle, end: whole.end, sentAt: whole.sentAt, isLost: true), at: index + 1)
        lostCount += 1
    }

    /// RFC 8985 section 7.3: new data if there is any, or else the last segment again, to provoke an acknowledgement.
    private mutating func sendLossProbe(now: NIODeadline) -> Transmission? {
        defer {
            lossProbeEnd = nextToSend
            armSendTimer(.retransmission, after: currentTimeout, now: now)
        }
        if let transmission = sendNew(now: now) { return transmission }
        guard var last = flight.indices.last else { return nil }
        let limit = payloadLimit
        if Int(flight[last].end - flight[last].start) > limit {
            // Linux tcp_send_loss_probe: only the end of it.
            var tail = flight[last]
            tail.start = tail.end - StreamPosition(limit)
            flight[last].end = tail.start
            flight.append(tail)
            if tail.isLost { lostCount += 1 }
            if tail.isSelectivelyAcknowledged { selectivelyAcknowledgedCount += 1 }
            last += 1
        }
        flight[last].sentAt = now
        flight[last].wasRetransmitted = true
        return Transmission(segment(from: flight[last].start, to: flight[last].end, now: now), .lossProbe)
    }

    // MARK: Segments

    /// With timestamps, no more fit into the option space of a header.
    private static let maximumBlocks = 3

    /// What a segment can carry now: while there is a gap, each has a SACK option, and must not become longer than the path allows
    /// (Linux `tcp_current_mss`).
    private var payloadLimit: Int {
        guard received.hasGap else { return segmentPayloadBytes }
        return max(segmentPayloadBytes - 4 - 8 * received.blocks(limit: Self.maximumBlocks).count, 8)
    }

    /// The segment for a stretch of the stream.
    private mutating func segment(from start: StreamPosition, to end: StreamPosition, now: NIODeadline) -> TCPSegment {
        let finishes = end > queue.end
        var flags: TCPSegment.Flags = .ack
        let count = Int(min(end, queue.end) - start)
        if finishes { flags.insert(.fin) }
        if count > 0, start + StreamPosition(count) == queue.end { flags.insert(.psh) }
        return segment(at: start, flags: flags, payload: queue.bytes(from: start, count: count), now: now)
    }

    /// A segment with everything that every segment has. If it acknowledges, what was owed is paid.
    mutating func segment(
        at position: StreamPosition, flags: TCPSegment.Flags, payload: ByteBuffer = ByteBuffer(), now: NIODeadline
    ) -> TCPSegment {
        var segment = TCPSegment(
            sourcePort: localPort, destinationPort: remotePort, sequenceNumber: sequenceNumber(position), flags: flags,
            timestamps: .init(value: Self.timestamp(now), echoReply: recentTimestamp), payload: payload)
        if flags.contains(.ack) {
            growWindow()
            segment.acknowledgementNumber = acknowledgementNumber
            if received.hasGap {
                segment.sackBlocks = received.blocks(limit: Self.maximumBlocks).map {
                    .init(start: peerSequenceNumber($0.lowerBound), end: peerSequenceNumber($0.upperBound))
                }
            }
            isAcknowledgementDue = false
            acknowledgementDeadline = .distantFuture
            if payload.readableBytes == 0 { acknowledgementDelay.sentAcknowledgement() }
        }
        if flags.contains(.syn) {
            segment.maximumSegmentSize = advertisedSegmentSize
            segment.windowScale = 10
            segment.isSACKPermitted = true
        }
        segment.window = UInt32(clamping: advertisedEnd - nextExpected)
        return segment
    }

    /// A millisecond clock, as Linux and XNU have it.
    static func timestamp(_ now: NIODeadline) -> UInt32 { UInt32(truncatingIfNeeded: now.uptimeNanoseconds / 1_000_000) }

    func sequenceNumber(_ position: StreamPosition) -> UInt32 { initialSequence &+ UInt32(truncatingIfNeeded: position) }

    func peerSequenceNumber(_ position: StreamPosition) -> UInt32 { peerInitialSequence &+ UInt32(truncatingIfNeeded: position) }

    /// RCV.NXT.
    var nextExpected: StreamPosition { received.next + (hasPeerFinished ? 1 : 0) }

    private var acknowledgementNumber: UInt32 { peerSequenceNumber(nextExpected) }

    // MARK: Receive window

    /// Moves the advertised window as far as the buffer allows, in steps worth announcing (RFC 9293 section 3.8.6.2.2).
    private mutating func growWindow() {
        let possible = received.next + StreamPosition(max(profile.receiveBufferBytes - received.readyBytes, 0))
        let step = StreamPosition(min(segmentPayloadBytes, profile.receiveBufferBytes / 2))
        if possible - advertisedEnd >= step || received.readyBytes == 0 { advertisedEnd = max(advertisedEnd, possible) }
    }
}
