import NIOCore
import SimulationKernel

/// An SCTP association of a peer connection (RFC 9260, 8831): pure. Both ends call ``connect(now:)``; after every input take packets and events.
struct SCTPAssociation {
    enum State: Hashable, Sendable {
        case closed
        /// INIT sent.
        case cookieWait
        /// COOKIE-ECHO sent.
        case cookieEchoed
        case established
        case aborted
    }

    /// What the owner has to know.
    enum Event: Hashable, Sendable {
        case established
        case aborted(reason: String)
        case message(SCTPReceiver.Message)
        /// The peer sends no more on the stream.
        case incomingReset(stream: UInt16)
        /// Our stream is reset; the peer knows.
        case outgoingReset(stream: UInt16)
        /// Something of a stream's buffer was sent.
        case drained(stream: UInt16)
    }

    /// INIT's and COOKIE-ECHO's timer, of which there is one at a time.
    struct HandshakeTimer {
        var deadline = NIODeadline.distantFuture
        var timeout = TimeAmount.zero
        var expiries = 0
    }

    let profile: SCTPProfile
    var state = State.closed
    var handshake = HandshakeTimer()
    let ownTag: UInt32
    let ownInitial: UInt32
    var peerTag: UInt32 = 0
    var cookie = ByteBuffer()
    var sender: SCTPSender
    var receiver: SCTPReceiver?
    var resets: SCTPStreamResets
    /// Control chunks that wait to be sent.
    var control = CircularBuffer<SCTPChunk>()
    private var acknowledgement = Acknowledgement()
    private var heartbeat = Heartbeat()
    private var events = CircularBuffer<Event>()

    private struct Acknowledgement {
        var isDue = false
        var deadline = NIODeadline.distantFuture
        var packetsSince = 0
    }

    private struct Heartbeat {
        var deadline = NIODeadline.distantFuture
        var lastActivity = NIODeadline.uptimeNanoseconds(0)
        var unanswered = 0
    }

    init(profile: SCTPProfile, random: inout some RandomNumberGenerator) {
        self.profile = profile
        ownTag = UInt32.random(in: 1 ... .max, using: &random)
        ownInitial = UInt32(truncatingIfNeeded: random.next())
        sender = SCTPSender(initial: ownInitial, peerWindow: 0, profile: profile)
        resets = SCTPStreamResets(initial: ownInitial)
    }

    // MARK: Inputs

    /// A packet came.
    mutating func receive(_ packet: ByteBuffer, now: NIODeadline) {
        guard state != .aborted else { return }
        var packet = packet
        guard let tag = SCTPPacket.readHeader(&packet) else { return }
        var hadData = false
        loop: while true {
            switch SCTPChunk.next(in: &packet) {
            case .end: break loop
            case .unknown: continue
            case .chunk(let chunk):
                // Section 8.5: only INIT comes with tag 0.
                if case .initiation = chunk {} else if tag != ownTag { return }
                if case .data = chunk { hadData = true }
                receive(chunk, now: now)
            }
        }
        if hadData { noteDataPacket(now: now) }
    }

    private mutating func receive(_ chunk: SCTPChunk, now: NIODeadline) {
        switch chunk {
        case .initiation(let initiation): receiveInitiation(initiation)
        case .initiationAcknowledgement(let initiation): receiveInitiationAcknowledgement(initiation, now: now)
        case .cookieEcho(let cookie): receiveCookie(cookie, now: now)
        case .cookieAcknowledgement: if state == .cookieEchoed { establish(now: now) }
        case .data(let data): receiveData(data, now: now)
        case .selectiveAcknowledgement(let cumulative, let window, let gaps):
            guard state == .established else { return }
            heartbeat.unanswered = 0
            sender.acknowledge(cumulative: cumulative, window: window, gaps: gaps, now: now)
            beginResets(now: now)
        case .heartbeat(let information):
            if information.readableBytes <= 64 { control.append(.heartbeatAcknowledgement(information)) }
        case .heartbeatAcknowledgement(let information): receiveHeartbeatAcknowledgement(information, now: now)
        case .abort(let reason): abort(reason, tellsPeer: false)
        case .reconfiguration(let parameters): for parameter in parameters { receiveReconfiguration(parameter, now: now) }
        case .forward(let cumulative, let streams):
            receiver?.skip(to: cumulative, streams: streams)
            deliver()
            acknowledgement.isDue = true
        }
    }

    private mutating func receiveData(_ data: SCTPData, now: NIODeadline) {
        guard state == .established || state == .cookieEchoed, receiver != nil else { return }
        heartbeat.lastActivity = now
        let isNew = receiver?.receive(data) ?? false
        // Section 6.7: a gap or a duplicate is reported at once.
        if !isNew || receiver?.hasGaps ?? false { acknowledgement.isDue = true }
        deliver()
    }

    private mutating func deliver() {
        while let message = receiver?.nextMessage() { events.append(.message(message)) }
    }

    /// Section 6.2: every second packet, or after the delay.
    private mutating func noteDataPacket(now: NIODeadline) {
        acknowledgement.packetsSince += 1
        if acknowledgement.packetsSince >= 2 {
            acknowledgement.isDue = true
        } else if acknowledgement.deadline == .distantFuture {
            acknowledgement.deadline = now + profile.acknowledgementDelay
        }
    }

