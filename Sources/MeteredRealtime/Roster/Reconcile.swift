import NIOCore

/// Keeps the roster equal to the channel's membership, over reconnects: what comes of each presence, and what if none comes (ROS-01...09).
struct Reconcile: Hashable, Sendable {
    /// What is to be done, in this order.
    enum Action: Hashable, Sendable {
        /// A presence is the snapshot of this connection (ROS-02).
        case takeSnapshot(joined: [PresencePeer])
        /// A remote peer is gone (ROS-03).
        case remove(peerID: String)
        /// A remote peer is still there: new metadata, and a new connection if its own is from before the drop (ROS-04).
        case refresh(peerID: String, metadata: JSONObject?, isSurvivor: Bool)
        /// The state becomes `joined` (ROS-07).
        case enter
        /// A remote peer is there (ROS-05).
        case admit(peerID: String, metadata: JSONObject?)
        /// A member found no place (ROS-06).
        case refuse(peerID: String)
        /// A snapshot is awaited.
        case beginWait
        /// The channel is to be subscribed again (ROS-09).
        case forceSubscribe(attempt: Int)
        /// The forced subscribes are spent (ROS-09).
        case reportTimeout
        /// The snapshot that was awaited will not come (ROS-08).
        case supersede
    }

    enum Phase: Hashable, Sendable {
        /// Not in a channel.
        case outside
        /// The first subscribe is not acknowledged yet.
        case joining
        /// The roster follows the presences.
        case joined
        /// The connection is lost.
        case offline
        /// The connection is back; the roster waits for the snapshot.
        case awaiting(Wait)
    }

    /// The wait for a snapshot.
    struct Wait: Hashable, Sendable {
        /// When a subscribe is forced, or the timeout reported; nil while a forced subscribe is under way, and if nothing more is tried.
        fileprivate(set) var deadline: NIODeadline?
        fileprivate var forcedSubscribes = 0
        fileprivate var isRejected = false
    }

    private let timeout: TimeAmount?
    private let forcedSubscribeLimit: Int
    private(set) var phase = Phase.outside
    private(set) var roster: Roster
    private(set) var own = OwnIdentifiers()
    /// Of this connection.
    private var isAcknowledged = false
    private var hasSnapshot = false
    /// Who appeared before the state was `joined`; they are told of after it (BEY-19).
    private var held: [PresencePeer] = []

    /// - Parameters:
    ///   - timeout: How long a snapshot may take; nil for ever.
    ///   - forcedSubscribes: How many subscribes are forced on one connection.
    ///   - maximumRemotePeers: How many remote peers there may be.
    init(timeout: TimeAmount?, forcedSubscribes: Int, maximumRemotePeers: Int) {
        self.timeout = timeout
        forcedSubscribeLimit = forcedSubscribes
        roster = Roster(limit: maximumRemotePeers)
    }

    /// When ``timerFired(at:)`` must be called, or nil for never.
    var deadline: NIODeadline? {
        guard case .awaiting(let wait) = phase else { return nil }
        return wait.deadline
    }

    /// Whether the roster is right: signals may go out (ICE-07).
    var isSettled: Bool { phase == .joined }

    /// Whether a member is known to be there and not told of yet (BEY-19).
    func isHeld(_ peerID: String) -> Bool { held.contains { $0.peerID == peerID } }

    // MARK: Coming and going

    /// `join` is about to subscribe. Legal outside of a channel.
    mutating func join() {
        guard phase == .outside else { preconditionFailure("join in \(phase)") }
        phase = .joining
    }

    /// The channel is left, or could not be joined.
    mutating func leave() {
        roster.removeAll()
        connectionEnded()
        phase = .outside
    }

    // MARK: The connection

    /// The connection is lost and will be replaced. Legal in a channel.
    mutating func connectionLost() -> [Action] {
        let wasAwaiting: Bool
        switch phase {
        case .joined: wasAwaiting = false
        case .awaiting: wasAwaiting = true
        case .offline: return []
        case .outside, .joining: preconditionFailure("a connection is replaced only in a channel")
        }
        phase = .offline
        connectionEnded()
        roster.markSurvivors()
        return wasAwaiting ? [.supersede] : []
    }

    /// A welcome came: the first of all, or that of a reconnect.
    mutating func welcomed(as peerID: String, at now: NIODeadline) -> [Action] {
        own.welcomed(as: peerID)
        guard phase == .offline else { return [] }
        phase = .awaiting(Wait(deadline: timeout.map { now + $0 }))
        return [.beginWait]
    }

