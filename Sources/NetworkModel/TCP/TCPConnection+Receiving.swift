import NIOCore

extension TCPConnection {
    /// A segment of this connection arrived.
    public mutating func receive(_ segment: TCPSegment, now: NIODeadline) {
        lastHeardAt = now
        unansweredProbes = 0
        switch state {
        case .closed:
            break
        case .synSent:
            receiveBeforeSynchronization(segment, now: now)
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
            receiveSynchronized(segment, now: now)
        }
    }

    // MARK: SYN-SENT (RFC 9293 section 3.10.7.3)

    private mutating func receiveBeforeSynchronization(_ segment: TCPSegment, now: NIODeadline) {
        let acknowledges = segment.flags.contains(.ack)
        if acknowledges, segment.acknowledgementNumber != sequenceNumber(1) {
            if !segment.flags.contains(.rst) { pendingReset = Self.reset(answering: segment) }
            return
        }
        if segment.flags.contains(.rst) {
            if acknowledges { fail(.refused) }
            return
        }
        guard segment.flags.contains(.syn) else { return }
        adopt(syn: segment)
        isAcknowledgementDue = true
        if acknowledges {
            acknowledge(upTo: 1, by: segment, now: now)
            becomeEstablished(now: now)
        } else {
            // A simultaneous open: our SYN goes again, now as SYN-ACK.
            state = .synReceived
            markAllLost()
        }
    }

    /// Takes over what the other end's SYN says.
    mutating func adopt(syn: TCPSegment) {
        peerInitialSequence = syn.sequenceNumber
        peerWindowEnd = oldestUnacknowledged + StreamPosition(syn.window)
        if let size = syn.maximumSegmentSize {
            segmentPayloadBytes = min(segmentPayloadBytes, Self.payloadBytes(maximumSegmentSize: Int(size)))
        }
        if let timestamps = syn.timestamps { recentTimestamp = timestamps.value }
    }

    // MARK: Synchronized states (RFC 9293 section 3.10.7.4)

    private mutating func receiveSynchronized(_ segment: TCPSegment, now: NIODeadline) {
        let start = position(ofPeer: segment.sequenceNumber)
        let end = start + StreamPosition(segment.sequenceLength)
        let isOld = end <= nextExpected && (segment.sequenceLength > 0 || start < nextExpected)
        if isOld || start > advertisedEnd {
            if !segment.flags.contains(.rst) { answerUnacceptable(segment, now: now) }
            return
        }
        if segment.flags.contains(.rst) {
            receiveReset(at: start)
            return
        }
        if segment.flags.contains(.syn) {
            isAcknowledgementDue = true  // a challenge acknowledgement (RFC 5961 section 4.2)
            return
        }
        guard segment.flags.contains(.ack) else { return }
        if start <= nextExpected, let timestamps = segment.timestamps { recentTimestamp = timestamps.value }
        guard receiveAcknowledgement(segment, now: now) else { return }
        receivePayload(segment, at: start, now: now)
        receiveFinish(segment, at: start, now: now)
    }

    private mutating func answerUnacceptable(_ segment: TCPSegment, now: NIODeadline) {
        if state == .synReceived, segment.flags.contains(.syn), !flight.isEmpty {
            markAllLost()
            return
        }
        isAcknowledgementDue = true
        acknowledgementDelay.disturbed()
        if state == .timeWait { lifetimeDeadline = now + profile.timeWait }
    }

    /// RFC 5961 section 3.2: only a reset at exactly the next expected number is believed at once.
    private mutating func receiveReset(at start: StreamPosition) {
        guard start == nextExpected else {
            isAcknowledgementDue = true
            return
        }
        if state == .timeWait || state == .synReceived && isPassive { terminate() } else { fail(.reset) }
    }

