import NIOCore
import NetworkModel
import SimulationKernel

/// Asks one STUN server over one socket which address it sees, again and again if the profile keeps mappings alive.
final class STUNServerProbe: ServerResponseTaker, EventTarget {
    enum Outcome {
        case mapped(TransportAddress)
        case refused(STUNErrorCode, String)
        case timedOut
    }

    let server: TransportAddress
    let url: String
    /// Called with the outcome of every request.
    var onOutcome: ((Outcome) -> Void)?
    private let transport: HostTransport
    private let loop: SimulatedEventLoop
    private let profile: GatheringProfile
    /// Keepalives end after this long (libwebrtc on networks of high cost); nil: never.
    private let keepaliveLifetime: TimeAmount?
    private var random: RandomStream
    private var transaction: STUNTransaction?
    private var timer: EventHandle?
    private let started: NIODeadline

    init(
        server: TransportAddress, url: String, transport: HostTransport, profile: GatheringProfile, keepaliveLifetime: TimeAmount?,
        loop: SimulatedEventLoop, random: RandomStream
    ) {
        self.server = server
        self.url = url
        self.transport = transport
        self.profile = profile
        self.keepaliveLifetime = keepaliveLifetime
        self.loop = loop
        self.random = random
        started = loop.now
        transport.add(self)
    }

    func ask() {
        let transaction = STUNTransaction(STUNTransactionID(using: &random), schedule: profile.stunSchedule, now: loop.now)
        self.transaction = transaction
        send(transaction)
        arm(transaction.deadline)
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        transaction = nil
        onOutcome = nil
        transport.remove(self)
    }

    private func send(_ transaction: STUNTransaction) {
        // Binding requests to servers have no fingerprint, as in libwebrtc: the answer comes from an address that is known.
        _ = transport.socket.send(STUNMessage(.request, .binding, transaction.id).encoded(fingerprint: false), to: server)
    }

    func take(_ bytes: ByteBuffer) -> Bool {
        guard let transaction, let message = try? STUNMessage(decoding: bytes), message.transactionID == transaction.id,
            message.method == .binding
        else { return false }
        switch message.messageClass {
        case .successResponse:
            guard let mapped = message.mappedAddress else { return true }
            finish(.mapped(mapped))
        case .errorResponse:
            finish(.refused(message.errorCode ?? .serverError, message.errorReason ?? ""))
        case .request, .indication:
            return false
        }
        return true
    }

    private func finish(_ outcome: Outcome) {
        transaction = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        scheduleKeepalive(after: outcome)
        onOutcome?(outcome)
    }

    /// A server that has not answered is not asked again by libwebrtc either, until the next gathering.
    private func scheduleKeepalive(after outcome: Outcome) {
        guard case .mapped = outcome, let interval = profile.keepaliveInterval, !transport.isReleased else { return }
        if let keepaliveLifetime, loop.now - started >= keepaliveLifetime { return }
        arm(loop.now + interval)
    }

    private func arm(_ deadline: NIODeadline) {
        timer = loop.schedule(at: deadline, target: self, argument: 0)
    }

    func fire(_ argument: UInt64) {
        timer = nil
        guard !transport.isReleased else { return stop() }
        guard var transaction else { return ask() }
        switch transaction.timerFired(now: loop.now) {
        case .send:
            self.transaction = transaction
            send(transaction)
            arm(transaction.deadline)
        case .wait: arm(transaction.deadline)
        case .fail: finish(.timedOut)
        }
    }
}
