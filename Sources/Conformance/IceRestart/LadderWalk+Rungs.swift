import Trace

// What the ladder says of itself, held against the table.

extension LadderWalk {
    mutating func ladder(_ step: PeerStep, _ report: inout CheckReport) {
        let mark = step.mark
        switch step.ladderPhase {
        case .started: started(step, &report)
        case .rung: rung(step, isSkipped: false, &report)
        case .skipped: rung(step, isSkipped: true, &report)
        case .resumed: resumed(step, &report)
        case .reset: reset(mark, &report)
        case .abandoned: abandoned(mark, &report)
        case .giveUpPostponed: postpone(mark, &report)
        case .outcome:
            if let outcome = step.event[.outcome], outcome != TraceEvent.RungOutcome.superseded.rawValue {
                run?.outcome(outcome.split(separator: "-").joined(separator: " "))
            }
        case .suspended: suspended(mark, &report)
        case .scheduled, .gaveUp, nil: break
        }
    }

    private mutating func started(_ step: PeerStep, _ report: inout CheckReport) {
        let mark = step.mark
        let cause = step.event[.cause] ?? "?"
        if isLatched, recoveredAt == nil {
            report.violate(
                .ice(5), who, mark, "a ladder to \(link.remote) began after the give-up, though the link has not recovered (ICE-05).")
        }
        if let run { checkAnew(run, mark, &report) }
        end("reset", &report)
        owesLadder = nil
        isLatched = false
        checkCause(cause, mark, &report)
        run = LadderRun(LadderSummary(who: who, remote: link.remote, timeNs: mark.at.value, cause: cause), at: mark)
    }

    /// ICE-04, BEY-17: a ladder begins at rung 1 only after the link had held; ICE-02: and never beside another.
    private func checkAnew(_ run: LadderRun, _ mark: Mark, _ report: inout CheckReport) {
        if run.connectedAt == nil, run.resumedAt.map({ evidence.isTogether($0.at, mark.at) }) != true {
            report.violate(.ice(2), who, mark, "a ladder to \(link.remote) began while one was running (ICE-02).")
            return
        }
        let isEarly = run.connectedAt.map { evidence.isEarly(mark, for: peer.clock.window(from: $0.at, after: spec.stableAfter)) }
        guard isEarly ?? !run.mayBeginAnew else { return }
        let message =
            "a ladder to \(link.remote) began at rung 1 though the link had not held \(spec.stableAfter.text) s; the spec goes on with rung "
            + "\(run.next) (ICE-04)."
        report.violate(.ice(4), who, mark, message)
        report.violate(.bey(17), who, mark, message)
    }

