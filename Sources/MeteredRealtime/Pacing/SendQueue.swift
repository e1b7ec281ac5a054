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
    // One element each for every frame that waits. The search for the next one touches the frames themselves not at all.
    private var items: [Item] = []
    private var lanes: [Lane] = []
    private var priorities: [Priority] = []

    /// - Parameters:
    ///   - pacing: The limits, or nil for none.
    ///   - now: When the connection began: the server counts per connection.
    init(pacing: SignallingOptions.Pacing?, at now: NIODeadline) {
        bucket = pacing.map { TokenBucket($0, at: now) }
    }

    var count: Int { items.count }

    /// When ``release(at:)`` must be called, or nil for never.
    var nextRelease: NIODeadline? { items.isEmpty ? nil : bucket?.nextSend }

    mutating func enqueue(_ item: Item, lane: Lane, priority: Priority) {
        items.append(item)
        lanes.append(lane)
        priorities.append(priority)
    }

    /// Takes out what may be written now, in the order of writing.
    mutating func release(at now: NIODeadline) -> [Item] {
        var released: [Item] = []
        while let index = nextIndex(), bucket?.take(at: now) ?? true {
            released.append(items.remove(at: index))
            lanes.remove(at: index)
            priorities.remove(at: index)
        }
        return released
    }

    /// The connection is gone: takes out everything, in the order in which it came.
    mutating func removeAll() -> [Item] {
        defer {
            items.removeAll()
            lanes.removeAll()
            priorities.removeAll()
        }
        return items
    }

    /// The first frame of the lane that holds the most urgent frame.
    private func nextIndex() -> Int? {
        guard let highest = priorities.min(), let urgent = priorities.firstIndex(of: highest) else { return nil }
        return lanes.firstIndex(of: lanes[urgent])
    }
}
