import CompactJSON

/// What we decided differently from the official SDK about the roster, in the order of the transformations.
enum RosterDecision: Int, CaseIterable {
    /// Every id that was ours is ourselves (BEY-21).
    case ownIDs
    /// The snapshot is the first presence behind an ack, also at the first join; what comes before it is a delta (ROS-02, BEY-08).
    case acknowledgedSnapshots
    /// Who found no place in the roster is admitted when there is one (BEY-12).
    case lateAdmissions
}

/// A small model of the roster: the lines again, with joins, departures and returns worked out from the presences.
///
/// Without decisions it is the official SDK's roster and must reproduce a golden before anything is changed in it.
struct RosterModel {
    /// Everything, in the order of the lines it was made from.
    private(set) var lines: [GoldenLine] = []

    private struct Member {
        let id: String
        var object: Int64
        var metadata: JSONValue
    }

    private let decisions: Set<RosterDecision>
    private let scripted: GoldenCase
    private var history = RoomHistory()
    private var roster: [Member] = []
    private var objects: Int64 = 0
    /// Members without a place, in order.
    private var waiting: [Member] = []
    private var isPending = false
    /// Whether this connection's snapshot has come.
    private var hasSnapshot = false
    /// Since when a presence can be the snapshot.
    private var acknowledged: Int64?
    private var acks: [Int64: Int64] = [:]
    private var accepts: [Int64: Int64] = [:]

    private static let limit = 256

    init(_ lines: [GoldenLine], decisions: Set<RosterDecision>, scripted: GoldenCase) {
        self.decisions = decisions
        self.scripted = scripted
        for ordinal in SocketLife.ordinals(in: lines) {
            let life = SocketLife(ordinal, in: lines, scripted: scripted)
            acks[ordinal] = life.exchanges.first { $0.type == "subscribe" && $0.result == .acknowledge }?.answered
        }
        for (index, line) in lines.enumerated() { read(line, call: lines.call(at: index, scripted: scripted)) }
    }

    /// The lines about who is in the room, as far as they must agree.
    static func rosterLines(_ lines: [GoldenLine]) -> [GoldenLine] {
        lines.filter { $0.who == "peer" && ["PeerJoined", "PeerLeft", "state"].contains($0.what) }
    }

    private mutating func read(_ line: GoldenLine, call: AppCall?) {
        if line.isAbout("server", "accept"), let ordinal = line.integer("n") { accepts[ordinal] = line.milliseconds }
        switch (line.who, line.what) {
        case ("peer", "PeerJoined"), ("peer", "PeerLeft"): return
        case ("peer", "state") where line.string("from") == "reconnecting" && line.string("to") == "joined": return
        case ("peer", "state"):
            if line.string("to") == "closed" { leaveAll(line.milliseconds) }
            keep(line, call)
            if line.string("to") == "leaving" { leaveAll(line.milliseconds) }
            if line.string("to") == "reconnecting" { isPending = true }
        case ("client", "Connected"):
            keep(line, call)
            welcomed(line)
        case ("client", "Presence"):
            keep(line, call)
            if line.string("channel") == history.channel { presence(line) }
        default: keep(line.isStateOfAll ? shown(line) : line, call)
        }
    }

    private mutating func keep(_ line: GoldenLine, _ call: AppCall?) {
        lines.append(line)
        history.read(line, call: call)
    }

    private mutating func tell(_ what: String, _ fields: JSONObject, at time: Int64) {
        keep(GoldenLine(time, "peer", what, fields), nil)
    }

    // MARK: Coming and going

    private func isSelf(_ id: String) -> Bool {
        decisions.contains(.ownIDs) ? history.ownIDs.contains(id) : history.ownIDs.last == id
    }

    private mutating func add(_ id: String, _ metadata: JSONValue, at time: Int64) {
        guard !isSelf(id), !roster.contains(where: { $0.id == id }) else { return }
        guard roster.count < Self.limit else {
            if !waiting.contains(where: { $0.id == id }) { waiting.append(Member(id: id, object: 0, metadata: metadata)) }
            return
        }
        objects += 1
        roster.append(Member(id: id, object: objects, metadata: metadata))
        tell("PeerJoined", ["id": .string(id), "obj": .integer(objects), "state": "idle", "metadata": metadata], at: time)
    }

    private mutating func remove(_ id: String, at time: Int64) {
        waiting.removeAll { $0.id == id }
        guard let index = roster.firstIndex(where: { $0.id == id }) else { return }
        let member = roster.remove(at: index)
        tell("PeerLeft", ["id": .string(id), "obj": .integer(member.object)], at: time)
    }

    private mutating func leaveAll(_ time: Int64) {
        waiting = []
        for member in roster { remove(member.id, at: time) }
    }

