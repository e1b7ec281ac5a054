import Trace

// What the signalling client does, as far as the room depends on it.

extension RoomWalk {
    mutating func signalling(_ step: PeerStep, _ report: inout CheckReport) {
        let event = step.event
        switch step.kind {
        case .join: if event[.phase] == TraceEvent.JoinPhase.called.rawValue { channel = event[.channel] }
        case .joined: channel = channel ?? event[.channel]
        case .leave: isLeaving = true
        case .welcome: welcomed(step)
        case .state:
            if event[.to] == ClientState.reconnecting.rawValue { lost(step.mark) }
            if event[.to] == ClientState.closed.rawValue { isLeaving = true }
        case .socketClosed where event[.opened] == true:
            if connection?.waitsFrom != nil || (connection != nil && connection?.snapshot == nil) { wasSuperseded = true }
            connection = nil
        case .request:
            // A trace that begins without the call of `join` tells the channel by its first subscribe.
            if event[.requestKind] == TraceEvent.RequestKind.subscribe.rawValue { channel = channel ?? event[.channel] }
            if isSubscribe(event), let id = event[.id] { subscribes[id] = step.mark }
        case .requestDone: requestDone(step, &report)
        case .replayFailed where event[.channel] == channel:
            connection?.isRejected = true
            connection?.waitsFrom = nil
            if state == PeerState.reconnecting.rawValue { debts.append(Debt(kind: .resubscribeError, mark: step.mark)) }
        case .received where event[.frame] == "presence" && event[.channel] == channel: presenceCame(step.mark, &report)
        case .presence: presence(step, &report)
        default: break
        }
    }

    private func isSubscribe(_ event: TraceEvent) -> Bool {
        let kind = event[.requestKind]
        return event[.channel] == channel
            && (kind == TraceEvent.RequestKind.subscribe.rawValue || kind == TraceEvent.RequestKind.replay.rawValue)
    }

    private mutating func welcomed(_ step: PeerStep) {
        if let id = step.event[.peerID] {
            ownID = id
            own.insert(id)
        }
        connection = Connection(welcome: step.mark)
        if state == PeerState.reconnecting.rawValue, peer.spec.snapshotTimeout > .zero { connection?.waitsFrom = step.mark.at }
        hadConnection = true
    }

    private mutating func lost(_ mark: Mark) {
        if connection?.waitsFrom != nil { wasSuperseded = true }
        connection = nil
        for place in roster.indices { roster[place].isSurvivor = true }
        guard state == PeerState.joined.rawValue || state == PeerState.reconnecting.rawValue else { return }
        debts.append(Debt(kind: .reconnecting, mark: mark))
    }

    private mutating func requestDone(_ step: PeerStep, _ report: inout CheckReport) {
        guard let id = step.event[.id], let start = subscribes.removeValue(forKey: id) else { return }
        if connection?.forced.map({ start.at >= $0.at - evidence.tolerance.early }) ?? false, connection?.isRejected == false {
            connection?.forced = nil
            if state == PeerState.reconnecting.rawValue { connection?.waitsFrom = step.mark.at }
        }
        guard step.event[.outcome] == TraceEvent.RequestOutcome.ok.rawValue else { return }
        if connection?.acknowledged == nil { connection?.acknowledged = step.mark }
        if state == PeerState.reconnecting.rawValue, roster.isEmpty { debts.append(Debt(kind: .joined, mark: step.mark)) }
    }

    /// A presence of the channel came; the report of it may stand behind what it causes.
    private mutating func presenceCame(_ mark: Mark, _ report: inout CheckReport) {
        guard connection?.acknowledged != nil else {
            if state == PeerState.reconnecting.rawValue { report.hold(.bey(8)) }
            return
        }
        connection?.presences += 1
        if connection?.presences == 1, connection?.snapshot == nil, state != PeerState.idle.rawValue {
            debts.append(Debt(kind: .snapshot, mark: mark))
        }
    }

