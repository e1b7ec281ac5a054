import CompactJSON
import Trace

// What comes of a snapshot (ROS-02 to ROS-08).

extension RoomWalk {
    mutating func snapshot(_ place: Int, _ report: inout CheckReport) {
        let step = peer.steps[place]
        let members = step.event[.members] ?? []
        lastSnapshot = step.mark
        announced.formUnion(members)
        checkSource(step, &report)
        let effects = peer.steps[(place + 1)...].prefix { evidence.isTogether($0.mark.at, step.mark.at) && $0.kind != .snapshot }
        let judge = SnapshotJudge(
            step: step, members: members, effects: Array(effects), walk: self)
        judge.check(&report)
        let others = members.filter { !own.contains($0) && !isMember($0) }
        let joined = Set(effects.filter { $0.kind == .peerJoined }.compactMap { $0.event[.remote] })
        // Who is beyond the cap waits for a free place.
        waiting = []
        for id in others where !joined.contains(id) && !waiting.contains(id) && waiting.count < 10_000 { waiting.append(id) }
        if roster.count + others.count <= peer.spec.maximumRemotePeers { waiting = [] }
        connection?.snapshot = step.mark
        connection?.waitsFrom = nil
        for place in roster.indices { roster[place].isSurvivor = false }
    }

    /// ROS-02, ROS-08: the first presence after an ack of this connection, once.
    private mutating func checkSource(_ step: PeerStep, _ report: inout CheckReport) {
        if let other = step.event[.channel], let channel, other != channel {
            report.violate(.ros(6), who, step.mark, "a presence of \(other) was taken for the snapshot of \(channel) (ROS-06).")
        }
        guard hadConnection else { return }
        guard let connection else {
            return report.violate(.ros(8), who, step.mark, "a snapshot was taken without a connection (ROS-08: superseded).")
        }
        if connection.snapshot != nil {
            return report.violate(.ros(8), who, step.mark, "a second snapshot was taken on one connection (ROS-08).")
        }
        if wasSuperseded { report.hold(.ros(8)) }
        wasSuperseded = false
        guard peer.kinds.contains(.requestDone) else { return }
        guard connection.acknowledged != nil else {
            let message = "a presence was taken for the snapshot before any subscribe of this connection was acknowledged (ROS-02)."
            report.violate(.ros(2), who, step.mark, message)
            return report.violate(.bey(8), who, step.mark, message)
        }
        report.expect(
            connection.presences <= 1, .ros(2), who, step.mark,
            "presence \(connection.presences) after the ack was taken for the snapshot; the spec says the first (ROS-02).")
    }

    /// A swap is a snapshot's work.
    func checkSwap(_ step: PeerStep, _ report: inout CheckReport) {
        guard step.event[.reason] == TraceEvent.ConnectionReason.swap.rawValue, peer.kinds.contains(.snapshot) else { return }
        let isOfSnapshot = lastSnapshot.map { evidence.isTogether($0.at, step.mark.at) } ?? false
        report.expect(
            isOfSnapshot, .ros(4), who, step.mark,
            "the connection to \(step.event[.remote] ?? "?") was swapped without a snapshot (ROS-04).")
        guard let newestList, let list = step.event[.serverList] else { return }
        report.expect(
            list == newestList, .ros(4), who, step.mark,
            "the new connection to \(step.event[.remote] ?? "?") has ICE servers of list \(list); the newest is list \(newestList) (ROS-04)."
        )
    }

    mutating func change(_ step: PeerStep, _ report: inout CheckReport) {
        let from = state
        state = step.event[.to] ?? state
        guard from == PeerState.reconnecting.rawValue, state == PeerState.joined.rawValue else { return }
        connection?.waitsFrom = nil
        if roster.isEmpty {
            guard hadConnection, peer.kinds.contains(.requestDone) else { return }
            let message = "the state became joined before any subscribe of this connection was acknowledged (ROS-07)."
            let isRight = connection?.acknowledged != nil
            report.expect(isRight, .ros(7), who, step.mark, message)
            if isRight { report.hold(.bey(9)) } else { report.violate(.bey(9), who, step.mark, message) }
        } else if peer.kinds.contains(.snapshot) {
            let isOfSnapshot = lastSnapshot.map { evidence.isTogether($0.at, step.mark.at) } ?? false
            report.expect(
                isOfSnapshot, .ros(7), who, step.mark, "the state became joined without a snapshot, with remote peers there (ROS-07).")
        }
    }
}

/// Holds one snapshot's effects against the roster before it.
private struct SnapshotJudge {
    let step: PeerStep
    let members: [String]
    let effects: [PeerStep]
    let walk: RoomWalk

    private var peer: PeerHistory { walk.peer }
    private var who: String { walk.who }

    private func remotes(_ kind: TraceKind) -> [String] { effects.filter { $0.kind == kind }.compactMap { $0.event[.remote] } }

    func check(_ report: inout CheckReport) {
        let present = Set(members).subtracting(walk.own)
        // Ended at the same instant: nothing can be said.
        if effects.contains(where: { $0.kind == .leave || ($0.kind == .peerState && $0.event[.to] == PeerState.closed.rawValue) }) {
            return
        }
        checkLeft(present, &report)
        checkSurvivors(present, &report)
        checkNewcomers(&report)
        checkOrder(&report)
    }

