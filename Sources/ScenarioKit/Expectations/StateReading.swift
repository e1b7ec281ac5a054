import Trace

/// Reads from a trace what state something was in.
struct StateReading {
    let index: TraceIndex

    private typealias Change = TraceIndex.StateChange

    /// The states in order, the first from before the start.
    func states(of subject: Scenario.Subject) -> [TraceIndex.StateChange] {
        switch subject {
        case .signalling(let peer): changes(index.places(ofKind: TraceKind.state.rawValue, about: [peer]), from: "idle")
        case .call(let peer): changes(index.places(ofKind: TraceKind.peerState.rawValue, about: [peer]), from: "idle")
        case .link(let link): linkStates(link)
        case .pair(let link): pairKinds(link)
        case .media(let link, let track): mediaStates(link, track)
        }
    }

    /// The states that events have in their field `to`.
    private func changes(_ places: [Int], from first: String) -> [TraceIndex.StateChange] {
        [Self.before(first)]
            + places.compactMap { place in
                let event = index.events[place]
                return event[.to].map { Change(timeNs: event.timeNs, index: place, state: $0) }
            }
    }

    private static func before(_ state: String) -> TraceIndex.StateChange { Change(timeNs: .min, index: -1, state: state) }

    /// A link is there from `peer-joined` to `peer-left`.
    private func linkStates(_ link: Scenario.Link) -> [TraceIndex.StateChange] {
        let places =
            (index.places(ofKind: .peerJoined, about: link) + index.places(ofKind: .remoteState, about: link)
            + index.places(ofKind: .peerLeft, about: link)).sorted()
        var states = [Self.before(Scenario.LinkState.absent.rawValue)]
        for place in places {
            let event = index.events[place]
            let state: String? =
                switch event.kind {
                case .peerJoined: states[states.count - 1].state == "absent" ? Scenario.LinkState.idle.rawValue : nil
                case .peerLeft: Scenario.LinkState.absent.rawValue
                case _: event[.to]
                }
            if let state { states.append(Change(timeNs: event.timeNs, index: place, state: state)) }
        }
        return states
    }

    /// Whether a TURN server's candidate is part of the selected pair.
    private func pairKinds(_ link: Scenario.Link) -> [TraceIndex.StateChange] {
        var states = [Self.before(Scenario.PairKind.none.rawValue)]
        for place in index.places(ofKind: .pair, about: link) {
            let event = index.events[place]
            let kind: Scenario.PairKind
            switch event[.phase].flatMap(TraceEvent.PairPhase.init(rawValue:)) {
            case .selected:
                let candidates = [event[.localCandidate], event[.remoteCandidate]]
                kind = candidates.contains { $0?.hasPrefix("relay") == true } ? .relay : .direct
            case .lost: kind = .none
            case .succeeded, .failed, nil: continue
            }
            states.append(Change(timeNs: event.timeNs, index: place, state: kind.rawValue))
        }
        return states
    }

    /// Of all tracks: `flowing` if every one that ever flowed does, `stalled` if one does not.
    private func mediaStates(_ link: Scenario.Link, _ track: String?) -> [TraceIndex.StateChange] {
        var states = [Self.before(Scenario.MediaState.none.rawValue)]
        var isFlowing: [(track: String, flows: Bool)] = []
        for place in index.places(ofKind: .media, about: link) {
            let event = index.events[place]
            guard let id = event[.track], track == nil || id == track || id == "\(link.remote)-\(track ?? "")" else { continue }
            let flows = event[.phase] == TraceEvent.MediaPhase.flowing.rawValue
            if let known = isFlowing.firstIndex(where: { $0.track == id }) {
                isFlowing[known].flows = flows
            } else {
                isFlowing.append((id, flows))
            }
            let state: Scenario.MediaState = isFlowing.allSatisfy(\.flows) ? .flowing : .stalled
            if states[states.count - 1].state != state.rawValue {
                states.append(Change(timeNs: event.timeNs, index: place, state: state.rawValue))
            }
        }
        return states
    }
}

extension Scenario.Subject {
    /// As reports call it.
    var name: String {
        switch self {
        case .signalling(let peer), .call(let peer): peer
        case .link(let link): link.words
        case .pair(let link): "the pair of \(link.words)"
        case .media(let link, let track): "\(track.map { "\($0) of " } ?? "media of ")\(link.remote) at \(link.peer)"
        }
    }

    /// Whose it is.
    var peer: String {
        switch self {
        case .signalling(let peer), .call(let peer): peer
        case .link(let link), .pair(let link), .media(let link, _): link.peer
        }
    }
}

extension Scenario.Link {
    /// `alice -> bob`
    var words: String { "\(peer) -> \(remote)" }
}
