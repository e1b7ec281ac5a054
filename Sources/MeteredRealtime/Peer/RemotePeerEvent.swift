public import CompactJSON

/// What a remote peer's connection tells the application.
public enum RemotePeerEvent: Sendable {
    /// The state changed. Every change is reported once (ICE-06).
    case stateChanged(from: RemotePeerState, to: RemotePeerState)
    /// The metadata is another after a reconnect (ROS-04).
    case metadataChanged(JSONObject?)
    /// A negotiation failed, or recovery gave up (ICE-05).
    case negotiationFailed(NegotiationError)
    /// A STUN or TURN server could not be used, or a candidate was refused.
    case iceCandidateFailed(ICECandidateFailure)
    /// A track appeared. `stream` is nil if the sender named none.
    case trackAdded(any MediaStreamTrack, stream: MediaStream?, metadata: JSONObject?)
    /// A track is not sent any more.
    case trackRemoved(any MediaStreamTrack)
    /// A track's metadata came, or changed, after the track.
    case trackMetadataChanged(any MediaStreamTrack, metadata: JSONObject?)
    /// A stream appeared, or appeared again after a reconnect, as a fresh object of the same id (ROS-10). `metadata` is that of its first track.
    case streamAdded(MediaStream, metadata: JSONObject?)
    /// The last track of a stream is not sent any more. Not raised when a reconnect takes a stream away for a while.
    case streamRemoved(MediaStream)
    /// The remote peer opened a data channel.
    case dataChannel(DataChannel)
}
