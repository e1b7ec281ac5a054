import Trace

/// INV-07: once the world has been quiet for long enough, the rosters of all peers of a channel agree, and hold nobody whom the service does not know.
struct RosterTruthChecker: Checker {
    static let name = "roster-truth"
    static let rules: [RuleID] = [.inv(7)]

    private struct Room {
        var peer: PeerHistory
        var id: String
        var channel: String
        var roster: Set<String>
        var mark: Mark
    }

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        // Only who is in its room for a while is compared, and only a world that does nothing more.
        guard evidence.end.at - evidence.service.lastDisturbance >= evidence.context.quiet else { return }
        let rooms = evidence.peers.compactMap { room(of: $0, evidence) }
        var live: [String: Bool] = [:]
        for connection in evidence.service.connections {
            let isAlive = connection.closed.map { evidence.end.at - $0.at < evidence.context.quiet } ?? true
            live[connection.peer] = live[connection.peer] ?? false || isAlive
        }
        for room in rooms {
            checkMissing(room, rooms, &report)
            for ghost in room.roster.sorted() where live[ghost] == false {
                report.violate(
                    .inv(7), room.peer.who, room.mark, "\(ghost) is in the roster, but the service has had no connection of it for a while."
                )
            }
        }
    }

    private func checkMissing(_ room: Room, _ rooms: [Room], _ report: inout CheckReport) {
        guard room.roster.count < room.peer.spec.maximumRemotePeers else { return }
        for other in rooms where other.channel == room.channel && other.id != room.id {
            report.expect(
                room.roster.contains(other.id), .inv(7), room.peer.who, room.mark,
                "\(other.id) is in \(room.channel), but not in the roster.")
        }
    }

    private func room(of peer: PeerHistory, _ evidence: Evidence) -> Room? {
        var state = PeerState.idle.rawValue
        var (id, channel): (String?, String?)
        var roster: Set<String> = []
        var last = peer.steps.first?.mark
        for step in peer.steps {
            switch step.kind {
            case .peerState: state = step.event[.to] ?? state
            case .welcome: id = step.event[.peerID]
            case .joined:
                id = step.event[.peerID] ?? id
                channel = step.event[.channel]
            case .peerJoined: if let remote = step.event[.remote] { roster.insert(remote) }
            case .peerLeft: if let remote = step.event[.remote] { roster.remove(remote) }
            case .socketClosed, .attempt: break
            default: continue
            }
            last = step.mark
        }
        guard let last, let id, let channel, state == PeerState.joined.rawValue, evidence.end.at - last.at >= evidence.context.quiet else {
            return nil
        }
        return Room(peer: peer, id: id, channel: channel, roster: roster, mark: last)
    }
}
