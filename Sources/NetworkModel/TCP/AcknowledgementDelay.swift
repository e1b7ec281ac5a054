import NIOCore

/// Decides whether a data segment is acknowledged at once or later.
struct AcknowledgementDelay {
    enum Decision { case now, later(TimeAmount) }

    /// TCP_ATO_MIN and TCP_DELACK_MIN of Linux.
    private static let linuxDelay = TimeAmount.milliseconds(40)
    private static let maximumQuickAcknowledgements = 16

    private var quickAcknowledgements = 0
    private var isInteractive = false
    private var lastReceived: NIODeadline?
    private var unacknowledgedBytes = 0
    private var unacknowledgedSegments = 0

    /// A data segment arrived in order.
    mutating func received(bytes: Int, segmentSize: Int, timeout: TimeAmount, now: NIODeadline, profile: TCPProfile) -> Decision {
        unacknowledgedBytes += bytes
        unacknowledgedSegments += 1
        switch profile.delayedAcknowledgement {
        case .everySecondSegment(let delay):
            return unacknowledgedSegments >= 2 ? .now : .later(delay)
        case .linux:
            // tcp_event_data_recv: quick at the start and after silence, when the sender may have lost its window.
            if lastReceived.map({ now - $0 > timeout }) ?? true { quickAcknowledgements = Self.maximumQuickAcknowledgements }
            lastReceived = now
            let isQuick = quickAcknowledgements > 0 && !isInteractive
            return isQuick || unacknowledgedBytes > segmentSize ? .now : .later(Self.linuxDelay)
        }
    }

    /// Data was sent: an answer soon after data was received makes the exchange "interactive" (pingpong mode).
    mutating func sentData(now: NIODeadline) {
        if let lastReceived, now - lastReceived < Self.linuxDelay { isInteractive = true }
        sentAcknowledgement()
    }

    /// An acknowledgement left, alone or with data.
    mutating func sentAcknowledgement() {
        // tcp_dec_quickack_mode: counts only where one was owed.
        if unacknowledgedBytes > 0, quickAcknowledgements > 0 { quickAcknowledgements -= 1 }
        unacknowledgedBytes = 0
        unacknowledgedSegments = 0
    }

    /// Whether an acknowledgement that waits leaves now that the application has read everything. Linux `tcp_cleanup_rbuf`: after two small
    /// segments (`ICSK_ACK_PUSHED2`), or one if the application is not expected to answer.
    func isDueAfterReading(profile: TCPProfile) -> Bool {
        switch profile.delayedAcknowledgement {
        case .everySecondSegment: false
        case .linux: unacknowledgedSegments >= (isInteractive ? 2 : 1)
        }
    }

    /// The delay ran out: the application did not answer, so it is not an interactive exchange.
    mutating func expired() { isInteractive = false }

    /// A gap or a duplicate: acknowledge at once for a while.
    mutating func disturbed() {
        isInteractive = false
        quickAcknowledgements = max(quickAcknowledgements, 2)
    }
}
