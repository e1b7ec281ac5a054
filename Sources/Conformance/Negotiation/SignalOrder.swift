import Trace

/// WIRE-11: metadata before the description that carries its track, and no candidates after a rejected description.
struct SignalOrder {
    let link: LinkHistory
    let peer: PeerHistory

    func check(_ report: inout CheckReport) {
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
                check(signal, step.mark, &announced, &described, &failed, &report)
            default: break
            }
        }
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
}

/// WIRE-11: on the wire, signals to one peer keep the order in which they were handed over.
struct FrameOrder {
    let peer: PeerHistory

    func check(_ report: inout CheckReport) {
        var handed: [String: (remote: String, place: Int)] = [:]
        var last: [String: Int] = [:]
        for step in peer.steps {
            guard let id = step.event[.requestID] else { continue }
            switch step.kind {
            case .signalSent:
                if let remote = step.event[.remote] { handed[id] = (remote, handed.count) }
            case .sent:
                guard let (remote, place) = handed[id] else { break }
                report.expect(
                    place > last[remote] ?? -1, .wire(11), peer.who, step.mark,
                    "a signal to \(remote) overtook another on the wire (WIRE-11).")
                last[remote] = max(place, last[remote] ?? -1)
            default: break
            }
        }
    }
}
