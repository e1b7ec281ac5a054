import Trace

/// ICE-06: the public state of each remote peer, held against its connection. Also BEY-24.
struct LinkStateChecker: Checker {
    static let name = "link-states"
    static let rules: [RuleID] = [.ice(6), .bey(24)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            for link in peer.links {
                var walk = LinkStateWalk(link: link, peer: peer, evidence: evidence)
                for step in link.steps { walk.take(step, &report) }
                walk.settle(at: evidence.end.at, &report)
            }
        }
    }
}

private struct LinkStateWalk {
    /// What the state must be once the instant is over.
    struct Debt {
        var mark: Mark
        var state: RemoteState
        var why: String
        var rule: RuleID
    }

    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence
    var state: String?
    /// When a swap left the link `idle`: said before the connection that it is about.
    var becameIdle: Mark?
    var connection = "new"
    var isReady: Bool
    var debt: Debt?
    /// Whether the connection carried anything: descriptions, tracks or channels.
    var isInUse = false

    init(link: LinkHistory, peer: PeerHistory, evidence: Evidence) {
        self.link = link
        self.peer = peer
        self.evidence = evidence
        isReady = link.initialState == PeerState.joined.rawValue
    }

    mutating func take(_ step: PeerStep, _ report: inout CheckReport) {
        settle(at: step.mark.at, &report)
        switch step.kind {
        case .peerState: isReady = step.event[.to] == PeerState.joined.rawValue
        case .peerJoined: state = nil
        case .remoteState: change(step, &report)
        case .connection:
            connection = "new"
            let isIdle = becameIdle.map { evidence.isTogether($0.at, step.mark.at) } ?? false
            if !isInUse, step.event[.reason] == TraceEvent.ConnectionReason.swap.rawValue,
                state == RemoteState.reconnecting.rawValue || isIdle
            {
                debt = Debt(mark: step.mark, state: .idle, why: "its new connection has nothing to negotiate", rule: .bey(24))
            }
            isInUse = false
        case .signalSent, .signalReceived:
            guard let kind = step.signal?.kind, kind == .offer || kind == .answer else { break }
            use()
        case .dataChannel: use()
        case .localTrack where step.event[.phase] == TraceEvent.LocalTrackPhase.attached.rawValue: use()
        case .connectionClosed, .peerLeft: debt = nil
        case .pcState where step.isState(.connection): connectionChange(step)
        default: break
        }
    }

    private mutating func use() {
        isInUse = true
        if debt?.rule == .bey(24) { debt = nil }
    }

    private mutating func connectionChange(_ step: PeerStep) {
        connection = step.event[.state] ?? connection
        guard isReady else { return }
        switch (connection, state.flatMap(RemoteState.init(rawValue:))) {
        case ("disconnected", .connected), ("failed", .connected):
            debt = Debt(mark: step.mark, state: .reconnecting, why: "its connection is \(connection)", rule: .ice(6))
        case ("connected", .connecting), ("connected", .reconnecting):
            debt = Debt(mark: step.mark, state: .connected, why: "its connection is connected", rule: .ice(6))
        default: break
        }
    }

    private mutating func change(_ step: PeerStep, _ report: inout CheckReport) {
        let from = step.event[.from] ?? ""
        let to = step.event[.to] ?? ""
        let isContinuous = state == nil || state == from
        let isLegal = RemoteState(rawValue: from)?.successors.contains { $0.rawValue == to } ?? false
        report.expect(
            isContinuous && isLegal, .ice(6), peer.who, step.mark,
            isContinuous
                ? "\(link.remote) went from \(from) to \(to) (ICE-06)."
                : "\(link.remote) went from \(from) to \(to), but was \(state ?? "?") (ICE-06).")
        state = to
        becameIdle = from == RemoteState.reconnecting.rawValue && to == RemoteState.idle.rawValue ? step.mark : nil
        guard peer.kinds.contains(.pcState) else { return }
        if to == RemoteState.connected.rawValue {
            report.expect(
                connection == "connected", .ice(6), peer.who, step.mark,
                "\(link.remote) became connected while its connection is \(connection) (ICE-06).")
        } else if to == RemoteState.reconnecting.rawValue, from == RemoteState.connected.rawValue, isReady {
            checkReason(step, &report)
        }
    }

    private func checkReason(_ step: PeerStep, _ report: inout CheckReport) {
        if connection == "disconnected" || connection == "failed" { return report.hold(.ice(6)) }
        // A drop and a replacement stand in the same step, before or after.
        let isExplained = link.steps.contains { other in
            evidence.isTogether(other.mark.at, step.mark.at)
                && [.peerState, .connection, .connectionClosed, .iceRestart].contains(other.kind)
        }
        report.expect(
            isExplained, .ice(6), peer.who, step.mark,
            "\(link.remote) became reconnecting though its connection is \(connection) (ICE-06).")
    }

    mutating func settle(at time: Nanoseconds, _ report: inout CheckReport) {
        // A new connection's offer takes the library a moment.
        let allowance = debt?.rule == .bey(24) ? PeerSpec.offerAllowance : .zero
        guard let owed = debt, time - owed.mark.at > evidence.tolerance.early + allowance else { return }
        debt = nil
        guard let state, state != RemoteState.closed.rawValue, isReady || owed.rule == .bey(24) else { return }
        report.expect(
            state == owed.state.rawValue, owed.rule, peer.who, owed.mark,
            "\(link.remote) is \(state) although \(owed.why); the spec says \(owed.state.rawValue) (\(owed.rule)).")
    }
}
