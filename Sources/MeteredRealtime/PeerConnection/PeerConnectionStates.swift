/// `RTCSignalingState` (webrtc-pc section 4.3.1).
public enum SignalingState: String, Hashable, Sendable, CaseIterable {
    /// No exchange is under way.
    case stable
    /// A local offer waits for its answer.
    case haveLocalOffer = "have-local-offer"
    /// A remote offer waits for its answer.
    case haveRemoteOffer = "have-remote-offer"
    /// A remote offer has a provisional local answer.
    case haveLocalProvisionalAnswer = "have-local-pranswer"
    /// A local offer has a provisional remote answer.
    case haveRemoteProvisionalAnswer = "have-remote-pranswer"
    /// `close()` was called.
    case closed
}

/// `RTCIceGatheringState` (webrtc-pc section 4.3.2).
public enum ICEGatheringState: String, Hashable, Sendable, CaseIterable {
    /// Nothing was asked for.
    case new
    /// Candidates are looked for.
    case gathering
    /// All there are, are known.
    case complete
}

/// `RTCIceConnectionState` (webrtc-pc section 4.3.4).
public enum ICEConnectionState: String, Hashable, Sendable, CaseIterable {
    /// Nothing was tried.
    case new
    /// Pairs are checked.
    case checking
    /// A pair works.
    case connected
    /// A pair works and nothing more is checked.
    case completed
    /// The checks of the pair are not answered any more.
    case disconnected
    /// No pair works.
    case failed
    /// `close()` was called.
    case closed
}

/// `RTCPeerConnectionState` (webrtc-pc section 4.3.3): ICE and DTLS together.
public enum PeerConnectionState: String, Hashable, Sendable, CaseIterable {
    /// Nothing was tried.
    case new
    /// ICE or DTLS is on its way.
    case connecting
    /// Media and data can flow.
    case connected
    /// Nothing is heard; it may heal by itself.
    case disconnected
    /// Only an ICE restart helps.
    case failed
    /// `close()` was called, or the remote peer's DTLS ended the connection.
    case closed
}
