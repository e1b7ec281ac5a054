import NIOCore

@testable import MeteredRealtime

/// Makes peer connections that go nowhere and remember what was asked of them.
final class RoomPeerConnections: PeerConnectionFactory, @unchecked Sendable {
    private(set) var made: [RoomPeerConnection] = []

    func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection {
        let connection = RoomPeerConnection(configuration, ordinal: made.count + 1)
        made.append(connection)
        return connection
    }
}

/// A peer connection without a network: the test makes its events.
final class RoomPeerConnection: PeerConnection {
    final class Sender: RTPSender {
        private(set) var track: (any MediaStreamTrack)?
        var refuses = false

        init(_ track: any MediaStreamTrack) { self.track = track }

        func replaceTrack(_ track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
            guard !refuses else { return completion(.failure(Refused())) }
            self.track = track
            completion(.success(()))
        }
    }

    struct Refused: Error {}

    let configuration: PeerConnectionConfiguration
    let ordinal: Int
    private(set) var senders: [Sender] = []
    private(set) var channels: [String] = []
    private(set) var isClosed = false
    private var generation = 1
    var refusesReplacement = false

    var onEvent: ((PeerConnectionEvent) -> Void)?
    private(set) var signalingState = SignalingState.stable
    let iceGatheringState = ICEGatheringState.new
    let iceConnectionState = ICEConnectionState.new
    private(set) var connectionState = PeerConnectionState.new
    private(set) var localDescription: SessionDescription?
    private(set) var remoteDescription: SessionDescription?

    init(_ configuration: PeerConnectionConfiguration, ordinal: Int) {
        self.configuration = configuration
        self.ordinal = ordinal
    }

    var trackIDs: [String] { senders.compactMap { $0.track?.id } }

    /// The connection state changes.
    func become(_ state: PeerConnectionState) {
        connectionState = state
        onEvent?(.connectionStateChange(state))
    }

    private func description(_ kind: SessionDescription.Kind) -> SessionDescription {
        SessionDescription(
            kind: kind,
            sdp: """
                v=0\r
                a=fingerprint:sha-256 \(ordinal)\r
                m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
                a=ice-ufrag:u\(ordinal)g\(generation)\r
                a=ice-pwd:secretsecretsecretsecret\r

                """)
    }

    func createOffer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) { completion(.success(description(.offer))) }

    func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        completion(.success(description(.answer)))
    }

    func setLocalDescription(_ description: SessionDescription?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        let description = description ?? self.description(signalingState == .haveRemoteOffer ? .answer : .offer)
        localDescription = description
        move(to: description.kind == .offer ? .haveLocalOffer : .stable)
        completion(.success(()))
    }

    func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        remoteDescription = description
        move(to: description.kind == .offer ? .haveRemoteOffer : .stable)
        completion(.success(()))
    }

    private func move(to state: SignalingState) {
        guard signalingState != state else { return }
        signalingState = state
        onEvent?(.signalingStateChange(state))
    }

    func addICECandidate(_ candidate: ICECandidate?, _ completion: @escaping (Result<Void, any Error>) -> Void) { completion(.success(())) }

    func restartICE() {
        generation += 1
        onEvent?(.negotiationNeeded)
    }

    func setConfiguration(_ configuration: PeerConnectionConfiguration) {}

    func addTrack(_ track: any MediaStreamTrack, streamIDs: [String]) -> any RTPSender {
        let sender = Sender(track)
        sender.refuses = refusesReplacement
        senders.append(sender)
        needNegotiation()
        return sender
    }

    func removeTrack(_ sender: any RTPSender) {
        senders.removeAll { $0 === sender }
        needNegotiation()
    }

    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws -> any DataChannelTransport {
        channels.append(label)
        needNegotiation()
        throw Refused()
    }

    private func needNegotiation() { if signalingState == .stable { onEvent?(.negotiationNeeded) } }

    func statistics(_ completion: @escaping (PeerConnectionStatistics) -> Void) { completion(PeerConnectionStatistics()) }

    func close() {
        isClosed = true
        connectionState = .closed
        signalingState = .closed
    }
}
