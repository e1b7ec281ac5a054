import NIOCore
import SimulationKernel

/// The handshake of DTLS 1.2 as flights and timers (RFC 6347 section 4.2): pure, with the time as argument.
///
/// Each flight is one datagram, and is sent again as a whole. The last flight is sent again when the peer sends its own again.
struct DTLSHandshake {
    /// Who opens: `a=setup` decides.
    enum Role: Hashable, Sendable {
        case client, server
    }

    /// Why a handshake ended without a connection.
    enum Failure: String, Hashable, Sendable {
        case timedOut = "timed out"
        case fingerprint = "the certificate's fingerprint is not the description's"
        case alert = "alert received"
    }

    /// Where it is. Flights count as in RFC 6347 section 4.2.4, figure 1.
    private enum Step: Hashable, Sendable {
        /// Client: flight 1 or 3 sent. Server: nothing received.
        case hello
        /// Client: flight 5 sent. Server: flight 4 sent.
        case keys
        case finished
        case failed(Failure)
        case closed
    }

    private let role: Role
    private let profile: DTLSProfile
    private let certificate: DTLSCertificate
    private let remoteFingerprint: SDPFingerprint
    private let initialTimeout: TimeAmount
    private var random: RandomStream
    private var step = Step.hello

    private var flight = Flight()
    private var cookie = ByteBuffer()
    private var helloRandom = ByteBuffer()
    private var messageNumber: UInt16 = 0
    private var sequence: [UInt64] = [0, 0]
    private var timeout: TimeAmount
    private var timeouts = 0
    /// When the flight is sent again.
    private(set) var deadline = NIODeadline.distantFuture
    private var outgoing = CircularBuffer<ByteBuffer>()

    /// The records of the flight that may have to be sent again, before numbering.
    private struct Flight {
        var records: [(type: DTLSRecord.ContentType, epoch: UInt16, content: ByteBuffer)] = []
    }

    init(
        role: Role, profile: DTLSProfile, certificate: DTLSCertificate, remoteFingerprint: SDPFingerprint, roundTripTime: TimeAmount?,
        random: RandomStream
    ) {
        self.role = role
        self.profile = profile
        self.certificate = certificate
        self.remoteFingerprint = remoteFingerprint
        self.random = random
        initialTimeout = profile.initialTimeout(roundTripTime: roundTripTime)
        timeout = initialTimeout
    }

    var isConnected: Bool { step == .finished }
    var isClosed: Bool { step == .closed }
    var failure: Failure? { if case .failed(let failure) = step { failure } else { nil } }

    // MARK: Inputs

    /// A client begins; a server waits.
    mutating func start(now: NIODeadline) {
        guard role == .client else { return }
        helloRandom = DTLSMessage.random32(&random)
        sendHello(now: now)
    }

    /// Takes a datagram. Application data is handed to `deliver` once connected.
    mutating func receive(_ datagram: ByteBuffer, now: NIODeadline, deliver: (ByteBuffer) -> Void) {
        var datagram = datagram
        while let record = DTLSRecord.next(in: &datagram) {
            switch (record.type, record.epoch) {
            case (.applicationData, 1): if step == .finished { deliver(record.content) }
            case (.handshake, 0): receiveMessages(record.content, now: now)
            case (.handshake, 1): receiveFinished(now: now)
            case (.alert, _): receiveAlert(record)
            case (.changeCipherSpec, _), (.applicationData, _), (.handshake, _): break
            }
        }
    }

    /// The deadline has come.
    mutating func timerFired(now: NIODeadline) {
        guard now >= deadline else { return }
        timeouts += 1
        guard timeouts <= profile.maximumTimeouts else { return fail(.timedOut) }
        timeout = min(.nanoseconds(timeout.nanoseconds &* 2), profile.maximumTimeout)
        deadline = now + timeout
        transmitFlight()
    }

    /// Says close_notify, if there is anybody to say it to.
    mutating func close() {
        if step == .finished { sendAlert(level: 1, description: 0) }
        step = .closed
        deadline = .distantFuture
    }

    /// The next datagram to send.
    mutating func nextDatagram() -> ByteBuffer? { outgoing.popFirst() }

    /// Application data in a record; legal once connected.
    mutating func sealed(_ data: ByteBuffer) -> ByteBuffer {
        var datagram = ByteBuffer()
        datagram.reserveCapacity(DTLSRecord.overheadBytes + data.readableBytes)
        DTLSRecord.write(.applicationData, epoch: 1, sequence: nextSequence(1), data, to: &datagram)
        return datagram
    }

    // MARK: Receiving

    private mutating func receiveMessages(_ content: ByteBuffer, now: NIODeadline) {
        var content = content
        while let message = DTLSMessage.next(in: &content) {
            switch role {
            case .client: clientReceives(message, now: now)
            case .server: serverReceives(message, now: now)
            }
        }
    }

    private mutating func clientReceives(_ message: DTLSMessage.Received, now: NIODeadline) {
        guard step == .hello else { return }
        switch message.kind {
        case .helloVerifyRequest:
            guard cookie.readableBytes == 0, let theirs = DTLSMessage.cookie(in: message), theirs.readableBytes > 0 else { return }
            cookie = theirs
            sendHello(now: now)
        case .certificate: verify(message)
        case .serverHelloDone: if isVerified { sendClientKeys(now: now) }
        case .clientHello, .serverHello, .serverKeyExchange, .certificateRequest, .certificateVerify, .clientKeyExchange, .finished: break
        }
    }

