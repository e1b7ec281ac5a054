import NIOCore

/// The requests that wait for the server's answer (SIG-10).
///
/// A request enters when the application calls, gets its deadline when its frame is written (pacing may hold it back), and leaves exactly once.
/// `Completion` is whatever the owner needs to answer the caller.
struct RequestTable<Completion> {
    struct Entry {
        let requestID: String
        let kind: RequestKind
        /// Whether the frame left this client.
        var wasSent = false
        let completion: Completion
        fileprivate let sequence: UInt64
    }

    private let timeout: TimeAmount
    private var entries: [String: Entry] = [:]
    /// Written requests in the order of their deadlines, which is the order of writing since all have the same limit.
    /// Answered ones are removed when they reach the front.
    private var deadlines: CircularBuffer<(requestID: String, deadline: NIODeadline)> = []
    private var nextSequence: UInt64 = 0

    init(timeout: TimeAmount) { self.timeout = timeout }

    var count: Int { entries.count }

    /// When ``expire(at:)`` must be called, or nil for never.
    var nextDeadline: NIODeadline? { deadlines.first?.deadline }

    /// The application made a request.
    mutating func insert(_ requestID: String, kind: RequestKind, completion: Completion) {
        precondition(entries[requestID] == nil, "request identifiers are unique")
        entries[requestID] = Entry(requestID: requestID, kind: kind, completion: completion, sequence: nextSequence)
        nextSequence += 1
    }

    /// The request's frame was written: its time runs.
    mutating func sent(_ requestID: String, at now: NIODeadline) {
        guard entries[requestID] != nil else { return }
        entries[requestID]?.wasSent = true
        deadlines.append((requestID, now + timeout))
    }

    /// The server answered. Returns nil for an answer to nothing in flight: late, or never asked.
    mutating func answered(_ requestID: String) -> Entry? {
        let entry = entries.removeValue(forKey: requestID)
        dropAnsweredDeadlines()
        return entry
    }

    /// Takes out the requests whose time is up, oldest first.
    mutating func expire(at now: NIODeadline) -> [Entry] {
        var expired: [Entry] = []
        while let first = deadlines.first, first.deadline <= now {
            deadlines.removeFirst()
            if let entry = entries.removeValue(forKey: first.requestID) { expired.append(entry) }
        }
        dropAnsweredDeadlines()
        return expired
    }

    /// The connection is gone: takes out every request, oldest first.
    mutating func removeAll() -> [Entry] {
        let all = entries.values.sorted { $0.sequence < $1.sequence }
        entries.removeAll()
        deadlines.removeAll()
        return all
    }

    private mutating func dropAnsweredDeadlines() {
        while let first = deadlines.first, entries[first.requestID] == nil { deadlines.removeFirst() }
    }
}
