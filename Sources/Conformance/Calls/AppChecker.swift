import Trace

/// The guide's patterns, as far as the trace of an app with a peer shows them: banner, manual retry, prompts, background.
struct AppChecker: Checker {
    static let name = "app"
    static let rules: [RuleID] = [.app(1), .app(2), .app(4), .app(5), .app(7)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for app in evidence.peers + evidence.apps {
            checkNotice("banner", after: PeerSpec.bannerDelay, .app(1), app, evidence, &report)
            checkNotice("retry", after: PeerSpec.retryDelay, .app(2), app, evidence, &report)
            checkPrompts(app, evidence, &report)
            checkBackground(app, evidence, &report)
        }
    }

    /// What an application follows: its peer's state, or that of the signalling client if that is all it has.
    private func isState(_ step: PeerStep, of app: PeerHistory) -> Bool {
        step.kind == (app.kinds.contains(.peerState) ? .peerState : .state)
    }

    private func isWell(_ state: String?) -> Bool { state == PeerState.joined.rawValue || state == ClientState.connected.rawValue }

    /// APP-01, APP-02: shown when `reconnecting` has lasted, hidden at its end. An app that never shows it does not have the pattern.
    private func checkNotice(
        _ notice: String, after delay: Nanoseconds, _ rule: RuleID, _ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        let hasPattern = peer.steps.contains { $0.kind == .app && $0.event[.shows] == notice }
        var since: Mark?
        var shown: Mark?
        var isMissing = false
        for step in peer.steps {
            if hasPattern, let since, shown == nil, !isMissing,
                evidence.isLate(step.mark, for: peer.clock.window(from: since.at, after: delay))
            {
                isMissing = true
                report.violate(
                    rule, peer.who, since,
                    "the \(notice) was not shown \((step.mark.at - since.at).text) s into reconnecting; the spec says after \(delay.text).")
            }
            switch step.kind {
            case .app where step.event[.shows] == notice:
                checkShown(notice, step.mark, since, delay, rule, peer, evidence, &report)
                shown = step.mark
            case .app where step.event[.hides] == notice: shown = nil
            case _ where isState(step, of: peer):
                if step.event[.to] == PeerState.reconnecting.rawValue {
                    (since, isMissing) = (step.mark, false)
                } else {
                    // A drop that heals in less: not shown is right, whoever did not show it.
                    if let begun = since, shown == nil, step.mark.at - begun.at < delay { report.hold(rule) }
                    since = nil
                }
            default: break
            }
            checkHidden(notice, step, &shown, since, rule, peer, evidence, &report)
        }
    }

    private func checkShown(
        _ notice: String, _ mark: Mark, _ since: Mark?, _ delay: Nanoseconds, _ rule: RuleID, _ peer: PeerHistory, _ evidence: Evidence,
        _ report: inout CheckReport
    ) {
        guard let since else {
            return report.violate(rule, peer.who, mark, "the \(notice) was shown although the peer is not reconnecting.")
        }
        report.expect(
            !evidence.isEarly(mark, for: peer.clock.window(from: since.at, after: delay)), rule, peer.who, mark,
            "the \(notice) was shown \((mark.at - since.at).text) s into reconnecting; the spec says after \(delay.text).")
    }

    private func checkHidden(
        _ notice: String, _ step: PeerStep, _ shown: inout Mark?, _ since: Mark?, _ rule: RuleID, _ peer: PeerHistory, _ evidence: Evidence,
        _ report: inout CheckReport
    ) {
        guard shown != nil, since == nil, isState(step, of: peer), isWell(step.event[.to]) else { return }
        let isHidden = peer.steps.contains { other in
            other.kind == .app && other.event[.hides] == notice && other.mark.at >= step.mark.at - evidence.tolerance.early
                && !evidence.isOver(step.mark.at, at: other.mark.at)
        }
        shown = nil
        report.expect(isHidden, rule, peer.who, step.mark, "the \(notice) was not hidden when the peer had joined again.")
    }

    /// APP-04, APP-05: what the user is asked. An app that never asks does not have the pattern.
    private func checkPrompts(_ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        let prompts = peer.steps.filter { $0.kind == .app && $0.event[.prompts] != nil }
        guard !prompts.isEmpty else { return }
        func asks(_ what: String, near mark: Mark) -> Bool {
            prompts.contains {
                $0.event[.prompts] == what && $0.mark.at >= mark.at && !evidence.isOver(mark.at + .seconds(1), at: $0.mark.at)
            }
        }
        // A peer's application follows the peer's errors, not what its client reports.
        let hasPeer = peer.kinds.contains(.peerState)
        // One prompt is enough for a series of failures; a connection ends it.
        var isInSeries = false
        for step in peer.steps {
            switch step.kind {
            case .welcome: isInSeries = false
            case .disconnected where hasPeer, .tokenProviderError where hasPeer: break
            case .peerError where step.event[.error] == TraceEvent.PeerErrorKind.disconnected.rawValue,
                .disconnected where step.event[.willReconnect] == false:
                guard let code = step.event[.code], let prompt = Self.prompts.first(where: { $0.code == code })?.prompt else { break }
                report.expect(
                    asks(prompt, near: step.mark), .app(4), peer.who, step.mark,
                    "\(CloseCodes.text(code)) did not lead to the prompt \"\(prompt)\".")
            case .peerError where step.event[.error] == TraceEvent.PeerErrorKind.tokenProvider.rawValue, .tokenProviderError:
                guard !isInSeries else { break }
                isInSeries = true
                report.expect(
                    asks("login", near: step.mark), .app(5), peer.who, step.mark,
                    "no usable token several times in a row did not lead to a login prompt.")
            default: break
            }
        }
    }

    private static let prompts = [
        (code: 4001, prompt: "login"), (code: 4002, prompt: "login"), (code: 4003, prompt: "access-denied"),
        (code: 4012, prompt: "billing"),
        (code: 4020, prompt: "kicked"),
    ]

    /// APP-07: an app brought back from the background is in its room again once the world is quiet.
    private func checkBackground(_ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        guard let last = peer.clock.suspensions.last(where: { $0.to != .never }) else { return }
        let isQuiet = evidence.end.at - max(last.to, evidence.service.lastDisturbance) >= evidence.context.quiet
        let before = peer.steps.last { isState($0, of: peer) && $0.mark.at <= last.from }
        guard isWell(before?.event[.to]) else { return }
        let state = peer.steps.last { isState($0, of: peer) }?.event[.to]
        guard state != PeerState.closed.rawValue, isQuiet || isWell(state) else { return }
        report.expect(
            isWell(state), .app(7), peer.who, evidence.end,
            "the app came back at \(last.to.text) s, but it is \(state ?? "?") at the end.")
    }
}
