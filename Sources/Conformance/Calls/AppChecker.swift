import Trace

/// The guide's patterns, as far as the trace of an app with a peer shows them: banner, manual retry, prompts, background.
struct AppChecker: Checker {
    static let name = "app"
    static let rules: [RuleID] = [.app(1), .app(2), .app(4), .app(5), .app(7)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            checkNotice(
                "banner", after: PeerSpec.bannerDelay, .app(1), peer, evidence, &report)
            checkNotice("retry", after: PeerSpec.retryDelay, .app(2), peer, evidence, &report)
            checkPrompts(peer, evidence, &report)
            checkBackground(peer, evidence, &report)
        }
    }

    /// APP-01, APP-02: shown when `reconnecting` has lasted, hidden at its end. An app that never shows it does not have the pattern.
    private func checkNotice(
        _ notice: String, after delay: Nanoseconds, _ rule: RuleID, _ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard peer.steps.contains(where: { $0.kind == .app && $0.event[.shows] == notice }) else { return }
        var since: Mark?
        var shown: Mark?
        var isMissing = false
        for step in peer.steps {
            if let since, shown == nil, !isMissing, evidence.isLate(step.mark, for: peer.clock.window(from: since.at, after: delay)) {
                isMissing = true
                report.violate(
                    rule, peer.who, since,
                    "the \(notice) was not shown \((step.mark.at - since.at).text) s into reconnecting; the spec says "
                        + "after \(delay.text).")
            }
            switch step.kind {
            case .peerState:
                if step.event[.to] == PeerState.reconnecting.rawValue {
                    (since, isMissing) = (step.mark, false)
                } else {
                    if since != nil, shown == nil, !isMissing { report.hold(rule) }
                    since = nil
                }
            case .app where step.event[.shows] == notice:
                checkShown(notice, step.mark, since, delay, rule, peer, evidence, &report)
                shown = step.mark
            case .app where step.event[.hides] == notice: shown = nil
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
        guard shown != nil, since == nil, step.kind == .peerState, step.event[.to] == PeerState.joined.rawValue else { return }
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
        for step in peer.steps where step.kind == .peerError {
            switch step.event[.error].flatMap(TraceEvent.PeerErrorKind.init(rawValue:)) {
            case .disconnected:
                guard let code = step.event[.code], let prompt = Self.prompts.first(where: { $0.code == code })?.prompt else { break }
                report.expect(
                    asks(prompt, near: step.mark), .app(4), peer.who, step.mark,
                    "\(CloseCodes.text(code)) did not lead to the prompt \"\(prompt)\".")
            case .tokenProvider:
                report.expect(
                    asks("login", near: step.mark), .app(5), peer.who, step.mark,
                    "no usable token several times in a row did not lead to a login prompt.")
            case .reconcileTimeout, .resubscribeFailed, .serverError, .other, nil: break
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
        guard let last = peer.clock.suspensions.last(where: { $0.to != .never }),
            evidence.end.at - max(last.to, evidence.service.lastDisturbance) >= evidence.context.quiet
        else { return }
        let before = peer.steps.last { $0.kind == .peerState && $0.mark.at <= last.from }
        guard before?.event[.to] == PeerState.joined.rawValue else { return }
        let state = peer.steps.last { $0.kind == .peerState }?.event[.to]
        guard state != PeerState.closed.rawValue else { return }
        report.expect(
            state == PeerState.joined.rawValue, .app(7), peer.who, evidence.end,
            "the app came back at \(last.to.text) s, but the peer is \(state ?? "?") at the end.")
    }
}
