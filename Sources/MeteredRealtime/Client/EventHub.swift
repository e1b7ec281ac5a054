import NIOConcurrencyHelpers

/// What crosses threads: the state, and the streams of events.
final class EventHub<State: Sendable, Event: Sendable>: Sendable {
    private struct Shared {
        var state: State
        var continuations: [(id: UInt64, continuation: AsyncStream<Event>.Continuation)] = []
        var nextID: UInt64 = 0
        var isFinished = false
    }

    private let bufferLimit: Int
    private let shared: NIOLockedValueBox<Shared>

    init(state: State, bufferLimit: Int) {
        self.bufferLimit = bufferLimit
        shared = NIOLockedValueBox(Shared(state: state))
    }

    var state: State { shared.withLockedValue { $0.state } }

    func setState(_ state: State) { shared.withLockedValue { $0.state = state } }

    /// A new subscriber. It gets the events from now on.
    func stream() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(bufferLimit))
        let id: UInt64? = shared.withLockedValue { shared in
            guard !shared.isFinished else { return nil }
            defer { shared.nextID += 1 }
            shared.continuations.append((shared.nextID, continuation))
            return shared.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    /// Returns how many subscribers lost their oldest event to make room.
    func publish(_ event: Event) -> Int {
        let continuations = shared.withLockedValue { $0.continuations }
        var dropped = 0
        for (_, continuation) in continuations {
            switch continuation.yield(event) {
            case .dropped: dropped += 1
            case .enqueued, .terminated: break
            @unknown default: break
            }
        }
        return dropped
    }

    /// The owner was released, or is done: every stream ends.
    func finish() {
        let continuations = shared.withLockedValue { shared in
            shared.isFinished = true
            defer { shared.continuations = [] }
            return shared.continuations
        }
        for (_, continuation) in continuations { continuation.finish() }
    }

    private func remove(_ id: UInt64) { shared.withLockedValue { $0.continuations.removeAll { $0.id == id } } }
}
