public import MeteredRealtime

/// Why an operation of a simulated peer connection failed: the exceptions of webrtc-pc.
public enum SimulatedPeerConnectionError: Error, Hashable, Sendable {
    /// `InvalidStateError`: the operation is not legal in this signaling state.
    case invalidState(SignalingState)
    /// `InvalidAccessError` or `InvalidModificationError`: the description does not fit what was negotiated, and why.
    case invalidDescription(String)
    /// The description does not parse.
    case malformedDescription(SDPError)
    /// `OperationError`: the candidate does not parse or belongs to no section or generation that is known.
    case invalidCandidate
    /// The candidate came before any remote description.
    case noRemoteDescription
    /// `TypeError` or `InvalidAccessError`: a track, sender or channel that cannot be used here, and why.
    case invalidArgument(String)
    /// `OperationError`: a data channel's buffer has no room.
    case bufferFull
    /// The transport of the data channel ended, and why.
    case transportClosed(String)
}
