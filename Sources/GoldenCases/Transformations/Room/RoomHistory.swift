import CompactJSON

/// What the lines up to a place tell about the room.
struct RoomHistory {
    /// A remote peer in the roster.
    struct Member: Hashable {
        let id: String
        let object: Int64
    }

    /// The peer's state.
    private(set) var state = "idle"
    /// The roster in order.
    private(set) var roster: [Member] = []
    /// The last state of each remote peer's object.
    private(set) var remoteStates: [String: String] = [:]
    /// Every id that the service has given the peer, the newest last.
    private(set) var ownIDs: [String] = []
    /// The channel of the last join.
    private(set) var channel: String?
    /// The newest socket that was welcomed.
    private(set) var socket: Int64?

    /// The history up to, but not including, the line at this index.
    init(_ lines: [GoldenLine], upTo index: Int, scripted: GoldenCase) {
        for place in lines[..<index].indices { read(lines[place], call: lines.call(at: place, scripted: scripted)) }
    }

    init() {}

    mutating func read(_ line: GoldenLine, call: AppCall?) {
        switch (line.who, line.what) {
        case ("peer", "state"): state = line.string("to") ?? state
        case ("peer", "PeerJoined"):
            guard let id = line.string("id"), let object = line.integer("obj") else { return }
            roster.append(Member(id: id, object: object))
            remoteStates[id] = line.string("state")
        case ("peer", "PeerLeft"): roster.removeAll { $0.id == line.string("id") }
        case ("client", "Connected"): if let id = line.string("peerId") { ownIDs.append(id) }
        case ("server", "frame") where line.string("type") == "welcome": socket = line.integer("conn")
        case ("app", "call"): if case .peer(.join(let channel, _))? = call { self.channel = channel }
        case (_, "state") where line.who.hasPrefix("remote:"): remoteStates[String(line.who.dropFirst(7))] = line.string("to")
        default: break
        }
    }
}

extension [GoldenLine] {
    /// The index of the first line after `index` that fits.
    func index(after index: Int, where fits: (GoldenLine) -> Bool) -> Int? {
        self[(index + 1)...].firstIndex(where: fits)
    }

    /// The lines with those added whose time has come, each behind everything of its instant.
    func adding(_ lines: [GoldenLine]) -> [GoldenLine] { Heartbeats.merge(self, lines.sorted { $0.milliseconds < $1.milliseconds }) }
}

extension GoldenLine {
    /// Whether the line is a change of the peer's state to this one.
    func isPeerState(to state: String) -> Bool { isAbout("peer", "state") && string("to") == state }

    /// A `dump` or `end` line.
    var isStateOfAll: Bool { who == "app" && ["dump", "end"].contains(what) }

    /// A `dump` or `end` line with its remote peers changed, and any other line as it is. (Over 20 they are shown by number only: see FORMAT.md.)
    func mappingRemotes(_ change: (JSONObject) -> JSONObject?) -> GoldenLine {
        guard isStateOfAll, let remotes = fields["remotes"]?.arrayValue else { return self }
        return with("remotes", .array(remotes.compactMap { $0.objectValue.flatMap(change).map(JSONValue.object) }))
    }

    /// A `dump` or `end` line with these remote peers, as their `PeerJoined` lines announce them, behind those that it has.
    func addingRemotes(_ joined: [GoldenLine], ownID: String) -> GoldenLine {
        guard isStateOfAll, !joined.isEmpty, let remotes = fields["remotes"]?.arrayValue else { return self }
        let added = joined.map { line -> JSONValue in
            let id = line.string("id") ?? ""
            return [
                "id": .string(id), "obj": line.fields["obj"] ?? .null, "state": line.fields["state"] ?? .null, "polite": .bool(ownID < id),
                "metadata": line.fields["metadata"] ?? .null,
            ]
        }
        return with("remotes", .array(remotes + added))
    }
}
