import NIOCore

/// Outbound frames on their way to the socket, paced (SIG-20).
///
/// Nothing is dropped. Frames of one lane (one peer, one channel) keep their order; between lanes the more urgent go first. A lane is as urgent as the
/// most urgent frame in it, so that a description is not held back by other lanes while candidates of its own wait before it.
struct SendQueue<Item> {
    /// What a frame must not overtake.
    enum Lane: Hashable, Sendable {
        case connection
        case channel(String)
        case peer(String)
    }

    /// Most urgent first.
    enum Priority: Int, Comparable, Sendable {
        /// Pings and membership.
        case control
        /// Offers and answers.
        case description
        /// The application's data.
        case data
        /// ICE candidates.
        case candidate

        static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
    }

    private var bucket: TokenBucket?
    private var waiting: [(item: Item, lane: Lane, priority: Priority)] = []

    /// - Parameters:
    ///   - pacing: The limits, or nil for none.
    ///   - now: When the connection began: the server counts per connection.
    init(pacing: SignallingOptions.Pacing?, at now: NIODeadline) {
        bucket = pacing.map { TokenBucket($0, at: now) }
    }

    var count: Int { waiting.count }

    /// When ``release(at:)`` must be called, or nil for never.
    var nextRelease: NIODeadline? { waiting.isEmpty ? nil : bucket?.nextSend }

    mutating func enqueue(_ item: Item, lane: Lane, priority: Priority) { waiting.append((item, lane, priority)) }

    /// Takes out what may be written now, in the order of writing.
    mutating func release(at now: NIODeadline) -> [Item] {
        var released: [Item] = []
        while let index = nextIndex(), bucket?.take(at: now) ?? true { released.append(waiting.remove(at: index).item) }
        return released
    }

    /// The connection is gone: takes out everything, in the order in which it came.
    mutating func removeAll() -> [Item] {
        defer { waiting.removeAll() }
        return waiting.map(\.item)
    }

    /// The first frame of the lane that holds the most urgent frame.
    private func nextIndex() -> Int? {
        guard let urgent = waiting.indices.min(by: { (waiting[$0].priority, $0) < (waiting[$1].priority, $1) }) else { return nil }
        return waiting.firstIndex { $0.lane == waiting[urgent].lane }
    }
}
