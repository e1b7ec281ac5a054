import CompactJSON

extension Transformation {
    /// Every id that was ours is ourselves; the official SDK connects to its own ghost when the service gives it a new one.
    static let ownGhostIsNobody = Transformation(name: "an id that was ours is ourselves", rule: "BEY-21") { lines, scripted in
        var history = RoomHistory()
        var ghosts: Set<Int64> = []
        var names: Set<String> = []
        for (index, line) in lines.enumerated() {
            if line.isAbout("peer", "PeerJoined"), let id = line.string("id"), history.ownIDs.contains(id), let object = line.integer("obj") {
                ghosts.insert(object)
                names.insert(id)
            }
            history.read(line, call: lines.call(at: index, scripted: scripted))
        }
        guard !ghosts.isEmpty else { return nil }
        func number(_ object: Int64) -> JSONValue { .integer(object - Int64(ghosts.count { $0 < object })) }
        return lines.compactMap { line in
            if line.who.hasPrefix("remote:"), names.contains(String(line.who.dropFirst(7))) { return nil }
            if line.who == "peer", let object = line.integer("obj") { return ghosts.contains(object) ? nil : line.with("obj", number(object)) }
            return line.mappingRemotes { remote in
                guard let object = remote["obj"]?.int64Value, !ghosts.contains(object) else { return nil }
                var remote = remote
                remote["obj"] = number(object)
                return remote
            }
        }
    }
}
