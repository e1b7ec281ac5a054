public import NIOCore

/// Makes peer connections: the SDK's seam to WebRTC.
///
/// A binding to a native WebRTC library implements this and ``PeerConnection``; nothing else in the SDK knows what lies under it.
public protocol PeerConnectionFactory: Sendable {
    /// Makes a peer connection.
    /// - Parameters:
    ///   - configuration: Its ICE servers and policies.
    ///   - eventLoop: Where the SDK lives: every call is made and every callback expected there.
    /// - Throws: An error of the library, if the configuration is not usable.
    func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection
}

/// One WebRTC connection to one remote peer, in the shape of `RTCPeerConnection` (W3C webrtc-pc, section 4.4).
///
/// Confined to the event loop it was made for. Where webrtc-pc has promises this has completions: each is called exactly once, at once or later, with
/// the library's error if the operation failed. Operations are chained by the connection (webrtc-pc section 4.4.1.2): the caller does not have to wait.
/// After ``close()`` nothing is called any more, except completions of what was under way.
public protocol PeerConnection: AnyObject {
    /// Called for every event, in order. Set before the first operation.
    var onEvent: ((PeerConnectionEvent) -> Void)? { get set }

    /// `RTCSignalingState`.
    var signalingState: SignalingState { get }
    /// `RTCIceGatheringState`.
    var iceGatheringState: ICEGatheringState { get }
    /// `RTCIceConnectionState`.
    var iceConnectionState: ICEConnectionState { get }
    /// `RTCPeerConnectionState`.
    var connectionState: PeerConnectionState { get }
    /// The pending local description, or else the current one, with the candidates gathered so far.
    var localDescription: SessionDescription? { get }
    /// The pending remote description, or else the current one.
    var remoteDescription: SessionDescription? { get }

    /// Makes an offer for the present tracks and channels; with fresh ICE credentials after ``restartICE()``.
    func createOffer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void)
    /// Makes an answer; legal in `have-remote-offer`.
    func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void)
    /// Applies a local description and starts gathering. Nil makes the offer or answer that the signaling state calls for (webrtc-pc section 4.4.1.5).
    func setLocalDescription(_ description: SessionDescription?, _ completion: @escaping (Result<Void, any Error>) -> Void)
    /// Applies a remote description. An offer in `have-local-offer` rolls the local offer back first.
    func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void)
    /// Adds a remote candidate; nil is the end of candidates.
    func addICECandidate(_ candidate: ICECandidate?, _ completion: @escaping (Result<Void, any Error>) -> Void)

    /// The next offer has fresh ICE credentials (webrtc-pc `restartIce`). Raises ``PeerConnectionEvent/negotiationNeeded``.
    func restartICE()
    /// Takes new ICE servers; they are used from the next gathering on.
    func setConfiguration(_ configuration: PeerConnectionConfiguration) throws

    /// Sends a track as part of these streams (webrtc-pc `addTrack`). Raises ``PeerConnectionEvent/negotiationNeeded``.
    func addTrack(_ track: any MediaStreamTrack, streamIDs: [String]) throws -> any RTPSender
    /// Stops sending a track (webrtc-pc `removeTrack`). Raises ``PeerConnectionEvent/negotiationNeeded``.
    func removeTrack(_ sender: any RTPSender) throws
    /// Opens a data channel; the first one raises ``PeerConnectionEvent/negotiationNeeded``.
    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws -> any DataChannelTransport

    /// What has passed and over which pair, as of now (a small part of `getStats`).
    func statistics(_ completion: @escaping (PeerConnectionStatistics) -> Void)

    /// Ends the connection at once. No event follows, not even the change to `closed`.
    func close()
}

/// What a peer connection reports. The names are those of webrtc-pc's events.
public enum PeerConnectionEvent {
    /// An offer should be made. Raised only in `stable`.
    case negotiationNeeded
    /// ``PeerConnection/signalingState`` changed.
    case signalingStateChange(SignalingState)
    /// ``PeerConnection/iceGatheringState`` changed.
    case iceGatheringStateChange(ICEGatheringState)
    /// ``PeerConnection/iceConnectionState`` changed.
    case iceConnectionStateChange(ICEConnectionState)
    /// ``PeerConnection/connectionState`` changed.
    case connectionStateChange(PeerConnectionState)
    /// A local candidate for the remote peer; nil is the end of candidates.
    case iceCandidate(ICECandidate?)
    /// A STUN or TURN server could not be used.
    case iceCandidateError(ICECandidateError)
    /// A remote track appeared (webrtc-pc section 5.7).
    case track(any MediaStreamTrack, streamIDs: [String])
    /// A remote track is not sent any more.
    case trackRemoved(any MediaStreamTrack, streamIDs: [String])
    /// The remote peer opened a data channel.
    case dataChannel(any DataChannelTransport)
}