    /// The server acknowledged a subscribe for the channel, whoever asked for it.
    mutating func acknowledged() -> [Action] {
        switch phase {
        case .outside, .offline: return []
        case .joining:
            isAcknowledged = true
            return enter()
        case .joined:
            isAcknowledged = true
            return []
        case .awaiting:
            isAcknowledged = true
            return roster.isEmpty ? enter() : []
        }
    }

    private mutating func enter() -> [Action] {
        phase = .joined
        let newcomers = held
        held.removeAll()
        return [.enter] + newcomers.flatMap { insert($0) }
    }

    private mutating func connectionEnded() {
        isAcknowledged = false
        hasSnapshot = false
        held.removeAll()
    }

    // MARK: Presence

    /// A presence for the channel.
    mutating func presence(joined: [PresencePeer], left: [PresencePeer]) -> [Action] {
        switch phase {
        case .outside, .offline: return []
        case .joining, .joined, .awaiting: break
        }
        guard isAcknowledged, !hasSnapshot else { return delta(joined: joined, left: left) }
        hasSnapshot = true
        return snapshot(joined)
    }

    private mutating func delta(joined: [PresencePeer], left: [PresencePeer]) -> [Action] {
        var actions: [Action] = []
        for peer in joined where !own.contains(peer.peerID) {
            if phase == .joined {
                actions += insert(peer)
            } else if !roster.contains(peer.peerID) {
                hold(peer)
            }
        }
        for peer in left {
            held.removeAll { $0.peerID == peer.peerID }
            if roster.remove(peer.peerID) { actions.append(.remove(peerID: peer.peerID)) }
        }
        if phase == .joined { actions += admitWaiting() }
        return actions
    }

    private mutating func snapshot(_ joined: [PresencePeer]) -> [Action] {
        var seen: Set<String> = []
        let others = joined.filter { !own.contains($0.peerID) && seen.insert($0.peerID).inserted }
        var actions: [Action] = [.takeSnapshot(joined: joined)]
        roster.forgetWaiting()
        for member in roster.members where !seen.contains(member.peerID) || own.contains(member.peerID) {
            _ = roster.remove(member.peerID)
            actions.append(.remove(peerID: member.peerID))
        }
        var newcomers: [PresencePeer] = []
        for peer in others {
            guard let member = roster.refresh(peer) else {
                newcomers.append(peer)
                continue
            }
            guard member.isSurvivor || member.metadata != peer.metadata else { continue }
            actions.append(.refresh(peerID: peer.peerID, metadata: peer.metadata, isSurvivor: member.isSurvivor))
        }
        held = newcomers
        if phase != .joined { return actions + enter() }
        held.removeAll()
        return actions + newcomers.flatMap { insert($0) }
    }

    private mutating func insert(_ peer: PresencePeer) -> [Action] {
        switch roster.insert(peer) {
        case .admitted: [.admit(peerID: peer.peerID, metadata: peer.metadata)]
        case .waiting: [.refuse(peerID: peer.peerID)]
        case .known: []
        }
    }

    private mutating func admitWaiting() -> [Action] {
        roster.admitWaiting().map { .admit(peerID: $0.peerID, metadata: $0.metadata) }
    }

    private mutating func hold(_ peer: PresencePeer) {
        if let place = held.firstIndex(where: { $0.peerID == peer.peerID }) {
            held[place] = peer
        } else if held.count < Roster.waitingLimit {
            held.append(peer)
        }
    }

    // MARK: The deadline

    /// The deadline has passed (ROS-09).
    mutating func timerFired(at now: NIODeadline) -> [Action] {
        guard case .awaiting(var wait) = phase, let deadline = wait.deadline, deadline <= now else { return [] }
        wait.deadline = nil
        defer { phase = .awaiting(wait) }
        guard !wait.isRejected else { return [] }
        guard wait.forcedSubscribes < forcedSubscribeLimit else { return [.reportTimeout] }
        wait.forcedSubscribes += 1
        return [.forceSubscribe(attempt: wait.forcedSubscribes)]
    }

    /// The forced subscribe ended, whatever came of it: the time starts anew.
    mutating func forcedSubscribeEnded(at now: NIODeadline) {
        guard case .awaiting(var wait) = phase, !wait.isRejected else { return }
        wait.deadline = timeout.map { now + $0 }
        phase = .awaiting(wait)
    }

    /// The server rejected every replay of the subscription: nothing more is tried on this connection (SIG-12).
    mutating func replayRejected() {
        guard case .awaiting(var wait) = phase else { return }
        wait.isRejected = true
        wait.deadline = nil
        phase = .awaiting(wait)
    }
}
