import NIOCore
import NetworkModel
import SimulationKernel

/// The transport of a relayed candidate: an allocation on a TURN server, with the socket or connection that leads there.
final class RelayTransport: LocalTransport, EventTarget {
    let id: Int
    private(set) var candidate: ICELocalCandidate
    var onReceive: ((ByteBuffer, TransportAddress) -> Void)?
    var onFailure: ((LocalTransportFailure) -> Void)?
    /// The client's events, for the gatherer.
    var onEvent: ((TURNClient.Event) -> Void)?
    /// The link ended by itself.
    var onLinkClosed: ((String) -> Void)?

    private(set) var client: TURNClient
    private var link: (any TURNLink)?
    private let loop: SimulatedEventLoop
    private var timer: EventHandle?
    private var armedDeadline = NIODeadline.distantFuture

    init(id: Int, candidate: ICELocalCandidate, client: TURNClient, loop: SimulatedEventLoop) {
        self.id = id
        self.candidate = candidate
        self.client = client
        self.loop = loop
    }

    /// Begins, or begins again after a redirection or 437, over a new way to the server. The one before is closed.
    func start(over link: any TURNLink) {
        self.link?.close()
        self.link = link
        link.onMessage = { [weak self] in self?.received($0) ?? false }
        link.onClosed = { [weak self] in self?.linkClosed($0) }
        client.start(now: loop.now)
        pump()
    }

    func allocated(relayed: TransportAddress, mapped: TransportAddress) {
        candidate.address = relayed
        candidate.base = relayed
        candidate.relatedAddress = mapped
    }

    /// Whether the way to the server is the host candidate's socket, so that both have one mapping.
    var hasHostSocket: Bool { link is SharedSocketLink }

    // MARK: LocalTransport

    func send(_ bytes: ByteBuffer, to remote: TransportAddress) -> SendResult {
        guard client.send(bytes, to: remote, now: loop.now) else {
            return bytes.readableBytes > TURNClient.longestPayloadBytes
                ? .messageTooLong(maximumTransmissionUnit: TURNClient.longestPayloadBytes) : .noRoute
        }
        return pump()
    }

    func prepare(for remote: TransportAddress) {
        client.prepare(for: remote, now: loop.now)
        pump()
    }

    func forget(_ remote: TransportAddress) { client.forget(remote) }

    func close() {
        client.release(now: loop.now)
        onReceive = nil
        onFailure = nil
        onEvent = nil
        onLinkClosed = nil
        pump()
        if let timer { loop.cancel(timer) }
        timer = nil
        link?.close()
        link = nil
    }

    // MARK: Inputs

    private func received(_ bytes: ByteBuffer) -> Bool {
        switch client.receive(bytes, now: loop.now) {
        case .data(let payload, let peer):
            onReceive?(payload, peer)
            return true
        case .handled:
            pump()
            return true
        case .notTURN:
            return false
        }
    }

    private func linkClosed(_ reason: String) {
        client.connectionLost()
        pump()
        onFailure?(.closed(reason))
        onLinkClosed?(reason)
    }

    func fire(_ argument: UInt64) {
        timer = nil
        armedDeadline = .distantFuture
        if client.deadline <= loop.now { client.timerFired(now: loop.now) }
        pump()
    }

    // MARK: Outputs

    @discardableResult
    private func pump() -> SendResult {
        var result = SendResult.sent
        while let bytes = client.nextTransmission() { result = link?.send(bytes, to: client.server) ?? .noRoute }
        while let event = client.nextEvent() { tell(event) }
        arm()
        return result
    }

    private func tell(_ event: TURNClient.Event) {
        switch event {
        case .lost(let code): onFailure?(.allocationLost(code: code))
        case .peerRefused(let peer, let code): onFailure?(.peerRefused(peer, code: code))
        case .allocated, .failed, .redirected, .needsOtherPort, .refreshed: break
        }
        onEvent?(event)
    }

    /// The timer is moved only to an earlier time; one that fires too early finds nothing to do.
    private func arm() {
        let deadline = client.deadline
        guard deadline < armedDeadline else { return }
        if let timer { loop.cancel(timer) }
        armedDeadline = deadline
        timer = loop.schedule(at: deadline, target: self, argument: 0)
    }
}
