import NIOCore

@testable import MeteredRealtime

/// A track of a fake.
final class FakeTrack: MediaStreamTrack, @unchecked Sendable {
    let id: String
    let kind: MediaKind

    init(_ id: String, _ kind: MediaKind = .audio) {
        self.id = id
        self.kind = kind
    }
}

final class FakeSender: RTPSender {
    var track: (any MediaStreamTrack)?

    init(_ track: any MediaStreamTrack) { self.track = track }

    func replaceTrack(_ track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        self.track = track
        completion(.success(()))
    }
}

final class FakeDataChannel: DataChannelTransport {
    var onEvent: ((DataChannelTransportEvent) -> Void)?
    let label: String
    let configuration: DataChannelConfiguration
    var state = DataChannelState.connecting
    var bufferedAmount = 0
    var bufferedAmountLowThreshold = 0
    private(set) var sent: [DataChannelMessage] = []
    var failure: FakeError?

    init(label: String = "chat", configuration: DataChannelConfiguration = DataChannelConfiguration()) {
        self.label = label
        self.configuration = configuration
    }

    func open() {
        state = .open
        onEvent?(.open)
    }

    func send(_ message: DataChannelMessage) throws {
        if let failure { throw failure }
        sent.append(message)
        bufferedAmount += message.bytes
    }

    /// The network takes what is buffered, down to this many bytes.
    func drain(to bytes: Int) {
        let crosses = bufferedAmount > bufferedAmountLowThreshold && bytes <= bufferedAmountLowThreshold
        bufferedAmount = bytes
        if crosses { onEvent?(.bufferedAmountLow) }
    }

    func close() {
        state = .closed
        onEvent?(.closed)
    }
}

struct FakeError: Error, Hashable, CustomStringConvertible {
    var description = "no way a=ice-pwd:secret"
}

/// Makes fakes and remembers them.
final class FakeFactory: PeerConnectionFactory, @unchecked Sendable {
    private(set) var made: [FakePeerConnection] = []
    let name: String
    var failure: FakeError?
    /// Told when descriptions of one of the connections change.
    var changed: (() -> Void)?

    init(_ name: String = "l") { self.name = name }

    func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection {
        if let failure { throw failure }
        let connection = FakePeerConnection("\(name)\(made.count + 1)", configuration, eventLoop, self)
        made.append(connection)
        return connection
    }
}

/// A peer connection with the W3C signaling machine, rollback and an operations chain included, and no network: whoever holds it sets the states.
///
/// Each operation takes one tick. Credentials are named after the connection and a counter, so that generations can be read off.
final class FakePeerConnection: PeerConnection {
    var onEvent: ((PeerConnectionEvent) -> Void)?
    let name: String
    let loop: any EventLoop
    unowned let factory: FakeFactory
    private(set) var configurations: [PeerConnectionConfiguration]
    private(set) var signalingState = SignalingState.stable
    private(set) var iceGatheringState = ICEGatheringState.new
    private(set) var iceConnectionState = ICEConnectionState.new
    private(set) var connectionState = PeerConnectionState.new
    private(set) var currentLocal: SessionDescription?
    private(set) var pendingLocal: SessionDescription?
    private(set) var currentRemote: SessionDescription?
    private(set) var pendingRemote: SessionDescription?
    private(set) var candidates: [ICECandidate?] = []
    private(set) var restarts = 0
    private(set) var rollbacks = 0
    private(set) var senders: [FakeSender] = []
    private(set) var channels: [FakeDataChannel] = []
    private(set) var isClosed = false
    /// The next operation of this kind fails.
    var failsSetLocal = false
    var failsSetRemote = false
    var failsAddTrack = false
    var failsAddCandidate = false

    private var generation = 0
    private var wantsFreshCredentials = false
    private var isPendingRestart = false
    private var chain: CircularBuffer<() -> Void> = []
    private var isChainRunning = false

    init(_ name: String, _ configuration: PeerConnectionConfiguration, _ loop: any EventLoop, _ factory: FakeFactory) {
        self.name = name
        self.loop = loop
        self.factory = factory
        configurations = [configuration]
    }

    var localDescription: SessionDescription? { pendingLocal ?? currentLocal }
    var remoteDescription: SessionDescription? { pendingRemote ?? currentRemote }

    // MARK: Driving

    func set(_ state: PeerConnectionState) {
        guard !isClosed, connectionState != state else { return }
        connectionState = state
        onEvent?(.connectionStateChange(state))
    }

    func raise(_ event: PeerConnectionEvent) { onEvent?(event) }

    // MARK: Descriptions

    static func sdp(_ fragment: String, fingerprint: String?, sections: [String]) -> String {
        var text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        for section in sections {
            text += "m=\(section) 9 UDP/TLS/RTP/SAVPF 0\r\na=ice-ufrag:\(fragment)\r\na=ice-pwd:secret-\(fragment)\r\n"
            if let fingerprint { text += "a=fingerprint:sha-256 \(fingerprint)\r\n" }
        }
        return text
    }

    private func makeDescription() -> SessionDescription {
        if signalingState == .haveRemoteOffer, let offer = pendingRemote {
            let isRestart =
                remoteFragment != DescriptionSummary(offer.sdp).usernameFragment
            if isRestart {
                generation += 1
                wantsFreshCredentials = false
            }
            return describe(.answer, DescriptionSummary(offer.sdp).sections)
        }
        if wantsFreshCredentials || generation == 0 {
            generation += 1
            isPendingRestart = wantsFreshCredentials
            wantsFreshCredentials = false
        }
        return describe(.offer, wantedSections)
    }

