import Trace

/// What a peer's trace says of its room at one point, and what is owed there.
struct RoomWalk {
    /// One welcomed connection.
    struct Connection {
        var welcome: Mark
        var acknowledged: Mark?
        /// Presences of the channel since the ack.
        var presences = 0
        var snapshot: Mark?
        /// From when the wait for the snapshot counts; nil while nothing is due.
        var waitsFrom: Nanoseconds?
        var forced: Mark?
        var forcedCount = 0
        var isRejected = false
        var hasTimedOut = false
    }

    struct Member {
        var id: String
        /// In the roster when the connection was lost.
        var isSurvivor = false
    }

    /// Something that must be true once the instant is over.
    struct Debt {
        enum Kind {
            /// ROS-01: the peer and its remote peers are `reconnecting`.
            case reconnecting
            /// ROS-02: the presence was taken for the snapshot.
            case snapshot
            /// ROS-07: the state is `joined`, at the ack of an empty room.
            case joined
            /// ROS-02: a delta did what it said.
            case present(String), absent(String)
            /// ROS-06: a presence of the channel named the newcomer.
            case announced(String)
            /// BEY-10.
            case resubscribeError
            /// ROS-09.
            case timeoutError
        }

        var kind: Kind
        var mark: Mark
    }

    let peer: PeerHistory
    let evidence: Evidence
    var state = PeerState.idle.rawValue
    var channel: String?
    var ownID: String?
    /// Every id that was ours (BEY-21).
    var own: Set<String> = []
    var roster: [Member] = []
    var places: [String: Int] = [:]
    var remoteStates: [String: String] = [:]
    /// Members of the channel that found no place (BEY-12).
    var waiting: [String] = []
    /// Everyone whom a presence of the channel or a snapshot named.
    var announced: Set<String> = []
    var connection: Connection?
    var hadConnection = false
    var wasSuperseded = false
    var subscribes: [String: Mark] = [:]
    var debts: [Debt] = []
    var newestList: Int?
    /// Links whose present connection is closed or failed (BEY-11).
    var dead: Set<String> = []
    var ordinals: Set<String> = []
    var lastSnapshot: Mark?
    var lastPresenceLeft: [String: Nanoseconds] = [:]
    var lastLeft: Mark?
    var errors: [(kind: TraceEvent.PeerErrorKind, at: Nanoseconds)] = []
    var isLeaving = false

    init(peer: PeerHistory, evidence: Evidence) {
        self.peer = peer
        self.evidence = evidence
    }

    var who: String { peer.who }

    mutating func take(_ place: Int, _ report: inout CheckReport) {
        let step = peer.steps[place]
        advance(to: step.mark.at, &report)
        if step.kind != .reconcile { checkWaiting(at: step.mark.at, &report) }
        switch step.kind {
        case .join, .joined, .leave, .welcome, .state, .socketClosed, .request, .requestDone, .replayFailed, .received, .presence:
            signalling(step, &report)
        case .iceServers: newestList = step.event[.serverList] ?? newestList
        case .peerState: change(step, &report)
        case .remoteState: remoteState(step, &report)
        case .peerJoined: joined(step, &report)
        case .peerLeft: left(step, &report)
        case .memberIgnored: if let remote = step.event[.remote], own.contains(remote) { report.hold(.ros(6)) }
        case .snapshot: snapshot(place, &report)
        case .reconcile: reconcile(step, &report)
        case .peerError: error(step, &report)
        case .connection:
            if let remote = step.event[.remote] {
                dead.remove(remote)
                ordinals.insert(remote)
            }
            checkSwap(step, &report)
        case .pcState where step.isState(.connection, "closed"): if let remote = step.event[.remote] { dead.insert(remote) }
        default: break
        }
    }

    /// Settles what was owed at instants that are over.
    mutating func advance(to time: Nanoseconds, _ report: inout CheckReport) {
        if debts.contains(where: { time - $0.mark.at > evidence.tolerance.early }) {
            let due = debts.filter { time - $0.mark.at > evidence.tolerance.early }
            debts.removeAll { time - $0.mark.at > evidence.tolerance.early }
            for debt in due { settle(debt, &report) }
        }
        checkAdmission(at: time, &report)
    }
}

