import NIOCore

extension TCPConnection {
    /// Whether ``nextEvent()`` has something for the application.
    public var hasEvent: Bool {
        failure != nil || isConnectedDue || isReadable || isRoomToReport
    }

    /// The next thing that the application is to be told.
    public mutating func nextEvent() -> Event? {
        if isConnectedDue {
            isConnectedDue = false
            return .connected
        }
        if isReadable {
            if let bytes = received.takeReady() {
                updateWindowAfterReading()
                return .received(bytes)
            }
            isEndOfFileReported = true
            return .peerFinished
        }
        if let error = failure {
            failure = nil
            return .failed(error)
        }
        if isRoomToReport {
            isWriterBlocked = false
            return .writable
        }
        return nil
    }

    private var isReadable: Bool {
        isReading && !isOrphan && (received.hasReadyBytes || hasPeerFinished && !isEndOfFileReported)
    }

    /// Linux `sk_stream_write_space`: a third of the buffer must be free before a writer is woken.
    private var isRoomToReport: Bool { isWriterBlocked && canWrite && queue.bytes <= profile.sendBufferBytes / 3 * 2 }

    /// The application has read: tells the sender if the window had become small.
    private mutating func updateWindowAfterReading() {
        if acknowledgementDeadline != .distantFuture, received.readyBytes == 0, acknowledgementDelay.isDueAfterReading(profile: profile) {
            isAcknowledgementDue = true
        }
        let possible = received.next + StreamPosition(max(profile.receiveBufferBytes - received.readyBytes, 0))
        let isSmall = advertisedEnd - received.next < StreamPosition(profile.receiveBufferBytes / 2)
        if isSmall, possible - advertisedEnd >= StreamPosition(2 * segmentPayloadBytes), state != .closed { isAcknowledgementDue = true }
    }
}