    /// t0 is the instant of what started it.
    private func checkCause(_ cause: String, _ mark: Mark, _ report: inout CheckReport) {
        switch TraceEvent.LadderCause(rawValue: cause) {
        case .failed:
            report.expect(
                failures.contains { evidence.isTogether($0, mark.at) }, .ice(2), who, mark,
                "a ladder to \(link.remote) began because the connection had failed, but it had not at that instant (ICE-02: t0).")
        case .stuck:
            guard let connection else { return }
            // Whether going from one of the two states to the other begins the time anew, the spec does not say.
            let window = peer.clock.window(from: connection.since.at, after: spec.stuckTimeout).union(
                peer.clock.window(from: (troubledSince ?? connection.since).at, after: spec.stuckTimeout))
            // A connection that finds no candidate at all stays `new`, as stuck as one that connects for ever. Its time runs from the answer on, which
            // comes after the connection was made.
            let whole = peer.clock.window(from: connection.since.at, after: spec.stuckTimeout)
            if connection.state == "new", !evidence.isEarly(mark, for: whole) { return }
            let isOn = connection.state == "connecting" || connection.state == "disconnected" || restartedAt != nil
            report.expect(
                spec.stuckTimeout > .zero && isOn && !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window), .bey(15),
                who, mark,
                "a ladder to \(link.remote) began after \((mark.at - connection.since.at).text) s in \(connection.state); the spec says after "
                    + "\(spec.stuckTimeout.text) s in connecting or disconnected.")
        case .offerUnanswered, .signallingDown, .awaitingSnapshot, .swapped, .replaced, .closed, nil: break
        }
    }

    private mutating func rung(_ step: PeerStep, isSkipped: Bool, _ report: inout CheckReport) {
        let mark = step.mark
        guard var run else {
            report.violate(.ice(2), who, mark, "\(name(step.event[.rung])) to \(link.remote) without a ladder (ICE-02).")
            return
        }
        // A foreign number must not overflow what is counted from it.
        let n = min(max(1, step.event[.rung] ?? run.next), 1_000_000)
        if run.connectedAt != nil {
            report.violate(.ice(4), who, mark, "rung \(n) came although the link was connected; connected suspends the ladder (ICE-04).")
        }
        if n > spec.rungs {
            report.violate(
                .ice(1), who, mark, "rung \(n) began at +\((mark.at - run.start.at).text) s; the spec has \(spec.rungs) rungs (ICE-01).",
                table: run.summary.table)
        } else if n != run.next {
            report.violate(
                .ice(1), who, mark,
                "rung \(n) came where rung \(run.next) was due, +\(spec.offset(of: run.next).text) s after t0 (ICE-01).",
                table: run.summary.table)
            run.isOnTable = false
        } else {
            judge(&run, n, mark, isSkipped: isSkipped, &report)
        }
        checkReadiness(n, mark, isSkipped: isSkipped, &report)
        run.next = n + 1
        run.waitsFrom = mark.at
        self.run = run
    }

    private func name(_ n: Int?) -> String { "rung \(n.map(String.init) ?? "?")" }

    /// ICE-01 by the wait before it, ICE-02 by its place after t0. A wrong rung is one finding: what follows is judged from it on.
    private func judge(_ run: inout LadderRun, _ n: Int, _ mark: Mark, isSkipped: Bool, _ report: inout CheckReport) {
        let window = run.due(spec, peer.clock)
        let isRight = !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window)
        let offset = mark.at - run.start.at
        let slept = peer.clock.wasSuspended(from: run.start.at, to: mark.at)
        let expected = run.isOnTable ? spec.offset(of: n) : (window.latest - run.start.at)
        let early = expected - offset
        // A device's timers are late again and again, and what they are late adds up; a simulation's are exact.
        let drift = evidence.tolerance.late * (evidence.log.header.source == nil ? 1 : Int64(n))
        let isOnTable = slept || !run.isOnTable || (early <= drift && offset - expected <= drift)
        let verdict = isRight && isOnTable ? "ok" : early > .zero ? "early by \(early.text)" : "late by \((offset - expected).text)"
        run.note(n, at: mark, spec, outcome: isSkipped ? "skipped" : "begun", verdict: verdict)
        guard isRight, isOnTable else {
            if !isOnTable, run.isReported { return }
            run.isReported = true
            let sentence = "rung \(n) to \(link.remote) began at +\(offset.text) s, the spec says \(expected.text)"
            if !isRight {
                let waited = (mark.at - run.waitsFrom).text
                report.violate(
                    .ice(1), who, mark, "\(sentence): \(waited) s after the one before instead of \(spec.delay(before: n).text) (ICE-01).",
                    table: run.summary.table)
            }
            report.violate(.ice(2), who, mark, "\(sentence) (ICE-02).", table: run.summary.table)
            run.isOnTable = false
            return
        }
        report.hold(.ice(1))
        report.hold(.ice(2))
        if n == spec.rungs, run.isOnTable { report.hold(.bey(23)) }
    }

    /// ICE-07: skipped when signalling is not there, and only then. At the instant at which that changes both are right.
    private func checkReadiness(_ n: Int, _ mark: Mark, isSkipped: Bool, _ report: inout CheckReport) {
        if let readyChanged, evidence.isTogether(readyChanged, mark.at) { return }
        guard peer.kinds.contains(.peerState) else { return }
        if isSkipped {
            report.expect(
                !isReady, .ice(7), who, mark, "rung \(n) to \(link.remote) was skipped although signalling was there (ICE-07).")
            if !isReady { report.hold(.bey(14)) }
        } else {
            let message = "rung \(n) to \(link.remote) was run without signalling; the spec says it is skipped (ICE-07)."
            report.expect(isReady, .ice(7), who, mark, message)
            if !isReady { report.violate(.bey(14), who, mark, message) }
        }
    }

    /// BEY-14: without signalling no attempt is burnt, and none is reported.
    func checkBurnt(_ step: PeerStep, _ report: inout CheckReport) {
        guard run != nil, !isReady, run?.connectedAt == nil else { return }
        if let readyChanged, evidence.isTogether(readyChanged, step.mark.at) { return }
        report.violate(
            .bey(14), who, step.mark, "a negotiation error for \(link.remote) was raised while signalling was not there (ICE-07).")
    }
}

// MARK: - Suspension and reset

extension LadderWalk {
    private mutating func resumed(_ step: PeerStep, _ report: inout CheckReport) {
        report.hold(.ice(4))
        report.hold(.bey(17))
        // The spec's failure may be a link that was stuck: the connection state alone does not tell.
        guard run?.connectedAt != nil else { return }
        run?.connectedAt = nil
        run?.wavered = false
        run?.isOnTable = false
        run?.waitsFrom = step.mark.at
    }

    /// A link that was connected all the while, and whose offer was answered, does not say so again.
    private mutating func suspended(_ mark: Mark, _ report: inout CheckReport) {
        guard run != nil, run?.connectedAt == nil else { return }
        report.expect(
            connection?.state == "connected", .ice(4), who, mark,
            "the ladder to \(link.remote) was suspended although the link is \(connection?.state ?? "gone") (ICE-04).")
        close(at: mark, &report)
        run?.outcome("connected")
        run?.connectedAt = mark
    }

