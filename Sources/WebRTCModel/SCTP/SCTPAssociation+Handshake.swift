import NIOCore

/// INIT, INIT-ACK, COOKIE-ECHO, COOKIE-ACK (RFC 9260 section 5). In WebRTC both ends begin, so that INITs cross (section 5.2.1).
extension SCTPAssociation {
    /// Begins. An association that the peer has opened meanwhile stays as it is.
    mutating func connect(now: NIODeadline) {
        guard state == .closed else { return }
        state = .cookieWait
        sendHandshake(.initiation(initiation(cookie: nil)), now: now, isFirst: true)
    }

    private func initiation(cookie: ByteBuffer?) -> SCTPInitiation {
        SCTPInitiation(
            tag: ownTag, window: UInt32(SCTPReceiver.bufferBytes), outgoingStreams: .max, incomingStreams: .max,
            transmissionSequenceNumber: ownInitial, cookie: cookie)
    }

    private mutating func sendHandshake(_ chunk: SCTPChunk, now: NIODeadline, isFirst: Bool) {
        if isFirst { handshake = HandshakeTimer(timeout: profile.handshakeTimeout) }
        control.append(chunk)
        handshake.deadline = now + handshake.timeout
    }

    mutating func handshakeTimedOut(now: NIODeadline) {
        handshake.expiries += 1
        if let limit = profile.handshakeRetransmissions, handshake.expiries > limit { return abort("no answer", tellsPeer: false) }
        handshake.timeout = min(.nanoseconds(handshake.timeout.nanoseconds &* 2), profile.maximumBackoff ?? profile.maximumRTO)
        switch state {
        case .cookieWait: sendHandshake(.initiation(initiation(cookie: nil)), now: now, isFirst: false)
        case .cookieEchoed: sendHandshake(.cookieEcho(cookie), now: now, isFirst: false)
        case .closed, .established, .aborted: handshake.deadline = .distantFuture
        }
    }

    /// What the answerer of an INIT has to know again when the cookie returns: it keeps no state meanwhile (section 5.1.3).
    private struct Cookie {
        static let magic: UInt64 = 0x6661_756C_746C_696E
        var tag: UInt32
        var initial: UInt32
        var window: UInt32

        var encoded: ByteBuffer {
            var bytes = ByteBuffer()
            bytes.writeMultipleIntegers(Self.magic, tag, initial, window)
            return bytes
        }

        init(_ initiation: SCTPInitiation) {
            tag = initiation.tag
            initial = initiation.transmissionSequenceNumber
            window = initiation.window
        }

        init?(_ bytes: ByteBuffer) {
            var bytes = bytes
            guard let (magic, tag, initial, window) = bytes.readMultipleIntegers(as: (UInt64, UInt32, UInt32, UInt32).self),
                magic == Self.magic
            else { return nil }
            (self.tag, self.initial, self.window) = (tag, initial, window)
        }
    }

    mutating func receiveInitiation(_ initiation: SCTPInitiation) {
        // An established association keeps its tags: a WebRTC peer does not restart one (section 5.2.2).
        if state == .established, initiation.tag != peerTag { return }
        peerTag = initiation.tag
        control.append(.initiationAcknowledgement(self.initiation(cookie: Cookie(initiation).encoded)))
    }

    mutating func receiveInitiationAcknowledgement(_ initiation: SCTPInitiation, now: NIODeadline) {
        guard state == .cookieWait, let cookie = initiation.cookie, cookie.readableBytes <= 1_024 else { return }
        learn(tag: initiation.tag, initial: initiation.transmissionSequenceNumber, window: initiation.window)
        self.cookie = cookie
        state = .cookieEchoed
        sendHandshake(.cookieEcho(cookie), now: now, isFirst: true)
    }

    mutating func receiveCookie(_ bytes: ByteBuffer, now: NIODeadline) {
        guard let cookie = Cookie(bytes) else { return }
        switch state {
        case .closed, .cookieWait:
            learn(tag: cookie.tag, initial: cookie.initial, window: cookie.window)
            control.append(.cookieAcknowledgement)
            establish(now: now)
        case .cookieEchoed:
            control.append(.cookieAcknowledgement)
            establish(now: now)
        case .established: if cookie.tag == peerTag { control.append(.cookieAcknowledgement) }
        case .aborted: break
        }
    }

    private mutating func learn(tag: UInt32, initial: UInt32, window: UInt32) {
        peerTag = tag
        receiver = SCTPReceiver(initial: initial)
        resets.peerInitial = initial
        sender.setPeerWindow(window)
    }

    mutating func establish(now: NIODeadline) {
        state = .established
        handshake.deadline = .distantFuture
        becameEstablished(now: now)
    }
}