    private mutating func serverReceives(_ message: DTLSMessage.Received, now: NIODeadline) {
        switch (message.kind, step) {
        case (.clientHello, .hello): answerHello(message, now: now)
        // The client did not get flight 4.
        case (.clientHello, .keys): transmitFlight()
        case (.certificate, .keys): verify(message)
        default: break
        }
    }

    private mutating func answerHello(_ message: DTLSMessage.Received, now: NIODeadline) {
        if profile.usesCookie {
            if cookie.readableBytes == 0 { cookie = DTLSMessage.cookie(&random) }
            if DTLSMessage.cookie(in: message) != cookie {
                flight = Flight()
                append(.helloVerifyRequest, DTLSMessage.helloVerifyRequest(cookie: cookie))
                // Without a timer: the client's repeats the exchange (section 4.2.1).
                return transmitFlight()
            }
        }
        sendServerKeys(now: now)
    }

    /// The certificate of the peer arrived and fits the description.
    private var isVerified = false

    private mutating func verify(_ message: DTLSMessage.Received) {
        guard let certificate = DTLSMessage.certificate(in: message.body) else { return }
        guard certificate.fingerprint == remoteFingerprint else {
            sendAlert(level: 2, description: 42)
            return fail(.fingerprint)
        }
        isVerified = true
    }

    private mutating func receiveFinished(now: NIODeadline) {
        switch (role, step) {
        case (.client, .keys):
            finish()
        case (.server, .keys):
            guard isVerified else { return }
            flight = Flight()
            flight.records.append((.changeCipherSpec, 0, ByteBuffer(integer: UInt8(1))))
            appendFinished()
            transmitFlight()
            finish()
        case (.server, .finished):
            // The client did not get the last flight.
            transmitFlight()
        case (.client, .hello), (.client, .finished), (.server, .hello), (_, .failed), (_, .closed): break
        }
    }

    private mutating func finish() {
        step = .finished
        deadline = .distantFuture
    }

    private mutating func receiveAlert(_ record: DTLSRecord.Received) {
        guard let level = record.content.getInteger(at: record.content.readerIndex, as: UInt8.self),
            let description = record.content.getInteger(at: record.content.readerIndex + 1, as: UInt8.self)
        else { return }
        switch step {
        case .finished:
            // Nobody can forge an alert of a connection that is protected.
            guard record.epoch == 1 else { return }
            if description == 0 || level == 2 { step = .closed }
        case .hello, .keys: if level == 2 { fail(.alert) }
        case .failed, .closed: break
        }
    }

    private mutating func fail(_ failure: Failure) {
        step = .failed(failure)
        deadline = .distantFuture
    }

    // MARK: Sending

    private mutating func sendHello(now: NIODeadline) {
        flight = Flight()
        append(.clientHello, DTLSMessage.clientHello(random: helloRandom, cookie: cookie))
        transmitNewFlight(now: now)
    }

    private mutating func sendServerKeys(now: NIODeadline) {
        flight = Flight()
        append(.serverHello, DTLSMessage.serverHello(&random))
        append(.certificate, DTLSMessage.certificate(certificate))
        append(.serverKeyExchange, DTLSMessage.serverKeyExchange(&random))
        append(.certificateRequest, DTLSMessage.certificateRequest())
        append(.serverHelloDone, ByteBuffer())
        step = .keys
        transmitNewFlight(now: now)
    }

    private mutating func sendClientKeys(now: NIODeadline) {
        flight = Flight()
        append(.certificate, DTLSMessage.certificate(certificate))
        append(.clientKeyExchange, DTLSMessage.clientKeyExchange(&random))
        append(.certificateVerify, DTLSMessage.certificateVerify(&random))
        flight.records.append((.changeCipherSpec, 0, ByteBuffer(integer: UInt8(1))))
        appendFinished()
        step = .keys
        transmitNewFlight(now: now)
    }

    private mutating func append(_ kind: DTLSMessage.Kind, _ body: ByteBuffer) {
        var record = ByteBuffer()
        DTLSMessage.write(kind, number: messageNumber, body, to: &record)
        messageNumber &+= 1
        flight.records.append((.handshake, 0, record))
    }

    private mutating func appendFinished() {
        var record = ByteBuffer()
        DTLSMessage.write(.finished, number: messageNumber, DTLSMessage.finished(&random), to: &record)
        messageNumber &+= 1
        flight.records.append((.handshake, 1, record))
    }

    private mutating func transmitNewFlight(now: NIODeadline) {
        timeout = initialTimeout
        timeouts = 0
        deadline = now + timeout
        transmitFlight()
    }

    private mutating func transmitFlight() {
        var datagram = ByteBuffer()
        for record in flight.records {
            DTLSRecord.write(record.type, epoch: record.epoch, sequence: nextSequence(Int(record.epoch)), record.content, to: &datagram)
        }
        outgoing.append(datagram)
    }

    private mutating func sendAlert(level: UInt8, description: UInt8) {
        let epoch = step == .finished ? 1 : 0
        var datagram = ByteBuffer()
        let content = ByteBuffer(bytes: [level, description])
        DTLSRecord.write(.alert, epoch: UInt16(epoch), sequence: nextSequence(epoch), content, to: &datagram)
        outgoing.append(datagram)
    }

    private mutating func nextSequence(_ epoch: Int) -> UInt64 {
        defer { sequence[epoch] &+= 1 }
        return sequence[epoch]
    }
}