    private mutating func presence(_ step: PeerStep, _ report: inout CheckReport) {
        guard step.event[.channel] == channel else { return }
        if !peer.kinds.contains(.received) { presenceCame(step.mark, &report) }
        let isFull = roster.count >= peer.spec.maximumRemotePeers
        for id in step.event[.joined] ?? [] where !own.contains(id) {
            announced.insert(id)
            guard state == PeerState.joined.rawValue, !isMember(id) else { continue }
            if isFull {
                if !waiting.contains(id) { waiting.append(id) }
            } else {
                debts.append(Debt(kind: .present(id), mark: step.mark))
            }
        }
        for id in step.event[.left] ?? [] {
            lastPresenceLeft[id] = step.mark.at
            waiting.removeAll { $0 == id }
            debts.removeAll { debt in
                if case .present(id) = debt.kind { return true }
                return false
            }
            if state == PeerState.joined.rawValue, isMember(id) { debts.append(Debt(kind: .absent(id), mark: step.mark)) }
        }
    }
}

// MARK: - What was owed

extension RoomWalk {
    mutating func settle(_ debt: Debt, _ report: inout CheckReport) {
        let mark = debt.mark
        switch debt.kind {
        case .reconnecting: settleDrop(mark, &report)
        case .snapshot:
            guard connection != nil, state != PeerState.closed.rawValue, !isLeaving else { return }
            let isTaken = lastSnapshot.map { evidence.isTogether($0.at, mark.at) } ?? false
            report.expect(
                isTaken, .ros(2), who, mark,
                "the first presence after the ack of a subscribe of this connection was not taken for the snapshot (ROS-02).")
        case .joined:
            guard connection != nil, !isLeaving else { return }
            report.expect(
                state == PeerState.joined.rawValue, .ros(7), who, mark,
                "the room was empty and its subscribe acknowledged, but the state stayed \(state) (ROS-07).")
        case .present(let id):
            guard state == PeerState.joined.rawValue, !isLeaving, roster.count < peer.spec.maximumRemotePeers else { return }
            report.expect(
                isMember(id), .ros(2), who, mark, "a presence said that \(id) joined, but it is not in the roster (ROS-02: a delta).")
        case .announced(let id):
            report.expect(
                announced.contains(id), .ros(6), who, mark,
                "\(id) was taken into the roster although no presence of the channel named it (ROS-06).")
        case .absent(let id): settleAbsence(of: id, mark, &report)
        case .resubscribeError:
            report.expect(
                raised(.resubscribeFailed, mark), .bey(10), who, mark,
                "the replay of the channel failed for good, without an error that says why (BEY-10).")
        case .timeoutError:
            report.expect(
                raised(.reconcileTimeout, mark), .ros(9), who, mark,
                "the wait for a snapshot was given up without a reconcile-timeout error (ROS-09).")
        }
    }

    private func raised(_ kind: TraceEvent.PeerErrorKind, _ mark: Mark) -> Bool {
        errors.contains { $0.kind == kind && evidence.isTogether($0.at, mark.at) }
    }

    private func settleDrop(_ mark: Mark, _ report: inout CheckReport) {
        guard !isLeaving else { return }
        report.expect(
            state == PeerState.reconnecting.rawValue, .ros(1), who, mark,
            "the connection was lost, but the peer's state is \(state); the spec says reconnecting (ROS-01).")
        guard state == PeerState.reconnecting.rawValue else { return }
        for member in roster {
            guard let remote = remoteStates[member.id], remote != RemoteState.closed.rawValue else { continue }
            report.expect(
                remote == RemoteState.reconnecting.rawValue, .ros(1), who, mark,
                "the connection was lost, but \(member.id) is \(remote); the spec says reconnecting (ROS-01).")
        }
    }

    /// Either a delta that said so, or a removal during a drop that only a delta, told of at the same instant, explains.
    private func settleAbsence(of id: String, _ mark: Mark, _ report: inout CheckReport) {
        if state == PeerState.reconnecting.rawValue {
            let isDelta = lastPresenceLeft[id].map { evidence.isTogether($0, mark.at) } ?? false
            guard !isDelta, !isLeaving, !isMember(id) else { return }
            report.violate(.ros(1), who, mark, "\(id) was removed while signalling was away; the spec says nobody is (ROS-01).")
        } else {
            report.expect(
                !isMember(id) || isLeaving, .ros(2), who, mark,
                "a presence said that \(id) left, but it is in the roster (ROS-02: a delta).")
        }
    }
}
