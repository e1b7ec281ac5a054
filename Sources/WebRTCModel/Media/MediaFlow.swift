public import MeteredRealtime
public import NIOCore

/// How often a track has a frame and how large it is on the wire.
///
/// A flow is sampled: it has far fewer packets than a real encoder sends, because every packet costs simulated and real time. What a test asks of
/// media - do frames arrive, since when not, since when again - needs no more. The interval is the resolution of the answer.
public struct MediaFlow: Hashable, Sendable {
    /// Time from one frame to the next.
    public var interval: TimeAmount
    /// The payload of a frame in bytes; one frame is one packet.
    public var bytes: Int

    /// - Parameters:
    ///   - interval: Time from one frame to the next, at least 1 ms.
    ///   - bytes: The payload of a frame in bytes, 1...1,100: it has to fit one packet.
    public init(interval: TimeAmount, bytes: Int) {
        precondition(interval >= .milliseconds(1), "a frame interval below 1 ms")
        precondition((1...1_100).contains(bytes), "a frame has to fit one packet")
        self.interval = interval
        self.bytes = bytes
    }

    /// One packet of 80 bytes each second, in place of 50 of them.
    public static let sampledAudio = MediaFlow(interval: .seconds(1), bytes: 80)
    /// A frame of 1,000 bytes each 100 ms.
    public static let sampledVideo = MediaFlow(interval: .milliseconds(100), bytes: 1_000)
    /// Every packet of an Opus stream: 50 a second, 80 bytes each (32 kbit/s in frames of 20 ms, RFC 7587).
    public static let fullAudio = MediaFlow(interval: .milliseconds(20), bytes: 80)

    /// What a track of that kind has by default.
    public static func sampled(_ kind: MediaKind) -> MediaFlow {
        switch kind {
        case .audio: sampledAudio
        case .video: sampledVideo
        }
    }
}
