public import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

/// A peer connection of the model: the machines of webrtc-pc over ICE, DTLS, SCTP and media on a host.
///
/// Every operation and every event happens in a turn of its own on the host's event loop, as webrtc-pc queues tasks; none takes virtual time.
/// The parts: descriptions (`+Descriptions`), what is negotiated (`+Negotiation`), transports (`+Transports`), tracks and channels (`+Media`).
public final class SimulatedPeerConnection: PeerConnection {
    /// See `PeerConnection`.
    public var onEvent: ((PeerConnectionEvent) -> Void)?
    /// See `PeerConnection`.
    public internal(set) var iceGatheringState = ICEGatheringState.new
    /// See `PeerConnection`.
    public internal(set) var iceConnectionState = ICEConnectionState.new
    /// See `PeerConnection`.
    public internal(set) var connectionState = PeerConnectionState.new
    /// Its place among the connections of its factory, from 1.
    public let number: Int

    let loop: SimulatedEventLoop
    let profile: WebRTCProfile
    let options: SimulatedPeerConnectionFactory.Options
    private let observe: ((WebRTCEvent) -> Void)?
    var random: RandomStream
    let ice: any ConnectionTransport
    let dtls: DTLSTransport
    let sctp: SCTPTransport
    let certificate: DTLSCertificate

    var signaling = SignalingMachine()
    var descriptions = NegotiatedDescriptions()
    var credentials = CredentialsToReplace()
    private var chain = OperationsChain<() -> Void>()
    var negotiation = NegotiationState()
    var transport = TransportState()
    /// In order of creation.
    var transceivers: [Transceiver] = []
    var transceiverCount = 0
    var hasDataChannels = false
    var mediaBytesSent: UInt64 = 0

    /// What negotiation remembers beside the descriptions.
    struct NegotiationState {
        /// `[[NegotiationNeeded]]`.
        var isNeeded = false
        /// A check is queued, or due once the chain is empty.
        var isCheckQueued = false
        var isCheckDueOnEmptyChain = false
        /// `[[LastCreatedOffer]]` with what it was made of.
        var lastOffer: CreatedDescription?
        var lastAnswer: CreatedDescription?
        var sessionIdentifier: UInt64 = 0
        var sessionVersion: UInt64 = 1
        /// Transceivers as of the last stable state, for rollback.
        var stable: [(transceiver: Transceiver, negotiation: Transceiver.Negotiation)] = []
        /// libwebrtc: other servers make the next offer a restart.
        var restartsWithNextOffer = false
        /// Every `mid` that was ever used.
        var usedMids: Set<String> = []
    }

    /// A description that `createOffer` or `createAnswer` made.
    struct CreatedDescription {
        var text: String
        var session: SDPSession
        /// Which transceiver got which section.
        var places: [(ordinal: Int, index: Int)] = []
        var parameters: ICEParameters
    }

    init(
        number: Int, host: Host, profile: WebRTCProfile, options: SimulatedPeerConnectionFactory.Options, ice: any ConnectionTransport,
        observe: ((WebRTCEvent) -> Void)?
    ) {
        self.number = number
        self.profile = profile
        self.options = options
        self.observe = observe
        self.ice = ice
        loop = host.eventLoop
        random = host.simulation.random("\(host.name)/pc/\(number)")
        certificate = DTLSCertificate(random: &random)
        dtls = DTLSTransport(loop: host.eventLoop, profile: profile.dtls, certificate: certificate, random: random)
        sctp = SCTPTransport(loop: host.eventLoop, profile: profile.sctp, random: &random)
        negotiation.sessionIdentifier = random.next() >> 1
        transport.local = ice.localParameters
        transport.stableLocal = ice.localParameters
        connectTransports()
    }

    // MARK: States

    /// See `PeerConnection`.
    public var signalingState: SignalingState { signaling.state }

    /// See `PeerConnection`.
    public var localDescription: SessionDescription? {
        guard var local = descriptions.local else { return nil }
        if let index = local.session.sections.firstIndex(where: { !$0.isRejected }) {
            local.session.sections[index].candidates = transport.localCandidates.map {
                String($0.description.dropFirst("candidate:".count))
            }
            local.session.sections[index].isEndOfCandidates = iceGatheringState == .complete
        }
        return SessionDescription(kind: local.kind, sdp: local.session.text)
    }