    /// ROS-03.
    private func checkLeft(_ present: Set<String>, _ report: inout CheckReport) {
        let left = Set(remotes(.peerLeft))
        for member in walk.roster {
            if present.contains(member.id) {
                if left.contains(member.id) {
                    report.violate(.ros(4), who, step.mark, "\(member.id) is in the snapshot but was removed (ROS-04).")
                }
            } else {
                report.expect(
                    left.contains(member.id), .ros(3), who, step.mark, "\(member.id) is not in the snapshot but was not removed (ROS-03).")
            }
        }
        // What a snapshot says of itself and of the doubled has no effect; it counts as seen.
        if members.contains(where: { walk.own.contains($0) }) || Set(members).count < members.count { report.hold(.ros(6)) }
        let ghost = members.first { walk.own.contains($0) && $0 != walk.ownID }
        if let ghost, !remotes(.peerJoined).contains(ghost) { report.hold(.bey(21)) }
    }

    /// ROS-04: refreshed, with the snapshot's metadata and a connection of its own.
    private func checkSurvivors(_ present: Set<String>, _ report: inout CheckReport) {
        let refreshed = effects.filter { $0.kind == .peerRefreshed }
        for member in walk.roster where member.isSurvivor && present.contains(member.id) {
            guard let refresh = refreshed.first(where: { $0.event[.remote] == member.id }) else {
                report.violate(.ros(4), who, step.mark, "\(member.id) survived the drop but was not refreshed (ROS-04).")
                continue
            }
            checkMetadata(of: member.id, refresh, &report)
            checkConnection(of: member.id, isKept: refresh.event[.kept] ?? false, &report)
        }
    }

    private func checkMetadata(of id: String, _ refresh: PeerStep, _ report: inout CheckReport) {
        guard case .object(let all)? = step.event[.metadata] else { return report.hold(.ros(4)) }
        // A `nil` in place of the comparison would be JSON's null.
        let told = all[id].flatMap { $0 == .null ? JSONValue?.none : $0 }
        report.expect(
            refresh.event[.metadata] == told, .ros(4), who, refresh.mark, "the metadata of \(id) is not what the snapshot says (ROS-04).")
    }

    private func checkConnection(of id: String, isKept: Bool, _ report: inout CheckReport) {
        guard peer.kinds.contains(.connection), walk.ordinals.contains(id) else { return }
        let isNew = effects.contains { $0.kind == .connection && $0.event[.remote] == id }
        if isKept {
            report.expect(
                peer.spec.keepsConnectedLinks, .bey(22), who, step.mark, "the connection to \(id) was kept; the spec says swapped (ROS-04)."
            )
            if isNew { report.violate(.bey(22), who, step.mark, "the connection to \(id) was said to be kept, and replaced.") }
        } else {
            let isDead = walk.dead.contains(id)
            report.expect(
                isNew, isDead ? .bey(11) : .ros(4), who, step.mark,
                "\(id) survived the drop but got no new connection\(isDead ? " for its closed one" : "") (ROS-04).")
        }
    }

    /// ROS-05, ROS-06.
    private func checkNewcomers(_ report: inout CheckReport) {
        var expected: [String] = []
        var seen = walk.own
        for id in members where seen.insert(id).inserted && !walk.isMember(id) { expected.append(id) }
        let gone = Set(remotes(.peerLeft))
        let room = max(0, peer.spec.maximumRemotePeers - walk.roster.count { !gone.contains($0.id) })
        let joined = Set(remotes(.peerJoined))
        // Who is there comes first: a snapshot taken before the state is joined, at the first join, is told of at the ack.
        for id in expected.prefix(room) {
            report.expect(
                joined.contains(id), .ros(5), who, step.mark, "\(id) is new in the snapshot but was not reported to join (ROS-05).")
        }
        if expected.count > room {
            report.expect(
                joined.count <= room, .ros(6), who, step.mark,
                "\(joined.count) newcomers were taken where \(room) places are free (ROS-06).")
        }
    }

    /// ROS-07: left, refreshed, joined, newcomers.
    private func checkOrder(_ report: inout CheckReport) {
        var latest = 0
        let names = ["peer-left", "peer-refreshed", "state joined", "peer-joined"]
        var count = 0
        for effect in effects {
            let rank: Int
            switch effect.kind {
            case .peerLeft: rank = 0
            case .peerRefreshed: rank = 1
            case .peerState where effect.event[.to] == PeerState.joined.rawValue: rank = 2
            case .peerJoined: rank = 3
            default: continue
            }
            count += 1
            if rank < latest {
                let message = "\(names[rank]) stands after \(names[latest]) at the snapshot (ROS-07)."
                report.violate(.ros(7), who, effect.mark, message)
                if rank == 0 { report.violate(.ros(3), who, effect.mark, message) }
                return
            }
            latest = rank
        }
        if walk.state == PeerState.reconnecting.rawValue {
            let isJoined = effects.contains { $0.kind == .peerState && $0.event[.to] == PeerState.joined.rawValue }
            report.expect(isJoined, .ros(7), who, step.mark, "the snapshot came but the state did not become joined (ROS-07).")
        } else if count > 0 {
            report.hold(.ros(7))
        }
    }
}