    private mutating func reset(_ mark: Mark, _ report: inout CheckReport) {
        guard let run else { return }
        guard let connectedAt = run.connectedAt else {
            report.violate(.ice(4), who, mark, "the ladder to \(link.remote) was reset although the link was not connected (ICE-04).")
            return end("reset", &report)
        }
        if !run.wavered {
            let window = peer.clock.window(from: connectedAt.at, after: spec.stableAfter)
            report.expect(
                !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window), .ice(4), who, mark,
                "the ladder to \(link.remote) was reset after the link had held \((mark.at - connectedAt.at).text) s; the spec says "
                    + "\(spec.stableAfter.text) (ICE-04).")
        }
        end("reset", &report)
    }

    private mutating func abandoned(_ mark: Mark, _ report: inout CheckReport) {
        close(at: mark, &report)
        report.expect(
            interruptions.contains { evidence.isTogether($0, mark.at) }, .ice(2), who, mark,
            "the ladder to \(link.remote) was abandoned although its connection stayed as it was (ICE-02).")
        if run != nil { ladderEnded = mark }
        end("abandoned", &report)
    }

    /// The run ends or pauses at `mark`: whatever was due before must have come.
    mutating func close(at mark: Mark, _ report: inout CheckReport) {
        guard var run, run.connectedAt == nil else { return }
        while evidence.isLate(mark, for: run.due(spec, peer.clock)) {
            let due = run.due(spec, peer.clock).latest
            guard run.next <= spec.rungs else {
                checkMissingGiveUp(due, mark, &report)
                break
            }
            run.note(run.next, at: nil, spec, outcome: "missing", verdict: "missing")
            let message =
                "rung \(run.next) to \(link.remote) did not begin; the spec says +\((due - run.start.at).text) s after t0 (ICE-01)."
            report.violate(.ice(1), who, mark, message, table: run.summary.table)
            run.waitsFrom = due
            run.next += 1
        }
        self.run = run
    }

    private func checkMissingGiveUp(_ due: Nanoseconds, _ mark: Mark, _ report: inout CheckReport) {
        // Without signalling it is reported later, or not at all if the link is swapped.
        guard isReady, postponed == nil, readyChanged.map({ $0 < due }) ?? true else { return }
        report.violate(
            .ice(5), who, mark,
            "the ladder to \(link.remote) ended without a word; the spec says a give-up \(spec.giveUpAfter.text) s after "
                + "rung \(spec.rungs) (ICE-05).")
    }

    mutating func end(_ ending: String?, _ report: inout CheckReport) {
        guard var run else { return }
        run.summary.ending = ending
        report.ladders.append(run.summary)
        self.run = nil
    }
}

// MARK: - The give-up

extension LadderWalk {
    mutating func gaveUp(_ step: PeerStep, _ report: inout CheckReport) {
        let mark = step.mark
        guard let run else {
            let why = isLatched ? "a second time; the spec says once, until the link recovers" : "without a ladder"
            report.violate(.ice(5), who, mark, "recovery of \(link.remote) gave up \(why) (ICE-05).")
            return
        }
        let offset = (mark.at - run.start.at).text
        if run.next <= spec.rungs || run.connectedAt != nil {
            report.violate(
                .ice(5), who, mark,
                "recovery of \(link.remote) gave up at +\(offset) s, before rung \(run.next); the spec says after \(spec.rungs) (ICE-05).",
                table: run.summary.table)
        } else {
            judgeGiveUp(run, mark, &report)
        }
        if let attempts = step.event[.attempts] {
            report.expect(
                attempts == spec.rungs, .ice(5), who, mark,
                "the give-up speaks of \(attempts) attempts; the spec has \(spec.rungs) (ICE-05).")
        }
        isLatched = true
        end("gave up", &report)
    }

    /// The give-up falls due at its time, also when it cannot be reported yet (ICE-07).
    private mutating func postpone(_ mark: Mark, _ report: inout CheckReport) {
        postponed = mark
        guard let run, run.next > spec.rungs, run.connectedAt == nil else { return }
        let window = run.due(spec, peer.clock)
        report.expect(
            !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window), .ice(5), who, mark,
            "the give-up of \(link.remote) fell due \((mark.at - run.waitsFrom).text) s after rung \(spec.rungs); the spec says "
                + "\(spec.giveUpAfter.text) (ICE-05).")
    }

    private func judgeGiveUp(_ run: LadderRun, _ mark: Mark, _ report: inout CheckReport) {
        let window = run.due(spec, peer.clock)
        let changes = readyChanged.map { evidence.isTogether($0, mark.at) } ?? false
        if !isReady, !changes, peer.kinds.contains(.peerState) {
            return report.violate(
                .ice(7), who, mark,
                "recovery of \(link.remote) gave up while signalling was not there; the spec says after joined (ICE-07).")
        }
        if changes, isReady, !evidence.isEarly(mark, for: window) { return report.hold(.ice(7)) }
        let isRight = !evidence.isEarly(mark, for: window) && !evidence.isLate(mark, for: window)
        report.expect(
            isRight, .ice(5), who, mark,
            "recovery of \(link.remote) gave up \((mark.at - run.waitsFrom).text) s after rung \(spec.rungs); the spec says "
                + "\(spec.giveUpAfter.text), +\(spec.offset(of: spec.rungs + 1).text) s after t0 (ICE-05).")
    }
}