    private mutating func receiveHeartbeatAcknowledgement(_ information: ByteBuffer, now: NIODeadline) {
        guard let sent = information.getInteger(at: information.readerIndex, as: UInt64.self), sent <= now.uptimeNanoseconds else { return }
        heartbeat.unanswered = 0
        sender.sample(now - .uptimeNanoseconds(sent))
    }

    /// Sends a message; it waits for the association and the window.
    mutating func send(_ payload: ByteBuffer, payloadProtocol: UInt32, stream: UInt16, _ delivery: SCTPDelivery = .init()) {
        sender.queue.append(payload, payloadProtocol: payloadProtocol, stream: stream, delivery)
    }

    /// Ends the association; the peer learns it if `tellsPeer`.
    mutating func abort(_ reason: String, tellsPeer: Bool) {
        guard state != .aborted else { return }
        control.removeAll()
        if tellsPeer, state == .established || state == .cookieEchoed { control.append(.abort(reason: reason)) }
        state = .aborted
        events.append(.aborted(reason: reason))
    }

    // MARK: Timers

    /// The next time that ``timerFired(now:)`` is wanted.
    var deadline: NIODeadline {
        switch state {
        case .closed, .aborted: .distantFuture
        case .cookieWait, .cookieEchoed: handshake.deadline
        case .established: min(min(sender.deadline, acknowledgement.deadline), min(heartbeat.deadline, resets.deadline))
        }
    }

    /// A deadline has come.
    mutating func timerFired(now: NIODeadline) {
        if handshake.deadline <= now { handshakeTimedOut(now: now) }
        guard state == .established else { return }
        if acknowledgement.deadline <= now { acknowledgement.isDue = true }
        if resets.deadline <= now { repeatReset(now: now) }
        if heartbeat.deadline <= now { heartbeatIsDue(now: now) }
        if sender.deadline <= now {
            sender.timedOut(now: now)
            forwardSentFor = nil
            if let limit = profile.retransmissions, sender.timeouts > limit { abort("too many retransmissions", tellsPeer: true) }
        }
    }

    private mutating func heartbeatIsDue(now: NIODeadline) {
        guard let interval = profile.heartbeatInterval else { return }
        let idleUntil = heartbeat.lastActivity + interval
        if idleUntil > now {
            heartbeat.deadline = idleUntil
            return
        }
        heartbeat.unanswered += 1
        if let limit = profile.retransmissions, heartbeat.unanswered > limit { return abort("too many heartbeats", tellsPeer: true) }
        control.append(.heartbeat(ByteBuffer(integer: now.uptimeNanoseconds)))
        heartbeat.deadline = now + interval + sender.roundTrip.timeout
    }

    // MARK: Outputs

    mutating func nextEvent() -> Event? { events.popFirst() }

    /// Events of other files of the machine.
    mutating func report(_ event: Event) { events.append(event) }

    mutating func becameEstablished(now: NIODeadline) {
        heartbeat.lastActivity = now
        if let interval = profile.heartbeatInterval { heartbeat.deadline = now + interval }
        events.append(.established)
    }

    /// The next packet to send; nil if there is nothing to send now.
    mutating func nextPacket(now: NIODeadline) -> ByteBuffer? {
        if let chunk = control.first, case .initiation = chunk {
            control.removeFirst()
            return packet(of: chunk, tag: 0)
        }
        var packet = SCTPPacket.begin(tag: peerTag)
        while let chunk = control.first, packet.readableBytes < profile.maximumPacketBytes / 2 {
            control.removeFirst()
            chunk.write(to: &packet)
        }
        if state == .established {
            writeAcknowledgement(to: &packet)
            if let forward = forwardIfDue() { forward.write(to: &packet) }
            writeData(to: &packet, now: now)
        }
        return packet.readableBytes > SCTPPacket.headerBytes ? packet : nil
    }

    private func packet(of chunk: SCTPChunk, tag: UInt32) -> ByteBuffer {
        var packet = SCTPPacket.begin(tag: tag)
        chunk.write(to: &packet)
        return packet
    }

    private mutating func writeAcknowledgement(to packet: inout ByteBuffer) {
        guard let receiver, acknowledgement.isDue || (acknowledgement.deadline != .distantFuture && !sender.queue.isEmpty) else { return }
        acknowledgement = Acknowledgement()
        let chunk = SCTPChunk.selectiveAcknowledgement(
            cumulative: UInt32(truncatingIfNeeded: receiver.cumulative), window: receiver.window, gaps: receiver.gaps)
        chunk.write(to: &packet)
    }

    /// A FORWARD-TSN goes once, and again with each retransmission timeout.
    private var forwardSentFor: SCTPChunk?
    private mutating func forwardIfDue() -> SCTPChunk? {
        guard let forward = sender.forward() else {
            forwardSentFor = nil
            return nil
        }
        guard forward != forwardSentFor else { return nil }
        forwardSentFor = forward
        return forward
    }

    private mutating func writeData(to packet: inout ByteBuffer, now: NIODeadline) {
        while let data = sender.nextChunk(room: profile.maximumPacketBytes - packet.readableBytes, now: now) {
            SCTPChunk.data(data).write(to: &packet)
            heartbeat.lastActivity = now
            if events.last != .drained(stream: data.stream) { events.append(.drained(stream: data.stream)) }
        }
        beginResets(now: now)
    }
}