// MARK: - The roster as it is reported

extension RoomWalk {
    func isMember(_ id: String) -> Bool { places[id] != nil }

    private mutating func joined(_ step: PeerStep, _ report: inout CheckReport) {
        guard let id = step.event[.remote] else { return }
        if isMember(id) {
            return report.violate(.ros(5), who, step.mark, "\(id) was reported to join though it is in the roster (ROS-05: exactly one).")
        }
        checkNewcomer(id, step.mark, &report)
        places[id] = roster.count
        roster.append(Member(id: id))
        if let place = waiting.firstIndex(of: id) {
            waiting.remove(at: place)
            report.hold(.bey(12))
        }
        report.expect(
            roster.count <= peer.spec.maximumRemotePeers, .ros(6), who, step.mark,
            "\(id) is remote peer \(roster.count); the spec says at most \(peer.spec.maximumRemotePeers).")
    }

    private mutating func checkNewcomer(_ id: String, _ mark: Mark, _ report: inout CheckReport) {
        if own.contains(id) {
            let isEarlier = id != ownID
            report.violate(
                isEarlier ? .bey(21) : .ros(6), who, mark,
                "\(id) was taken into the roster, but it is \(isEarlier ? "an earlier own id" : "the peer itself").")
        }
        if state != PeerState.joined.rawValue, peer.kinds.contains(.peerState) {
            let rule: RuleID = state == PeerState.reconnecting.rawValue ? .ros(7) : .bey(19)
            report.violate(rule, who, mark, "\(id) was reported to join in state \(state); the spec says joined first.")
        } else {
            report.hold(.bey(19))
        }
        if peer.kinds.contains(.presence) || peer.kinds.contains(.snapshot), !announced.contains(id) {
            // A presence report may stand behind what it causes.
            debts.append(Debt(kind: .announced(id), mark: mark))
        }
    }

    private mutating func left(_ step: PeerStep, _ report: inout CheckReport) {
        guard let id = step.event[.remote] else { return }
        guard let place = places[id] else {
            return report.violate(
                .ros(3), who, step.mark, "\(id) was reported to leave though it is not in the roster (ROS-03: exactly one).")
        }
        lastLeft = step.mark
        roster.remove(at: place)
        reindex()
        remoteStates[id] = nil
        let isSnapshot = lastSnapshot.map { evidence.isTogether($0.at, step.mark.at) } ?? false
        let isDelta = lastPresenceLeft[id].map { evidence.isTogether($0, step.mark.at) } ?? false
        guard state == PeerState.reconnecting.rawValue, !isSnapshot, !isDelta, !isLeaving else { return }
        debts.append(Debt(kind: .absent(id), mark: step.mark))
    }

    private mutating func reindex() {
        places.removeAll(keepingCapacity: true)
        for (place, member) in roster.enumerated() { places[member.id] = place }
    }

    private mutating func remoteState(_ step: PeerStep, _ report: inout CheckReport) {
        guard let id = step.event[.remote], let to = step.event[.to] else { return }
        remoteStates[id] = to
        guard state == PeerState.reconnecting.rawValue, to != RemoteState.reconnecting.rawValue, to != RemoteState.closed.rawValue,
            !(lastSnapshot.map { evidence.isTogether($0.at, step.mark.at) } ?? false)
        else { return }
        report.violate(
            .ros(1), who, step.mark, "\(id) became \(to) while signalling was away; the spec says reconnecting until the snapshot (ROS-01)."
        )
    }

    /// BEY-12: a free place is given to who waits for one.
    mutating func checkAdmission(at time: Nanoseconds, _ report: inout CheckReport) {
        guard !waiting.isEmpty, roster.count < peer.spec.maximumRemotePeers, state == PeerState.joined.rawValue,
            let mark = lastLeft, time - mark.at > evidence.tolerance.early
        else { return }
        report.violate(.bey(12), who, mark, "\(waiting[0]) was not admitted although there is a free place (BEY-12).")
        waiting.removeAll()
    }
}