    /// See `PeerConnection`.
    public var remoteDescription: SessionDescription? {
        descriptions.remote.map { SessionDescription(kind: $0.kind, sdp: $0.session.text) }
    }

    var isClosed: Bool { signaling.state == .closed }

    func emit(_ event: PeerConnectionEvent) {
        if !isClosed { onEvent?(event) }
    }

    func record(_ kind: WebRTCEvent.Kind) { observe?(WebRTCEvent(time: loop.simulation.now, connection: number, kind: kind)) }

    // MARK: Operations

    /// Chains an operation (webrtc-pc section 4.4.1.2). `body` calls what it is given exactly once, at once or later.
    func chain<Value>(
        _ completion: @escaping (Result<Value, any Error>) -> Void, _ body: @escaping (@escaping (Result<Value, any Error>) -> Void) -> Void
    ) {
        guard !isClosed else {
            queueTask { completion(.failure(SimulatedPeerConnectionError.invalidState(.closed))) }
            return
        }
        let operation = { [self] in
            guard !isClosed else {
                completion(.failure(SimulatedPeerConnectionError.invalidState(.closed)))
                return finishOperation()
            }
            body { [self] result in
                completion(result)
                finishOperation()
            }
        }
        if let operation = chain.enqueue(operation) { queueTask(operation) }
    }

    /// The same for what is done at once.
    func chain<Value>(_ completion: @escaping (Result<Value, any Error>) -> Void, _ body: @escaping () throws -> Value) {
        chain(completion) { finish in finish(Result(catching: body)) }
    }

    private func finishOperation() {
        if let next = chain.finish() {
            queueTask(next)
        } else if negotiation.isCheckDueOnEmptyChain {
            negotiation.isCheckDueOnEmptyChain = false
            updateNegotiationNeeded()
        }
    }

    func queueTask(_ task: @escaping () -> Void) { loop.schedule(at: loop.now, task) }

    /// webrtc-pc section 4.7.3, "update the negotiation-needed flag".
    func updateNegotiationNeeded() {
        guard chain.isEmpty else {
            negotiation.isCheckDueOnEmptyChain = true
            return
        }
        guard !negotiation.isCheckQueued else { return }
        negotiation.isCheckQueued = true
        queueTask { [weak self] in self?.checkNegotiationNeeded() }
    }

    private func checkNegotiationNeeded() {
        negotiation.isCheckQueued = false
        guard !isClosed else { return }
        guard chain.isEmpty else {
            negotiation.isCheckDueOnEmptyChain = true
            return
        }
        guard signaling.state == .stable else { return }
        let isNeeded = negotiationNeeded.isNeeded
        if isNeeded, !negotiation.isNeeded {
            negotiation.isNeeded = true
            emit(.negotiationNeeded)
        }
        negotiation.isNeeded = isNeeded
    }

    // MARK: Configuration and end

    /// The next offer has fresh credentials; without effect in a library that has no ICE restart (aioice).
    public func restartICE() {
        guard !isClosed, profile.ice.restart != .unsupported else { return }
        credentials.restart(descriptions)
        updateNegotiationNeeded()
    }

    /// Takes new ICE servers. libwebrtc makes the next offer a restart then; others use them when they gather again.
    /// - Throws: ``SimulatedPeerConnectionError/invalidState(_:)`` once closed.
    public func setConfiguration(_ configuration: PeerConnectionConfiguration) throws {
        guard !isClosed else { throw SimulatedPeerConnectionError.invalidState(.closed) }
        let isChanged =
            ice.configuration.iceServers != configuration.iceServers
            || ice.configuration.transportPolicy != configuration.iceTransportPolicy
        ice.configuration.iceServers = configuration.iceServers
        ice.configuration.transportPolicy = configuration.iceTransportPolicy
        if isChanged, profile.connection.restartsForNewServers, descriptions.local != nil { negotiation.restartsWithNextOffer = true }
    }

    /// Ends the connection at once: ABORT and close_notify to the peer, no event here.
    public func close() {
        guard !isClosed else { return }
        signaling.close()
        endTransports()
        onEvent = nil
        iceConnectionState = .closed
        connectionState = .closed
    }
}
