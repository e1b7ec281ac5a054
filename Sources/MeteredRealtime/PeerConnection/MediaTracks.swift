/// Audio or video.
public enum MediaKind: String, Hashable, Sendable, CaseIterable {
    /// Sound.
    case audio
    /// Pictures.
    case video
}

/// A track of the WebRTC library (`MediaStreamTrack`), local or remote. The SDK only passes it on.
public protocol MediaStreamTrack: AnyObject, Sendable {
    /// Its id; for a remote track the one that the sender's description names (`a=msid`).
    var id: String { get }
    /// Audio or video.
    var kind: MediaKind { get }
}

/// What sends a local track (`RTCRtpSender`).
public protocol RTPSender: AnyObject {
    /// The track that is sent.
    var track: (any MediaStreamTrack)? { get }
    /// Sends another track of the same kind in its place, without negotiation; nil sends nothing (webrtc-pc `replaceTrack`).
    func replaceTrack(_ track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void)
}
