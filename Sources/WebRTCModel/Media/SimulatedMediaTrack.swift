public import MeteredRealtime
public import NIOCore

/// A media track of the model: a local one is a source of frames, a remote one counts those that arrive.
///
/// `@unchecked Sendable`: the protocol demands it. A track is confined to its simulation's thread.
public final class SimulatedMediaTrack: MediaStreamTrack, @unchecked Sendable {
    /// Its id; of a remote track, the one in the sender's description.
    public let id: String
    /// Audio or video.
    public let kind: MediaKind
    /// Its frames; nil of a track that is not a source.
    public let flow: MediaFlow?
    /// A track that is not enabled sends nothing (a camera that is off, a muted microphone).
    public var isEnabled = true {
        didSet { if isEnabled != oldValue { senders.forEach { $0.sender?.trackChanged() } } }
    }

    /// Frames received; 0 of a local track.
    public internal(set) var framesReceived: UInt64 = 0
    /// When the last frame arrived; nil before the first.
    public internal(set) var lastFrame: NIODeadline?
    /// Whether frames arrive.
    public internal(set) var isFlowing = false
    /// Called when frames start to arrive, with how long there had been none, and when they have stopped.
    public var onFlowChange: ((_ isFlowing: Bool, _ silence: TimeAmount) -> Void)?

    /// In the order in which the track was given to them.
    private var senders: [WeakSender] = []

    private struct WeakSender {
        weak var sender: SimulatedRTPSender?
    }

    /// A track that sends.
    /// - Parameters:
    ///   - id: Unique among the sender's tracks.
    ///   - kind: Audio or video.
    ///   - flow: Its frames; by default sampled ones.
    public init(id: String, kind: MediaKind, flow: MediaFlow? = nil) {
        self.id = id
        self.kind = kind
        self.flow = flow ?? .sampled(kind)
    }

    /// A track that receives.
    init(remote id: String, kind: MediaKind) {
        self.id = id
        self.kind = kind
        self.flow = nil
    }

    func addSender(_ sender: SimulatedRTPSender) {
        senders.removeAll { $0.sender == nil }
        senders.append(WeakSender(sender: sender))
    }

    func removeSender(_ sender: SimulatedRTPSender) { senders.removeAll { $0.sender == nil || $0.sender === sender } }
}
