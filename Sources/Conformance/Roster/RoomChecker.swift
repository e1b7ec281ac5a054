import Trace

/// Coming and going: legal states, a failed join, the end of a peer, and strangers.
struct RoomChecker: Checker {
    static let name = "room"
    static let rules: [RuleID] = [.ros(7), .ros(12), .ros(13), .bey(1), .bey(2)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            checkStates(peer, &report)
            checkJoins(peer, evidence, &report)
            RoomEnding(peer: peer, evidence: evidence).check(&report)
            Strangers(peer: peer, evidence: evidence).check(&report)
        }
    }

    private func checkStates(_ peer: PeerHistory, _ report: inout CheckReport) {
        var state: String?
        for step in peer.steps where step.kind == .peerState {
            let (from, to) = (step.event[.from] ?? "", step.event[.to] ?? "")
            let isLegal = PeerState(rawValue: from)?.successors.contains { $0.rawValue == to } ?? false
            report.expect(
                isLegal && (state == nil || state == from), .ros(7), peer.who, step.mark,
                "the peer's state went from \(from) to \(to)\(state == nil || state == from ? "" : ", but was \(state ?? "?")") (section 4)."
            )
            state = to
        }
    }

    /// BEY-02: a join that fails leaves the peer idle, and may be tried again.
    private func checkJoins(_ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        guard peer.kinds.contains(.peerState) else { return }
        var state = PeerState.idle.rawValue
        var failure: Mark?
        var isLeaving = false
        func settle(at time: Nanoseconds) {
            guard let mark = failure, time - mark.at > evidence.tolerance.early else { return }
            failure = nil
            report.expect(
                state == PeerState.idle.rawValue || isLeaving, .bey(2), peer.who, mark,
                "join() failed and left the peer \(state); the spec says idle, so that it can be called again.")
        }
        for step in peer.steps {
            settle(at: step.mark.at)
            switch step.kind {
            case .peerState: state = step.event[.to] ?? state
            case .leave: isLeaving = true
            case .join where step.event[.phase] == TraceEvent.JoinPhase.failed.rawValue: failure = step.mark
            default: break
            }
        }
        settle(at: evidence.end.at)
    }
}

/// ROS-12 and BEY-01: error, every peer removed, closed, left.
private struct RoomEnding {
    let peer: PeerHistory
    let evidence: Evidence

    func check(_ report: inout CheckReport) {
        guard peer.kinds.contains(.peerState) else { return }
        var state = PeerState.idle.rawValue
        var roster: [String] = []
        var hasLeft = false
        for (place, step) in peer.steps.enumerated() {
            switch step.kind {
            case .peerState:
                state = step.event[.to] ?? state
                if state == PeerState.closed.rawValue { checkClosed(step.mark, roster, place, &report) }
            case .peerJoined: if let remote = step.event[.remote] { roster.append(remote) }
            case .peerLeft: roster.removeAll { $0 == step.event[.remote] }
            case .leave: hasLeft = true
            case .state where step.event[.to] == ClientState.closed.rawValue && !hasLeft:
                if state == PeerState.joined.rawValue || state == PeerState.reconnecting.rawValue { checkTerminal(step, &report) }
            default: break
            }
        }
    }

    private func effects(at mark: Mark) -> [PeerStep] { peer.steps.filter { evidence.isTogether($0.mark.at, mark.at) } }

    /// The client ended for good by itself: the peer says why, and ends too.
    private func checkTerminal(_ step: PeerStep, _ report: inout CheckReport) {
        let effects = effects(at: step.mark)
        let code = effects.first { $0.kind == .disconnected }?.event[.code] ?? CloseCodes.abnormalClosure
        let isClosed = effects.contains { $0.kind == .peerState && $0.event[.to] == PeerState.closed.rawValue }
        let error = effects.firstIndex { $0.kind == .peerError && $0.event[.error] == TraceEvent.PeerErrorKind.disconnected.rawValue }
        let spent = peer.client.attempts.last.map { $0.n >= peer.client.spec.maximumAttempts } ?? false
        if spent {
            report.expect(
                isClosed && error != nil, .bey(1), peer.who, step.mark,
                "the reconnect budget is spent, but the peer \(isClosed ? "closed without an error" : "did not close").")
        }
        guard isClosed else {
            return report.violate(
                .ros(12), peer.who, step.mark,
                "the connection ended for good with \(CloseCodes.text(code)), but the peer did not close (ROS-12).")
        }
        guard let error else {
            return report.violate(
                .ros(12), peer.who, step.mark, "the peer ended with \(CloseCodes.text(code)) without an error event (ROS-12).")
        }
        checkError(effects[error], code, &report)
        let first = effects.firstIndex { step in
            step.kind == .peerLeft || step.kind == .left || (step.kind == .peerState && step.event[.to] == PeerState.closed.rawValue)
        }
        report.expect(
            first.map { error < $0 } ?? true, .ros(12), peer.who, effects[error].mark,
            "the error stands behind what it explains; the spec says first (ROS-12).")
    }

