import NIOCore
import SimulationKernel

/// DTLS of a connection on its host's time: performs what ``DTLSHandshake`` says (`RTCDtlsTransport`).
final class DTLSTransport: EventTarget {
    private(set) var state = DTLSTransportState.new
    /// Sends a datagram over ICE; false if ICE cannot.
    var send: ((ByteBuffer) -> Bool)?
    /// ``state`` changed; with the reason if it failed.
    var onState: ((DTLSTransportState, _ reason: String?) -> Void)?
    /// The content of an application-data record.
    var onData: ((ByteBuffer) -> Void)?

    private let loop: SimulatedEventLoop
    private let profile: DTLSProfile
    private let certificate: DTLSCertificate
    private let random: RandomStream
    private var handshake: DTLSHandshake?
    private var timer: EventHandle?
    private var armedDeadline = NIODeadline.distantFuture
    /// A ClientHello from before the description or the pair that we need to answer it; libwebrtc keeps one too.
    private var earlyHello: ByteBuffer?

    init(loop: SimulatedEventLoop, profile: DTLSProfile, certificate: DTLSCertificate, random: RandomStream) {
        self.loop = loop
        self.profile = profile
        self.certificate = certificate
        self.random = random
    }

    /// The description and ICE are ready.
    func start(role: DTLSHandshake.Role, remoteFingerprint: SDPFingerprint, roundTripTime: TimeAmount?) {
        guard state == .new else { return }
        var handshake = DTLSHandshake(
            role: role, profile: profile, certificate: certificate, remoteFingerprint: remoteFingerprint, roundTripTime: roundTripTime,
            random: random)
        handshake.start(now: loop.now)
        self.handshake = handshake
        change(to: .connecting, nil)
        if let earlyHello {
            self.earlyHello = nil
            receive(earlyHello)
        } else {
            pump()
        }
    }

    func receive(_ datagram: ByteBuffer) {
        guard state != .closed, state != .failed else { return }
        guard handshake != nil else {
            if datagram.readableBytes <= 2_048 { earlyHello = datagram }
            return
        }
        if state == .connected, handshake?.isConnected == true, datagram.readableBytes > DTLSRecord.overheadBytes,
            datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) == DTLSRecord.ContentType.applicationData.rawValue
        {
            return receiveApplicationData(datagram)
        }
        // `deliver` may send, which needs the machine: collect first.
        var delivered: [ByteBuffer] = []
        handshake?.receive(datagram, now: loop.now) { delivered.append($0) }
        pump()
        for data in delivered { onData?(data) }
    }

    /// The usual case, without an array: one record in the datagram.
    private func receiveApplicationData(_ datagram: ByteBuffer) {
        var datagram = datagram
        while let record = DTLSRecord.next(in: &datagram) {
            if record.type == .applicationData, record.epoch == 1 { onData?(record.content) }
        }
    }

    /// Sends application data; false if there is no connection or ICE cannot.
    @discardableResult
    func sendData(_ data: ByteBuffer) -> Bool {
        guard state == .connected, let datagram = handshake?.sealed(data) else { return false }
        return send?(datagram) ?? false
    }

    /// Ends it, with close_notify to the peer. Nothing is called afterwards.
    func close() {
        onState = nil
        onData = nil
        handshake?.close()
        pump()
        state = .closed
        send = nil
        disarm()
    }

    func fire(_ argument: UInt64) {
        timer = nil
        armedDeadline = .distantFuture
        handshake?.timerFired(now: loop.now)
        pump()
    }

    private func pump() {
        while let datagram = handshake?.nextDatagram() { _ = send?(datagram) }
        arm(handshake?.deadline ?? .distantFuture)
        guard let handshake else { return }
        if let failure = handshake.failure {
            change(to: .failed, failure.rawValue)
        } else if handshake.isClosed {
            change(to: .closed, nil)
        } else if handshake.isConnected {
            change(to: .connected, nil)
        }
    }

    private func change(to new: DTLSTransportState, _ reason: String?) {
        guard state != new else { return }
        state = new
        onState?(new, reason)
    }

    private func arm(_ deadline: NIODeadline) {
        guard deadline != armedDeadline else { return }
        disarm()
        guard deadline != .distantFuture else { return }
        armedDeadline = deadline
        timer = loop.schedule(at: deadline, target: self, argument: 0)
    }

    private func disarm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        armedDeadline = .distantFuture
    }
}
