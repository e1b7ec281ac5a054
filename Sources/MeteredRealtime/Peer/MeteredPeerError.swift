/// Everything that a peer's calls throw and its error events carry. No case carries a credential (SIG-17).
public enum MeteredPeerError: Error, Hashable, Sendable {
    // MARK: Of calls

    /// The call is not possible in this state.
    case invalidState(MeteredPeerState)
    /// The peer is not in a channel, or not at the moment. Nothing was sent.
    case notJoined(MeteredPeerState)
    /// `close` ended the call.
    case closed
    /// The connection, the server or an argument failed the call.
    case signalling(SignallingError)
    /// A peer cannot send to itself.
    case sendToSelf
    /// The remote peer has left; its object is of no more use.
    case remotePeerClosed(peerID: String)
    /// The track is sent already, as part of another stream. Remove it first.
    case trackAlreadyAttached(trackID: String, streamID: String?)
    /// The track to be replaced is not sent.
    case trackNotAttached(trackID: String)
    /// A stream's or a track's identifier cannot be carried in a session description (RFC 8830 section 2), or a track and its replacement are of
    /// different kinds.
    case invalidMedia(String)
    /// A data channel could not be made.
    case dataChannel(DataChannelError)

    // MARK: Of the error events

    /// The connection ended for good, with this code (SIG-03, SIG-05, ROS-12).
    case disconnected(code: CloseCode, reason: String)
    /// The server reported a condition that the application must act on (SIG-21).
    case serverError(code: String, message: String?)
    /// The token provider failed, or its tokens were refused, this many times in a row. Retries go on (SIG-08, BEY-07).
    case tokenProviderFailed(consecutiveFailures: Int, error: RedactedError)
    /// The channel could not be subscribed again after a reconnect (SIG-12). The state stays `reconnecting`.
    case resubscribeFailed(channel: String, error: SignallingError)
    /// The channel's snapshot did not come, whatever was tried (ROS-09). The state stays `reconnecting`; a later snapshot still heals.
    case reconcileTimedOut(channel: String, forcedSubscribes: Int)
}

extension MeteredPeerError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .invalidState(let state): "not possible in state \(state)"
        case .notJoined(let state): "not joined (state \(state))"
        case .closed: "the peer was closed"
        case .signalling(let error): error.description
        case .sendToSelf: "a peer cannot send to itself"
        case .remotePeerClosed(let peerID): "the remote peer \(peerID) has left"
        case .trackAlreadyAttached(let trackID, let streamID):
            "the track \(trackID) is sent already, \(streamID.map { "as part of stream \($0)" } ?? "without a stream")"
        case .trackNotAttached(let trackID): "the track \(trackID) is not sent"
        case .invalidMedia(let why): "invalid media: \(why)"
        case .dataChannel(let error): error.description
        case .disconnected(let code, let reason): "the connection ended for good with code \(code)\(reason.isEmpty ? "" : ": \(reason)")"
        case .serverError(let code, let message): "server error: \(code)\(message.map { ": \($0)" } ?? "")"
        case .tokenProviderFailed(let count, let error): "the token provider failed \(count) times in a row: \(error)"
        case .resubscribeFailed(let channel, let error): "the channel \(channel) could not be subscribed again: \(error)"
        case .reconcileTimedOut(let channel, let count): "no snapshot of \(channel) came, after \(count) forced subscribes"
        }
    }
}
