import NIOCore

/// One end of a TCP connection as a pure state machine (RFC 9293): no clock, no timers, no network.
///
/// Every input is a mutating function with the time as an argument. After an input, send what ``nextTransmission(now:)`` returns until it returns nil, arrange
/// for ``timerFired(now:)`` at ``deadline``, and if ``hasEvent`` let the application take ``nextEvent()`` when it runs: what it does not take stays in the
/// buffers, as with a real socket. Polling, and not returning lists, is what keeps a segment free of allocations.
///
/// What is simplified: no Nagle algorithm (SwiftNIO and everybody in this world sets TCP_NODELAY), no urgent data, no spurious-timeout detection (RFC 5682), no
/// duplicate SACK, loss detection of RFC 8985 without its reordering timer. SACK and timestamps are always in use.
public struct TCPConnection {
    /// The states of RFC 9293 section 3.3.2, without LISTEN, which is not a state of a connection here.
    public enum State: String, Hashable, Sendable {
        /// There is no connection (any more).
        case closed
        /// A SYN was sent.
        case synSent
        /// SYNs have crossed or a SYN was answered; the last acknowledgement of the handshake is missing.
        case synReceived
        /// Data flows.
        case established
        /// Closed here; the FIN is on its way.
        case finWait1
        /// Closed here and acknowledged; waiting for the other end's FIN.
        case finWait2
        /// The other end has closed.
        case closeWait
        /// Both have closed at the same time.
        case closing
        /// The other end has closed, then this one; the last acknowledgement is missing.
        case lastAck
        /// Over; old segments may still arrive.
        case timeWait
    }

    /// What the application is to be told.
    public enum Event {
        /// The handshake is complete.
        case connected
        /// Bytes for the application; they count as read.
        case received(ByteBuffer)
        /// The other end has closed its direction: end of file.
        case peerFinished
        /// The send buffer has room again after a write was cut short.
        case writable
        /// The connection is gone.
        case failed(TCPError)
    }

    /// Which of the mutually exclusive timers of the sender runs.
    enum SendTimer: UInt8 { case none, retransmission, lossProbe, persist }

    /// What is being done about losses: nothing, fast recovery, or recovery after a timeout.
    enum Repair: UInt8 { case none, recovery, afterTimeout }

    /// A stretch of sequence space that is sent and not acknowledged cumulatively.
    struct InFlight {
        var start: StreamPosition
        var end: StreamPosition
        var sentAt: NIODeadline
        var isSelectivelyAcknowledged = false
        var isLost = false
        var wasRetransmitted = false
    }

    /// The timing of this end's operating system.
    public let profile: TCPProfile
    /// The settings of the socket.
    public var options: TCPSocketOptions
    /// Where the machine is.
    public internal(set) var state: State
    /// False while the application does not read; what arrives then fills the receive window.
    public var isReading = true

    let localPort: UInt16
    let remotePort: UInt16
    let bootOffset: TimeAmount
    let isPassive: Bool

    // Sending
    let initialSequence: UInt32
    var queue = SendQueue()
    var flight: [InFlight] = []
    var lostCount = 0
    var selectivelyAcknowledgedCount = 0
    var oldestUnacknowledged: StreamPosition = 0
    var nextToSend: StreamPosition = 0
    var peerWindowEnd: StreamPosition = 1
    var segmentPayloadBytes: Int
    let advertisedSegmentSize: UInt16
    var isFinishing = false
    var isOrphan = false
    var isWriterBlocked = false
    var congestion: CongestionWindow
    var repair = Repair.none
    var recoveryPoint: StreamPosition = 0
    var latestDeliveredSentAt = NIODeadline.uptimeNanoseconds(0)

    // Retransmission
    var roundTrip: RoundTripEstimator
    var sendTimer = SendTimer.none
    var sendDeadline = NIODeadline.distantFuture
    var doublings = 0
    var timeouts = 0
    var expiredTimeout: TimeAmount?
    var firstRetransmissionAt: NIODeadline?
    var lossProbeEnd: StreamPosition?
    var isLossProbeDue = false
    var isProbeDue = false
    var softError: TCPError?

    // Receiving
    var peerInitialSequence: UInt32 = 0
    var received = ReceiveQueue()
    var peerFinish: StreamPosition?
    var hasPeerFinished = false
    var isEndOfFileReported = false
    var advertisedEnd: StreamPosition
    var isAcknowledgementDue = false
    var acknowledgementDeadline = NIODeadline.distantFuture
    var acknowledgementDelay = AcknowledgementDelay()
    var recentTimestamp: UInt32 = 0

    // Life
    var lastHeardAt: NIODeadline
    var keepaliveDeadline = NIODeadline.distantFuture
    var unansweredProbes = 0
    var lifetimeDeadline = NIODeadline.distantFuture
    var pendingReset: TCPSegment?
    var isConnectedDue = false
    var failure: TCPError?

    /// - Parameters:
    ///   - maximumSegmentSize: what this end announces: the MTU without the IP header and 20 bytes of TCP header.
    ///   - bootOffset: see ``TimerResolution``.
    init(
        state: State, localPort: UInt16, remotePort: UInt16, initialSequence: UInt32, maximumSegmentSize: Int, profile: TCPProfile,
        options: TCPSocketOptions, bootOffset: TimeAmount, now: NIODeadline
    ) {
        self.state = state
        self.isPassive = state == .synReceived
        self.localPort = localPort
        self.remotePort = remotePort
        self.initialSequence = initialSequence
        self.profile = profile
        self.options = options
        self.bootOffset = bootOffset
        self.advertisedSegmentSize = UInt16(clamping: maximumSegmentSize)
        self.segmentPayloadBytes = Self.payloadBytes(maximumSegmentSize: maximumSegmentSize)
        self.congestion = CongestionWindow(initial: profile.initialCongestionWindow)
        self.roundTrip = RoundTripEstimator(profile: profile)
        self.advertisedEnd = 1 + StreamPosition(profile.receiveBufferBytes)
        self.lastHeardAt = now
    }

