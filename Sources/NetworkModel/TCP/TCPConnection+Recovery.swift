import NIOCore

extension TCPConnection {
    /// Takes in a cumulative acknowledgement, the selective ones with it, and the window.
    mutating func acknowledge(upTo acknowledged: StreamPosition, by segment: TCPSegment, now: NIODeadline) {
        peerWindowEnd = max(acknowledged + StreamPosition(segment.window), acknowledged)
        if sendTimer == .persist, peerWindowEnd > nextToSend {
            disarmSendTimer()
            doublings = 0
        }
        let isLimiting = flight.count - selectivelyAcknowledgedCount - lostCount >= congestion.segments
        let delivered = removeAcknowledged(upTo: acknowledged, by: segment, now: now)
        let hasNewBlocks = !segment.sackBlocks.isEmpty && markSelectivelyAcknowledged(segment.sackBlocks)
        if delivered > 0 {
            timeouts = 0
            firstRetransmissionAt = nil
            softError = nil
            if let end = lossProbeEnd, acknowledged >= end { lossProbeEnd = nil }
            if repair != .none, acknowledged >= recoveryPoint { repair = .none }
            if repair != .recovery { congestion.acknowledge(delivered, isLimiting: isLimiting) }
        }
        if hasNewBlocks || delivered > 0, selectivelyAcknowledgedCount > 0 { detectLosses() }
        if delivered > 0, !scheduleLossProbe(isAdvancing: true, now: now) { rearmRetransmission(now: now) }
    }

    /// Returns how many segments the acknowledgement covers for the first time.
    private mutating func removeAcknowledged(upTo acknowledged: StreamPosition, by segment: TCPSegment, now: NIODeadline) -> Int {
        guard acknowledged > oldestUnacknowledged else { return 0 }
        oldestUnacknowledged = acknowledged
        queue.discard(upTo: acknowledged)
        var removed = 0
        while removed < flight.count, flight[removed].end <= acknowledged {
            if flight[removed].isSelectivelyAcknowledged { selectivelyAcknowledgedCount -= 1 }
            if flight[removed].isLost { lostCount -= 1 }
            latestDeliveredSentAt = max(latestDeliveredSentAt, flight[removed].sentAt)
            removed += 1
        }
        guard removed > 0 else {
            if !flight.isEmpty { flight[0].start = acknowledged }
            return 1
        }
        measureRoundTrip(flight[0], by: segment, now: now)
        flight.removeFirst(removed)
        if let first = flight.first, first.start < acknowledged { flight[0].start = acknowledged }
        return removed
    }

    /// Karn's rule (RFC 6298 section 3): a segment that was sent twice is measured only by its timestamp.
    private mutating func measureRoundTrip(_ first: InFlight, by segment: TCPSegment, now: NIODeadline) {
        if !first.wasRetransmitted {
            if !first.isSelectivelyAcknowledged { roundTrip.measure(now - first.sentAt, profile: profile) }
            doublings = 0
        } else if let timestamps = segment.timestamps {
            let milliseconds = Int32(bitPattern: Self.timestamp(now) &- timestamps.echoReply)
            guard milliseconds >= 0 else { return }
            roundTrip.measure(.milliseconds(max(Int64(milliseconds), 1)), profile: profile)
            doublings = 0
        }
    }

    private mutating func markSelectivelyAcknowledged(_ blocks: [TCPSegment.SACKBlock]) -> Bool {
        var isAnyNew = false
        for block in blocks {
            let start = position(ofOwn: block.start)
            let end = position(ofOwn: block.end)
            guard start > oldestUnacknowledged, end > start, end <= nextToSend else { continue }
            for index in flight.indices
            where !flight[index].isSelectivelyAcknowledged && flight[index].start >= start && flight[index].end <= end {
                flight[index].isSelectivelyAcknowledged = true
                if flight[index].isLost {
                    flight[index].isLost = false
                    lostCount -= 1
                }
                selectivelyAcknowledgedCount += 1
                latestDeliveredSentAt = max(latestDeliveredSentAt, flight[index].sentAt)
                isAnyNew = true
            }
        }
        return isAnyNew
    }

    /// A segment is lost if three later ones have arrived (RFC 6675), or one that was sent later by more than a quarter of the round trip
    /// (RFC 8985 section 6.2).
    private mutating func detectLosses() {
        let reordering = TimeAmount.nanoseconds(roundTrip.smoothed.nanoseconds / 4)
        var arrivedLater = 0
        var isAnyNew = false
        for index in flight.indices.reversed() {
            if flight[index].isSelectivelyAcknowledged {
                arrivedLater += 1
                continue
            }
            guard !flight[index].isLost, arrivedLater > 0 else { continue }
            let isOvertaken = flight[index].sentAt + reordering < latestDeliveredSentAt
            if isOvertaken || arrivedLater >= 3 && !flight[index].wasRetransmitted {
                flight[index].isLost = true
                lostCount += 1
                isAnyNew = true
            }
        }
        guard isAnyNew, repair == .none else { return }
        congestion.reduce(inFlight: flight.count)
        repair = .recovery
        recoveryPoint = nextToSend
    }

    mutating func markAllLost() {
        for index in flight.indices where !flight[index].isSelectivelyAcknowledged && !flight[index].isLost {
            flight[index].isLost = true
            lostCount += 1
        }
    }

    // MARK: The network's errors

    /// An ICMP error about a segment of this connection, or a route that has gone. The quoted number guards against forged errors (RFC 5927).
    public mutating func networkFailed(_ error: TCPError, quotedSequenceNumber: UInt32?) {
        if let quotedSequenceNumber {
            let quoted = position(ofOwn: quotedSequenceNumber)
            guard quoted >= oldestUnacknowledged, quoted <= nextToSend else { return }
        }
        switch state {
        case .synSent, .synReceived:
            switch profile.unreachableDuringConnect {
            case .fails:
                fail(error)
            case .failsAfterRetransmissions(let count):
                if error == .refused || timeouts > count { fail(error) } else { softError = error }
            }
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            softError = error
        case .closed, .timeWait:
            break
        }
    }

    /// A segment could not leave the host: it counts as lost, and the reason is remembered for the end.
    mutating func sendingFailed(_ error: TCPError) { softError = error }

    /// The path takes only smaller packets (RFC 1191, RFC 8201): what was too big is sent again in smaller segments, at once.
    public mutating func pathShrank(maximumSegmentSize: Int) {
        let payloadBytes = Self.payloadBytes(maximumSegmentSize: maximumSegmentSize)
        guard payloadBytes < segmentPayloadBytes else { return }
        segmentPayloadBytes = payloadBytes
        for index in flight.indices where Int(flight[index].end - flight[index].start) > payloadBytes {
            guard !flight[index].isLost, !flight[index].isSelectivelyAcknowledged else { continue }
            flight[index].isLost = true
            lostCount += 1
        }
    }

    /// The address of this end has gone.
    public mutating func addressRemoved() {
        switch profile.addressRemoval {
        case .keepsRetrying: break
        case .aborts: revoke()
        }
    }
}
