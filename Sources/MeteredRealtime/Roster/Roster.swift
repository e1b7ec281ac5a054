/// Who is in the channel beside us: at most so many, the others wait for a free place (ROS-06, BEY-12).
struct Roster: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        let peerID: String
        var metadata: JSONObject?
        /// Whether its link was made on an earlier connection, so that a snapshot replaces it (ROS-04).
        var isSurvivor = false
    }

    enum Insertion: Hashable, Sendable {
        case admitted
        /// The roster is full: the member is admitted when a place is free.
        case waiting
        /// It is known already.
        case known
    }

    /// How many members may wait for a place; of more, the newest are forgotten.
    static let waitingLimit = 1_024

    private let limit: Int
    /// In the order in which they were admitted.
    private(set) var members: [Member] = []
    private var waiting: [Member] = []

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { members.isEmpty }

    func contains(_ peerID: String) -> Bool { members.contains { $0.peerID == peerID } }

    /// A member appeared.
    mutating func insert(_ peer: PresencePeer) -> Insertion {
        guard !contains(peer.peerID) else { return .known }
        let member = Member(peerID: peer.peerID, metadata: peer.metadata)
        if members.count < limit {
            waiting.removeAll { $0.peerID == peer.peerID }
            members.append(member)
            return .admitted
        }
        if let place = waiting.firstIndex(where: { $0.peerID == peer.peerID }) {
            waiting[place] = member
            return .known
        }
        if waiting.count < Self.waitingLimit { waiting.append(member) }
        return .waiting
    }

    /// A member went. Returns whether it was admitted.
    mutating func remove(_ peerID: String) -> Bool {
        waiting.removeAll { $0.peerID == peerID }
        guard let place = members.firstIndex(where: { $0.peerID == peerID }) else { return false }
        members.remove(at: place)
        return true
    }

    /// Fills the free places with those who wait.
    mutating func admitWaiting() -> [Member] {
        let admitted = Array(waiting.prefix(max(0, limit - members.count)))
        waiting.removeFirst(admitted.count)
        members += admitted
        return admitted
    }

    /// The connection is lost: everyone's link is of the past.
    mutating func markSurvivors() { for place in members.indices { members[place].isSurvivor = true } }

    /// Nobody waits any more: a snapshot tells who does.
    mutating func forgetWaiting() { waiting.removeAll() }

    /// Refreshes a member from a snapshot. Returns it as it was.
    mutating func refresh(_ peer: PresencePeer) -> Member? {
        guard let place = members.firstIndex(where: { $0.peerID == peer.peerID }) else { return nil }
        defer {
            members[place].metadata = peer.metadata
            members[place].isSurvivor = false
        }
        return members[place]
    }

    /// Nobody is left.
    mutating func removeAll() {
        members.removeAll()
        waiting.removeAll()
    }
}