    private func checkError(_ step: PeerStep, _ code: Int, _ report: inout CheckReport) {
        let name = CloseCodes.rows.first { $0.code == code }?.name
        let isRight = step.event[.code].map { $0 == code } ?? true && (name == nil || step.event[.name] == name)
        report.expect(
            isRight, .ros(12), peer.who, step.mark,
            "the error names \(step.event[.code].map(String.init) ?? "no code") (\(step.event[.name] ?? "no name")); "
                + "the connection ended with \(CloseCodes.text(code)) (ROS-12).")
    }

    /// Whoever ends it: every peer removed, closed, left.
    private func checkClosed(_ mark: Mark, _ roster: [String], _ place: Int, _ report: inout CheckReport) {
        report.expect(
            roster.isEmpty, .ros(12), peer.who, mark, "the peer closed, but \(roster.first ?? "") was not removed before (ROS-12).")
        let after = peer.steps[(place + 1)...].prefix { evidence.isTogether($0.mark.at, mark.at) }
        let isTold = after.contains { $0.kind == .left }
        guard peer.kinds.contains(.left) || peer.kinds.contains(.joined) else { return }
        guard isTold || evidence.end.at - mark.at > evidence.tolerance.early else { return }
        report.expect(isTold, .ros(12), peer.who, mark, "the peer closed without the left event that follows (ROS-12).")
    }
}

/// ROS-13: what comes from outside the roster.
private struct Strangers {
    let peer: PeerHistory
    let evidence: Evidence

    func check(_ report: inout CheckReport) {
        var members: Set<String> = []
        var lastLeft: [String: Nanoseconds] = [:]
        var early: [(remote: String, step: PeerStep)] = []
        func settle(at time: Nanoseconds) {
            for (remote, step) in early where time - step.mark.at > evidence.tolerance.early {
                let isLate = lastLeft[remote].map { evidence.isTogether($0, step.mark.at) } ?? false
                report.expect(members.contains(remote) || isLate, .ros(13), peer.who, step.mark, sentence(step, remote))
            }
            early.removeAll { time - $0.step.mark.at > evidence.tolerance.early }
        }
        for step in peer.steps {
            if !early.isEmpty { settle(at: step.mark.at) }
            switch step.kind {
            case .peerJoined: if let remote = step.event[.remote] { members.insert(remote) }
            case .peerLeft:
                guard let remote = step.event[.remote] else { break }
                members.remove(remote)
                lastLeft[remote] = step.mark.at
            case .signalReceived, .signalSent, .connection:
                if let remote = step.event[.remote], !members.contains(remote) { early.append((remote, step)) }
            case .peerData where step.event[.dataKind] == TraceEvent.PeerDataKind.direct.rawValue:
                if let from = step.event[.from], !members.contains(from) { early.append((from, step)) }
            case .signalDropped:
                if let remote = step.event[.remote], !members.contains(remote) { report.hold(.ros(13)) }
            case .peerDataDropped: report.hold(.ros(13))
            default: break
            }
        }
        settle(at: .never)
    }

    private func sentence(_ step: PeerStep, _ remote: String) -> String {
        let what: String
        switch step.kind {
        case .signalReceived: what = "a signal of \(remote) was taken"
        case .signalSent: what = "a signal was sent to \(remote)"
        case .connection: what = "a connection was made to \(remote)"
        default: what = "direct data of \(remote) was shown"
        }
        return "\(what), which is not in the roster (ROS-13)."
    }
}