    /// Returns whether the rest of the segment is to be processed.
    private mutating func receiveAcknowledgement(_ segment: TCPSegment, now: NIODeadline) -> Bool {
        let acknowledged = position(ofOwn: segment.acknowledgementNumber)
        if state == .synReceived {
            guard acknowledged > 0, acknowledged <= nextToSend else {
                pendingReset = Self.reset(answering: segment)
                return false
            }
            acknowledge(upTo: acknowledged, by: segment, now: now)
            becomeEstablished(now: now)
            return true
        }
        guard acknowledged <= nextToSend else {
            isAcknowledgementDue = true
            return false
        }
        if acknowledged >= oldestUnacknowledged { acknowledge(upTo: acknowledged, by: segment, now: now) }
        guard isFinishing, oldestUnacknowledged > queue.end else { return true }
        switch state {
        case .finWait1:
            state = .finWait2
            if isOrphan { lifetimeDeadline = now + profile.finWait2 }
        case .closing:
            enterTimeWait(now: now)
        case .lastAck:
            terminate()
            return false
        case .closed, .synSent, .synReceived, .established, .finWait2, .closeWait, .timeWait:
            break
        }
        return true
    }

    private mutating func receivePayload(_ segment: TCPSegment, at start: StreamPosition, now: NIODeadline) {
        let count = segment.payload.readableBytes
        guard count > 0 else { return }
        switch state {
        case .established, .finWait1, .finWait2:
            break
        case .closed, .synSent, .synReceived, .closeWait, .closing, .lastAck, .timeWait:
            return  // nothing may follow a FIN
        }
        if isOrphan {
            abort(now: now)
            return
        }
        let before = received.next
        let limit = min(advertisedEnd, peerFinish ?? .max)
        received.insert(segment.payload, at: start, limit: limit)
        if start > before || received.next == before || received.hasGap {
            isAcknowledgementDue = true
            acknowledgementDelay.disturbed()
            return
        }
        let decision = acknowledgementDelay.received(
            bytes: Int(received.next - before), segmentSize: segmentPayloadBytes, timeout: currentTimeout, now: now, profile: profile)
        switch decision {
        case .now:
            isAcknowledgementDue = true
        case .later(let delay):
            if acknowledgementDeadline == .distantFuture { acknowledgementDeadline = expiry(after: delay, now: now) }
        }
    }

    private mutating func receiveFinish(_ segment: TCPSegment, at start: StreamPosition, now: NIODeadline) {
        if segment.flags.contains(.fin), peerFinish == nil {
            let finish = start + StreamPosition(segment.payload.readableBytes)
            if finish <= advertisedEnd { peerFinish = finish }
        }
        guard !hasPeerFinished, let finish = peerFinish, finish == received.next, state != .closed else { return }
        hasPeerFinished = true
        isAcknowledgementDue = true
        switch state {
        case .established: state = .closeWait
        case .finWait1: state = .closing
        case .finWait2: enterTimeWait(now: now)
        case .closed, .synSent, .synReceived, .closeWait, .closing, .lastAck, .timeWait: break
        }
    }

    // MARK: Numbers

    private func position(ofPeer number: UInt32) -> StreamPosition {
        nextExpected + StreamPosition(Int32(bitPattern: number &- peerSequenceNumber(nextExpected)))
    }

    func position(ofOwn number: UInt32) -> StreamPosition {
        oldestUnacknowledged + StreamPosition(Int32(bitPattern: number &- sequenceNumber(oldestUnacknowledged)))
    }

    /// The RST that answers a segment for which there is no connection (RFC 9293 section 3.10.7.1).
    public static func reset(answering segment: TCPSegment) -> TCPSegment {
        if segment.flags.contains(.ack) {
            return TCPSegment(
                sourcePort: segment.destinationPort, destinationPort: segment.sourcePort, sequenceNumber: segment.acknowledgementNumber,
                flags: .rst, window: 0)
        }
        return TCPSegment(
            sourcePort: segment.destinationPort, destinationPort: segment.sourcePort, sequenceNumber: 0,
            acknowledgementNumber: segment.sequenceNumber &+ segment.sequenceLength, flags: [.rst, .ack], window: 0)
    }
}
