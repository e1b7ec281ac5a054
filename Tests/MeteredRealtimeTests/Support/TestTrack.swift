@testable import MeteredRealtime

/// A track without media.
final class TestTrack: MediaStreamTrack {
    let id: String
    let kind: MediaKind

    init(_ id: String, _ kind: MediaKind = .video) {
        self.id = id
        self.kind = kind
    }
}
