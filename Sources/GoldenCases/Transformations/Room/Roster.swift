import CompactJSON

extension Transformation {
    /// Every id that was ours is ourselves; the official SDK connects to its own ghost when the service gives it a new one.
    static let ownGhostIsNobody = roster(.ownIDs, name: "an id that was ours is ourselves", rule: "BEY-21")
    /// Only what follows the ack is the snapshot; the official SDK takes the first presence for it, whatever it is.
    static let snapshotFollowsTheAck = roster(.acknowledgedSnapshots, name: "the snapshot follows the ack", rule: "BEY-08, ROS-02")
    /// Who found no place is admitted when there is one; the official SDK forgets him.
    static let fullRoomAdmitsLater = roster(.lateAdmissions, name: "a full room admits later", rule: "BEY-12, ROS-06")

    private static func roster(_ decision: RosterDecision, name: String, rule: String) -> Transformation {
        Transformation(name: name, rule: rule) { lines, scripted in
            guard scripted.target == .peer else { return nil }
            let before = Set(RosterDecision.allCases.filter { $0.rawValue < decision.rawValue })
            let old = RosterModel(lines, decisions: before, scripted: scripted)
            guard RosterModel.rosterLines(lines) == RosterModel.rosterLines(old.lines) else { return nil }
            let new = RosterModel(lines, decisions: before.union([decision]), scripted: scripted)
            guard RosterModel.rosterLines(new.lines) != RosterModel.rosterLines(old.lines) else { return nil }
            return new.lines.relinked(from: lines, decisions: [], scripted: scripted)
        }
    }
}

extension [GoldenLine] {
    /// The lines with what each link does in this roster, instead of what it did in that of `old`; nil if a link is not understood.
    func relinked(from old: [GoldenLine], decisions: Set<LinkDecision>, scripted: GoldenCase) -> [GoldenLine]? {
        var result = self
        var ids: [String] = []
        for line in old + self where line.isAbout("peer", "PeerJoined") {
            if let id = line.string("id"), !ids.contains(id) { ids.append(id) }
        }
        for id in ids {
            let link = LinkLines(id: id, scripted: scripted)
            let was = LinkScene(id, in: old, scripted: scripted)
            let will = LinkScene(id, in: self, scripted: scripted)
            guard let told = LinkModel.lines(was, decisions: decisions), link.agree(old, told),
                let tells = LinkModel.lines(will, decisions: decisions)
            else { return nil }
            result = link.replacing(told, by: tells, in: result)
        }
        return result
    }
}
