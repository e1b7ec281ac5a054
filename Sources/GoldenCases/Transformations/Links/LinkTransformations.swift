extension Transformation {
    /// The rungs' times.
    static let rungsFollowTheSchedule = link(.rungTimes, name: "rungs come when ICE-02 says", rule: "ICE-01, ICE-02, ICE-05, BEY-23")
    /// Rungs while signalling is away.
    static let rungsAreSkippedWhileAway = link(
        .skippedRungs, name: "rungs are skipped while signalling is away", rule: "ICE-07, BEY-14")
    /// Restarts on the same connection.
    static let restartsHappenInPlace = link(.inPlace, name: "ICE restarts happen in place", rule: "ICE-03, ICE-11, BEY-13")
    /// Descriptions of generations that are over.
    static let generationsDoNotMix = link(
        .generations, name: "a description acts on its own generation only", rule: "ICE-10")
    /// Signals behind a description whose acknowledgement is lost.
    static let candidatesFollowALostAck = link(
        .lateCandidates, name: "candidates follow a description whose ack is lost", rule: "WIRE-11")
    /// Data channels over a swap.
    static let swapsOfferData = link(.swappedData, name: "a swap offers data again", rule: "BEY-25, ROS-04")
    /// Links that carry nothing.
    static let emptySwapsAreIdle = link(.idleSwaps, name: "a link that carries nothing is idle after a swap", rule: "BEY-24, ROS-04")
    /// Closed survivors.
    static let closedSurvivorsAreSwapped = link(.closedSwaps, name: "a closed survivor gets a new connection", rule: "BEY-11, ROS-04")
    /// States while signalling is away.
    static let linksAreReconnectingWhileAway = link(
        .hiddenWhileAway, name: "a link is reconnecting while signalling is away", rule: "ROS-01")

    /// A decision about links: the model with the decisions before it tells what the lines tell; with this one too it tells what they become.
    private static func link(_ decision: LinkDecision, name: String, rule: String) -> Transformation {
        Transformation(name: name, rule: rule) { lines, scripted in
            guard scripted.target == .peer else { return nil }
            let before = Set(LinkDecision.allCases.filter { $0.rawValue < decision.rawValue })
            var result = lines
            var ids: [String] = []
            for line in lines where line.isAbout("peer", "PeerJoined") {
                if let id = line.string("id"), !ids.contains(id) { ids.append(id) }
            }
            for id in ids {
                let link = LinkLines(id: id, scripted: scripted)
                let scene = LinkScene(id, in: lines, scripted: scripted)
                guard let old = LinkModel.lines(scene, decisions: before), link.agree(result, old),
                    let new = LinkModel.lines(scene, decisions: before.union([decision])), !link.agree(new, old)
                else { continue }
                result = link.replacing(old, by: new, in: result)
            }
            return result == lines ? nil : result
        }
    }
}