    /// An active open: the first transmission is the SYN.
    public static func connecting(
        localPort: UInt16, remotePort: UInt16, initialSequence: UInt32, maximumSegmentSize: Int, profile: TCPProfile,
        options: TCPSocketOptions = TCPSocketOptions(), bootOffset: TimeAmount = .zero, now: NIODeadline
    ) -> TCPConnection {
        TCPConnection(
            state: .synSent, localPort: localPort, remotePort: remotePort, initialSequence: initialSequence,
            maximumSegmentSize: maximumSegmentSize, profile: profile, options: options, bootOffset: bootOffset, now: now)
    }

    /// A passive open by a SYN that a listener received: the first transmission is the SYN-ACK.
    public static func accepting(
        _ syn: TCPSegment, initialSequence: UInt32, maximumSegmentSize: Int, profile: TCPProfile,
        options: TCPSocketOptions = TCPSocketOptions(), bootOffset: TimeAmount = .zero, now: NIODeadline
    ) -> TCPConnection {
        var connection = TCPConnection(
            state: .synReceived, localPort: syn.destinationPort, remotePort: syn.sourcePort, initialSequence: initialSequence,
            maximumSegmentSize: maximumSegmentSize, profile: profile, options: options, bootOffset: bootOffset, now: now)
        connection.adopt(syn: syn)
        return connection
    }

    /// 12 bytes of each segment go to the timestamps option (RFC 7323 appendix A). Never below 36, what RFC 1122's 536-byte default would
    /// leave of a degenerate link.
    static func payloadBytes(maximumSegmentSize: Int) -> Int { max(maximumSegmentSize - 12, 36) }

    // MARK: Application

    /// Bytes that ``write(_:)`` would accept now.
    public var sendCapacity: Int { max(profile.sendBufferBytes - queue.bytes, 0) }

    /// Bytes written and not acknowledged yet.
    public var unacknowledgedBytes: Int { queue.bytes }

    /// Whether the application may write: from the start (data waits for the handshake) until it closes.
    public var canWrite: Bool {
        switch state {
        case .synSent, .synReceived, .established, .closeWait: !isFinishing
        case .closed, .finWait1, .finWait2, .closing, .lastAck, .timeWait: false
        }
    }

    /// Takes as many of the bytes as the send buffer has room for, and returns how many. If not all, ``Event/writable`` follows.
    public mutating func write(_ bytes: inout ByteBuffer) -> Int {
        guard canWrite else { return 0 }
        let accepted = bytes.readSlice(length: min(bytes.readableBytes, sendCapacity)) ?? ByteBuffer()
        queue.append(accepted)
        if bytes.readableBytes > 0 { isWriterBlocked = true }
        return accepted.readableBytes
    }

    /// The application closes. With `bothDirections`, as `close(2)` does: unread bytes or bytes that come later are answered with RST. Otherwise as
    /// `shutdown(SHUT_WR)`: reading goes on.
    public mutating func close(bothDirections: Bool, now: NIODeadline) {
        if bothDirections {
            isOrphan = true
            keepaliveDeadline = .distantFuture
            if received.hasReadyBytes {
                abort(now: now)
                return
            }
        }
        switch state {
        case .synSent:
            terminate()
        case .synReceived, .established:
            isFinishing = true
            if state == .established { state = .finWait1 }
        case .closeWait:
            isFinishing = true
            state = .lastAck
        case .finWait2:
            if bothDirections { lifetimeDeadline = now + profile.finWait2 }
        case .closed, .finWait1, .closing, .lastAck, .timeWait:
            break
        }
    }

    /// Ends the connection at once with RST, without an error for this end's application.
    public mutating func abort(now: NIODeadline) {
        switch state {
        case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            terminate()
            pendingReset = segment(at: nextToSend, flags: [.rst, .ack], now: now)
        case .closed, .synSent, .timeWait:
            terminate()
        }
    }

    /// The operating system takes the connection away: an error for the application, nothing on the wire.
    public mutating func revoke() {
        switch state {
        case .closed, .timeWait: terminate()
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: fail(.aborted)
        }
    }

    /// Of what the application was to be told, only a failure is left.
    mutating func discardUndelivered() {
        received.discardReady()
        isEndOfFileReported = true
        isConnectedDue = false
        isWriterBlocked = false
    }

    // MARK: Ends

    mutating func fail(_ error: TCPError) {
        if !isOrphan, state != .closed { failure = error }
        terminate()
    }

    mutating func terminate() {
        state = .closed
        sendTimer = .none
        sendDeadline = .distantFuture
        acknowledgementDeadline = .distantFuture
        keepaliveDeadline = .distantFuture
        lifetimeDeadline = .distantFuture
        isAcknowledgementDue = false
        isLossProbeDue = false
        isProbeDue = false
        flight = []
        lostCount = 0
        selectivelyAcknowledgedCount = 0
        queue = SendQueue()
    }

    mutating func enterTimeWait(now: NIODeadline) {
        state = .timeWait
        sendTimer = .none
        sendDeadline = .distantFuture
        keepaliveDeadline = .distantFuture
        lifetimeDeadline = now + profile.timeWait
    }

    mutating func becomeEstablished(now: NIODeadline) {
        state = isFinishing ? .finWait1 : .established
        isConnectedDue = true
        timeouts = 0
        if let keepalive = options.keepalive { keepaliveDeadline = now + keepalive.idle }
    }
}
