import Trace

/// Offers, answers and candidates between two peers: who yields, what is too old, what replaces a connection, what is repeated.
struct NegotiationChecker: Checker {
    static let name = "negotiation"
    static let rules: [RuleID] = [
        .ice(8), .ice(9), .ice(10), .ice(11), .bey(16), .bey(25), .bey(27), .wire(9), .wire(11),
    ]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            checkData(peer, &report)
            FrameOrder(peer: peer).check(&report)
            for link in peer.links {
                var walk = NegotiationWalk(link: link, peer: peer, evidence: evidence)
                for place in link.steps.indices { walk.take(place, &report) }
                var offers = OfferRepeats(link: link, peer: peer, evidence: evidence)
                for step in link.steps { offers.take(step, &report) }
                offers.advance(to: evidence.end.at, &report)
                SignalOrder(link: link, peer: peer).check(&report)
            }
        }
    }

    /// WIRE-09: no signal is ever shown as data.
    private func checkData(_ peer: PeerHistory, _ report: inout CheckReport) {
        for step in peer.steps where step.kind == .peerData {
            guard let shape = step.event[.shape] else { continue }
            report.expect(
                !Self.signalShapes.contains(shape), .wire(9), peer.who, step.mark,
                "a \(shape) of \(step.event[.from] ?? "?") was shown to the application as data.")
        }
        if peer.kinds.contains(.signalReceived) { report.hold(.wire(9)) }
    }

    private static let signalShapes = ["rtc-description", "rtc-ice", "__meteredTrackMeta"]
}