    private func describe(_ kind: SessionDescription.Kind, _ sections: [String]) -> SessionDescription {
        SessionDescription(kind: kind, sdp: Self.sdp("\(name)-\(generation)", fingerprint: name, sections: sections))
    }

    private var negotiatedSections: [String] { currentLocal.map { DescriptionSummary($0.sdp).sections } ?? [] }

    /// What is negotiated, and what tracks and channels need beyond it.
    private var wantedSections: [String] {
        var sections = negotiatedSections
        for kind in MediaKind.allCases {
            let needed = senders.count { $0.track?.kind == kind } - sections.count { $0 == kind.rawValue }
            sections += Array(repeating: kind.rawValue, count: max(0, needed))
        }
        if !channels.isEmpty, !sections.contains("application") { sections.append("application") }
        return sections
    }

    /// The generation of the remote description in force.
    var remoteFragment: String? { currentRemote.flatMap { DescriptionSummary($0.sdp).usernameFragment } }
    /// The generation of the local description in force.
    var localFragment: String? { currentLocal.flatMap { DescriptionSummary($0.sdp).usernameFragment } }

    // MARK: Operations

    func createOffer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) { completion(.failure(FakeError())) }
    func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) { completion(.failure(FakeError())) }

    func setLocalDescription(_ description: SessionDescription?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        enqueue { [self] in
            if failsSetLocal {
                failsSetLocal = false
                return completion(.failure(FakeError()))
            }
            let made = makeDescription()
            switch made.kind {
            case .offer:
                pendingLocal = made
                change(to: .haveLocalOffer)
            case .answer:
                currentLocal = made
                currentRemote = pendingRemote
                settle()
            case .provisionalAnswer, .rollback: preconditionFailure("not made here")
            }
            completion(.success(()))
            gather(DescriptionSummary(made.sdp))
        }
    }

    func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        enqueue { [self] in
            switch (description.kind, signalingState) {
            case (.rollback, _): rollBack()
            case (.offer, .haveLocalOffer):
                rollBack()
                fallthrough
            case (.offer, .stable), (.offer, .haveRemoteOffer):
                if failsSetRemote {
                    failsSetRemote = false
                    return completion(.failure(FakeError()))
                }
                pendingRemote = description
                change(to: .haveRemoteOffer)
            case (.answer, .haveLocalOffer):
                if failsSetRemote {
                    failsSetRemote = false
                    return completion(.failure(FakeError()))
                }
                currentLocal = pendingLocal
                currentRemote = description
                settle()
            default: return completion(.failure(FakeError()))
            }
            completion(.success(()))
        }
    }

    private func settle() {
        pendingLocal = nil
        pendingRemote = nil
        isPendingRestart = false
        change(to: .stable)
    }

    private func rollBack() {
        rollbacks += 1
        if isPendingRestart { wantsFreshCredentials = true }
        pendingLocal = nil
        pendingRemote = nil
        isPendingRestart = false
        change(to: .stable)
    }

    private func change(to state: SignalingState) {
        guard signalingState != state else { return }
        signalingState = state
        onEvent?(.signalingStateChange(state))
        factory.changed?()
    }

    private func gather(_ summary: DescriptionSummary) {
        let line = "candidate:1 1 udp 1 192.0.2.1 5 typ host"
        onEvent?(.iceCandidate(ICECandidate(candidate: line, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: summary.usernameFragment)))
        onEvent?(.iceCandidate(nil))
    }

    func addICECandidate(_ candidate: ICECandidate?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        candidates.append(candidate)
        completion(failsAddCandidate ? .failure(FakeError()) : .success(()))
    }

    private func enqueue(_ operation: @escaping () -> Void) {
        chain.append(operation)
        guard !isChainRunning else { return }
        isChainRunning = true
        tick { $0.runChain() }
    }

    private func runChain() {
        guard !isClosed, let operation = chain.popFirst() else { return }
        operation()
        guard !chain.isEmpty else {
            isChainRunning = false
            return updateNegotiationNeeded()
        }
        tick { $0.runChain() }
    }

    private func tick(_ body: @escaping (FakePeerConnection) -> Void) {
        loop.assumeIsolated().execute { [weak self] in
            guard let self, !self.isClosed else { return }
            body(self)
        }
    }

    private func updateNegotiationNeeded() {
        tick { connection in
            guard !connection.isChainRunning, connection.signalingState == .stable else { return }
            guard connection.wantsFreshCredentials || connection.wantedSections != connection.negotiatedSections else { return }
            connection.onEvent?(.negotiationNeeded)
        }
    }

    // MARK: The rest

    func restartICE() {
        restarts += 1
        wantsFreshCredentials = true
        updateNegotiationNeeded()
    }

    func setConfiguration(_ configuration: PeerConnectionConfiguration) throws { configurations.append(configuration) }

    func addTrack(_ track: any MediaStreamTrack, streamIDs: [String]) throws -> any RTPSender {
        if failsAddTrack { throw FakeError() }
        let sender = FakeSender(track)
        senders.append(sender)
        updateNegotiationNeeded()
        return sender
    }

    func removeTrack(_ sender: any RTPSender) throws {
        senders.removeAll { $0 === sender }
        updateNegotiationNeeded()
    }

    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws -> any DataChannelTransport {
        let channel = FakeDataChannel(label: label, configuration: configuration)
        channels.append(channel)
        updateNegotiationNeeded()
        return channel
    }

    func statistics(_ completion: @escaping (PeerConnectionStatistics) -> Void) { completion(PeerConnectionStatistics(bytesSent: 7)) }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        signalingState = .closed
        connectionState = .closed
        factory.changed?()
    }
}
