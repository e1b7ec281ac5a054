import NIOCore

/// What a ``PeerLink`` needs from the peer that owns it. Everything is called on the event loop, inside the link's own step.
struct LinkEnvironment {
    /// Where everything lives.
    let eventLoop: any EventLoop
    /// Makes the peer connections.
    let factory: any PeerConnectionFactory
    /// The newest ICE servers (WIRE-07). Read for every new connection and every restart.
    let iceServers: () -> [ICEServer]
    /// Whether a signal waits for the acknowledgement of the one before it (``SignallingOptions/serialSignals``).
    let serialSignals: Bool
    /// The identifier of the next request to the service.
    let nextRequestID: () -> String
    /// Sends to the remote peer in the request of this identifier, as `data` with ``PeerSignal/json`` and ``PeerSignal/urgency``. The completion may be
    /// called at once or later.
    let send: (_ signal: PeerSignal, _ requestID: String, _ completion: @escaping (Result<Void, SignallingError>) -> Void) -> Void
    /// Told of what the application, or the peer, has to know. Always after the diagnostics of the same matter.
    let observe: (LinkEvent) -> Void
    /// Told of every decision.
    let diagnose: (LinkDiagnostic) -> Void
}

/// What a link tells the peer that owns it.
enum LinkEvent {
    /// The public state changed.
    case stateChanged(from: RemotePeerState, to: RemotePeerState)
    /// Something that the application may want to know went wrong; the link lives on.
    case negotiationFailed(NegotiationError)
    /// A STUN or TURN server could not be used, or the library refused a candidate.
    case iceCandidateFailed(ICECandidateFailure)
    /// A remote track appeared.
    case track(any MediaStreamTrack, streamIDs: [String])
    /// A remote track is not sent any more. Not raised for the tracks of a connection that was replaced (ROS-10).
    case trackRemoved(any MediaStreamTrack, streamIDs: [String])
    /// The remote peer described one of its tracks, ahead of it (WIRE-11).
    case trackMetadata(TrackMetadata)
    /// The remote peer opened a data channel.
    case dataChannel(DataChannel)
    /// The connection was given up for a new one: its tracks and channels are gone, those of the new one will be told (ROS-10, ROS-11).
    case connectionReplaced(ConnectionReason)
}

/// Why a peer connection was made.
public enum ConnectionReason: String, Hashable, Sendable {
    /// The remote peer's first.
    case first
    /// The reconcile after a signalling reconnect (ROS-04).
    case swap
    /// The remote peer made a new one (ICE-11).
    case replaced
}

/// A candidate or a candidate's server that failed.
public enum ICECandidateFailure: Error, Hashable, Sendable {
    /// A STUN or TURN server could not be used.
    case server(ICECandidateError)
    /// The library refused a well-formed candidate of the remote peer.
    case candidateRefused(RedactedError)
}