    private mutating func admitWaiting(at time: Int64) {
        guard decisions.contains(.lateAdmissions) else { return }
        while roster.count < Self.limit, !waiting.isEmpty {
            let next = waiting.removeFirst()
            add(next.id, next.metadata, at: time)
        }
    }

    // MARK: The reconcile

    private mutating func welcomed(_ line: GoldenLine) {
        acknowledged = history.socket.flatMap { acks[$0] }
        hasSnapshot = false
        guard line.fields["isReconnect"] == true, history.state == "reconnecting", roster.isEmpty else { return }
        isPending = false
        tell("state", ["from": "reconnecting", "to": "joined"], at: line.milliseconds)
    }

    private mutating func presence(_ line: GoldenLine) {
        guard ["joining", "joined", "reconnecting"].contains(history.state) else { return }
        let time = line.milliseconds
        let metadata = scripted.metadata(of: line, socket: history.socket, accepted: history.socket.flatMap { accepts[$0] })
        func ids(_ key: String) -> [String] { (line.fields[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let joined = ids("joined")
        let isSnapshot = !decisions.contains(.acknowledgedSnapshots) || acknowledged.map { $0 <= time } ?? false
        let isFirst = isSnapshot && !hasSnapshot
        if isSnapshot { hasSnapshot = true }
        guard isPending else {
            if isFirst, decisions.contains(.acknowledgedSnapshots) { return correct(joined, metadata, at: time) }
            for id in joined { add(id, metadata[id] ?? .null, at: time) }
            for id in ids("left") { remove(id, at: time) }
            admitWaiting(at: time)
            return
        }
        guard isSnapshot else {
            // A delta: newcomers wait for the snapshot, which knows of them.
            for id in ids("left") { remove(id, at: time) }
            return
        }
        isPending = false
        waiting = []
        for member in roster where !joined.contains(member.id) || isSelf(member.id) { remove(member.id, at: time) }
        for id in joined {
            if let index = roster.firstIndex(where: { $0.id == id }) {
                roster[index].metadata = metadata[id] ?? .null
            } else {
                add(id, metadata[id] ?? .null, at: time)
            }
        }
        tell("state", ["from": "reconnecting", "to": "joined"], at: time)
    }

    /// A snapshot that comes when the peer has joined already: who was told of too early and is not in it, leaves.
    private mutating func correct(_ joined: [String], _ metadata: [String: JSONValue], at time: Int64) {
        for member in roster where !joined.contains(member.id) { remove(member.id, at: time) }
        for id in joined {
            if let index = roster.firstIndex(where: { $0.id == id }) { roster[index].metadata = metadata[id] ?? .null }
            add(id, metadata[id] ?? .null, at: time)
        }
    }

    /// A `dump` or `end` line with this roster. Links keep their states; their transformations know better.
    private func shown(_ line: GoldenLine) -> GoldenLine {
        let known = (line.fields["remotes"]?.arrayValue ?? []).compactMap(\.objectValue)
        let remotes = roster.map { member -> JSONValue in
            let former = known.first { $0["id"]?.stringValue == member.id }
            return [
                "id": .string(member.id), "obj": .integer(member.object), "state": former?["state"] ?? "idle",
                "polite": former?["polite"] ?? .bool((history.ownIDs.last ?? "") < member.id), "metadata": member.metadata,
            ]
        }
        var line = line.with("peer", .string(history.state))
        if line.fields["remotes"] != nil { return line.with("remotes", .array(remotes)) }
        if line.fields["remoteCount"] != nil { line = line.with("remoteCount", .integer(Int64(remotes.count))) }
        if line.fields["lastRemote"]?.stringValue != nil { return line.with("lastRemote", .string(roster.last?.id ?? "")) }
        return line.fields["lastRemote"] == nil ? line : line.with("lastRemote", remotes.last ?? .null)
    }
}

extension GoldenCase {
    /// What a presence says of its members, as the script has it: a golden shows their ids only.
    fileprivate func metadata(of line: GoldenLine, socket: Int64?, accepted: Int64?) -> [String: JSONValue] {
        guard let socket else { return [:] }
        let script = server.connection(Int(socket))
        let own = script.steps.filter { $0.at.milliseconds + (accepted ?? 0) == line.milliseconds }
        let other = server.steps.filter { $0.at.milliseconds == line.milliseconds }
        var candidates = (own + other).compactMap { step -> [JSONValue]? in
            if case .presence(_, let joined, _) = step.action { joined } else { nil }
        }
        switch script.snapshots {
        case .never: break
        case .always(let snapshot): candidates.append(snapshot.joined)
        case .list(let snapshots): candidates += snapshots.compactMap { $0?.joined }
        }
        let ids = line.fields["joined"]
        let members = candidates.first { .array($0.map { $0["peerId"] ?? .null }) == ids } ?? []
        return Dictionary(
            members.map { ($0["peerId"]?.stringValue ?? "", $0["metadata"] ?? .null) }, uniquingKeysWith: { first, _ in first })
    }
}
