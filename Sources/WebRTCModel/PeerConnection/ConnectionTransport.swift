import MeteredRealtime
import NIOCore

/// What a peer connection asks of ICE: ``ICETransport``, or a double in tests that need no network.
protocol ConnectionTransport: AnyObject {
    var localParameters: ICEParameters { get }
    var state: ICEConnectionState { get }
    var gatheringState: ICEGatheringState { get }
    var selectedPair: ICESelectedPair? { get }
    var configuration: ICETransportConfiguration { get set }

    var onLocalCandidate: ((CandidateAttribute) -> Void)? { get set }
    var onCandidateError: ((ICECandidateError) -> Void)? { get set }
    var onGatheringState: ((ICEGatheringState) -> Void)? { get set }
    var onState: ((ICEConnectionState) -> Void)? { get set }
    var onData: ((ByteBuffer) -> Void)? { get set }

    /// Begins a new generation with these credentials, which an offer or answer made known before, or with earlier ones after a rollback.
    func restart(with parameters: ICEParameters)
    func gather()
    func setRole(controlling: Bool)
    func setRemote(_ parameters: ICEParameters)
    func addRemoteCandidate(_ candidate: CandidateAttribute)
    func endOfRemoteCandidates()
    @discardableResult
    func send(_ payload: ByteBuffer) -> Bool
    func close()
}

extension ICETransport: ConnectionTransport {}
