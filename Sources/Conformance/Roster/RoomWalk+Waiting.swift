import Trace

// ROS-09: no snapshot in time.

extension RoomWalk {
    mutating func reconcile(_ step: PeerStep, _ report: inout CheckReport) {
        switch step.event[.phase].flatMap(TraceEvent.ReconcilePhase.init(rawValue:)) {
        case .forcedSubscribe: forced(step, &report)
        case .timedOut: timedOut(step, &report)
        case .superseded: wasSuperseded = true
        case nil: break
        }
    }

    private mutating func forced(_ step: PeerStep, _ report: inout CheckReport) {
        guard let current = connection else {
            return report.violate(.ros(9), who, step.mark, "a subscribe was forced without a connection (ROS-09).")
        }
        if current.isRejected {
            report.violate(.ros(9), who, step.mark, "a subscribe was forced after the replay was rejected for good (ROS-09).")
        } else if current.forcedCount >= peer.spec.forcedSubscribes {
            report.violate(
                .ros(9), who, step.mark,
                "forced subscribe \(current.forcedCount + 1); the spec says \(peer.spec.forcedSubscribes) (ROS-09).")
        } else {
            judgeWait(current, "subscribe \(current.forcedCount + 1) was forced", step.mark, &report)
        }
        connection?.forcedCount += 1
        connection?.waitsFrom = nil
        connection?.forced = step.mark
    }

    private mutating func timedOut(_ step: PeerStep, _ report: inout CheckReport) {
        debts.append(Debt(kind: .timeoutError, mark: step.mark))
        guard let current = connection else { return }
        if current.hasTimedOut {
            report.violate(.ros(9), who, step.mark, "the wait for a snapshot was given up a second time (ROS-09).")
        } else if current.forcedCount < peer.spec.forcedSubscribes {
            report.violate(
                .ros(9), who, step.mark,
                "the wait for a snapshot was given up after \(current.forcedCount) forced subscribes; the spec says "
                    + "\(peer.spec.forcedSubscribes) (ROS-09).")
        } else {
            judgeWait(current, "the wait for a snapshot was given up", step.mark, &report)
        }
        connection?.hasTimedOut = true
        connection?.waitsFrom = nil
    }

    private func judgeWait(_ current: Connection, _ what: String, _ mark: Mark, _ report: inout CheckReport) {
        // Without requests the trace does not tell when a forced subscribe ended.
        guard let start = current.waitsFrom else {
            if peer.kinds.contains(.request), current.forced != nil {
                report.violate(.ros(9), who, mark, "\(what) before the forced subscribe ended (ROS-09).")
            }
            return
        }
        let window = peer.clock.window(from: start, after: peer.spec.snapshotTimeout)
        report.expect(
            !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window), .ros(9), who, mark,
            "\(what) after \((mark.at - start).text) s; the spec says \(peer.spec.snapshotTimeout.text) (ROS-09).")
    }

    /// Nothing was done although the time was over.
    mutating func checkWaiting(at time: Nanoseconds, _ report: inout CheckReport) {
        guard let current = connection, let start = current.waitsFrom, !current.isRejected, !current.hasTimedOut, !isLeaving,
            state == PeerState.reconnecting.rawValue
        else { return }
        let window = peer.clock.window(from: start, after: peer.spec.snapshotTimeout)
        let end = min(time, evidence.end.at)
        guard end > window.latest + evidence.tolerance.late else { return }
        connection?.waitsFrom = nil
        report.violate(
            .ros(9), who, current.welcome,
            "no snapshot came for \((end - start).text) s and no subscribe was forced; the spec says after "
                + "\(peer.spec.snapshotTimeout.text) (ROS-09).")
    }

    mutating func error(_ step: PeerStep, _ report: inout CheckReport) {
        guard let kind = step.event[.error].flatMap(TraceEvent.PeerErrorKind.init(rawValue:)) else { return }
        errors.append((kind, step.mark.at))
        guard kind == .reconcileTimeout, let connection, peer.kinds.contains(.reconcile) else { return }
        let count = errors.count { $0.kind == kind && $0.at >= connection.welcome.at }
        report.expect(
            count == 1, .ros(9), who, step.mark, "reconcile-timeout error \(count) of this connection; the spec says one (ROS-09).")
    }
}
