import Trace

/// WIRE-11: signals leave in order, metadata before the description that carries its track, and no candidates after a rejected description.
struct SignalOrder {
    let link: LinkHistory
    let peer: PeerHistory

    func check(_ report: inout CheckReport) {
        var requests: [String] = []
        /// Tracks that a description announced, and those that were described.
        var announced: [String: Mark] = [:]
        var described: Set<String> = []
        var failed: Set<String> = []
        for step in link.steps {
            switch step.kind {
            case .connection: (announced, described, failed) = ([:], [], [])
            // What is sent again later is described anew.
            case .localTrack where step.event[.phase] == TraceEvent.LocalTrackPhase.detached.rawValue:
                guard let track = step.event[.track] else { break }
                announced[track] = nil
                described.remove(track)
            case .signalFailed:
                guard let signal = step.signal, signal.kind == .offer || signal.kind == .answer, let ufrag = signal.ufrag else { break }
                failed.insert(ufrag)
            case .signalSent:
                guard let signal = step.signal else { break }
                if let id = step.event[.requestID] { requests.append(id) }
                check(signal, step.mark, &announced, &described, &failed, &report)
            default: break
            }
        }
        checkFrames(requests, &report)
    }

    private func check(
        _ signal: TracedSignal, _ mark: Mark, _ announced: inout [String: Mark], _ described: inout Set<String>,
        _ failed: inout Set<String>,
        _ report: inout CheckReport
    ) {
        switch signal.kind {
        case .offer, .answer:
            if let ufrag = signal.ufrag { failed.remove(ufrag) }
            for track in signal.tracks ?? [] {
                if described.contains(track) { report.hold(.wire(11)) }
                announced[track] = announced[track] ?? mark
            }
        case .trackMetadata:
            guard let track = signal.trackID, described.insert(track).inserted else { break }
            report.expect(
                announced[track] == nil, .wire(11), peer.who, mark,
                "the metadata of track \(track) went to \(link.remote) behind the description that carries it (WIRE-11).")
        case .ice, .iceEnd:
            guard let ufrag = signal.ufrag, failed.contains(ufrag) else { break }
            report.violate(
                .wire(11), peer.who, mark,
                "a candidate of ufrag \(ufrag) went to \(link.remote) although the description of that generation was rejected (WIRE-11).")
        }
    }

    /// On the wire they keep the order in which they were handed over.
    private func checkFrames(_ requests: [String], _ report: inout CheckReport) {
        guard !requests.isEmpty else { return }
        let places = Dictionary(requests.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var last = -1
        for step in peer.steps where step.kind == .sent {
            guard let place = step.event[.requestID].flatMap({ places[$0] }) else { continue }
            report.expect(
                place > last, .wire(11), peer.who, step.mark, "a signal to \(link.remote) overtook another on the wire (WIRE-11).")
            last = max(last, place)
        }
    }
}
