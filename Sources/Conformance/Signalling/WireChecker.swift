import Trace

/// The rules of the wire that a trace can show: WIRE-03, 04, 05, 06, 08, 10, and that `going_away` is reported (SIG-18).
struct WireChecker: Checker {
    static let name = "wire"
    static let rules: [RuleID] = [.wire(3), .wire(4), .wire(5), .wire(6), .wire(8), .wire(10), .sig(18), .bey(3)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for client in evidence.clients {
            let reports = ReportIndex(client, evidence)
            for attempt in client.attempts {
                checkURL(attempt, client, &report)
                checkDropped(attempt, client, evidence, &report)
                checkOversized(attempt, client, evidence, &report)
                for frame in attempt.sent { checkSent(frame, attempt, client, &report) }
                for frame in attempt.received { checkReceived(frame, attempt, reports, client, evidence, &report) }
            }
            checkReserved(client, &report)
            for request in client.requests where request.outcome == "refused" && Self.overCap.contains(request.serverCode ?? "") {
                report.hold(.wire(5))
            }
        }
        for peer in evidence.peers { checkReservedJoins(peer, evidence, &report) }
    }

    /// Why a client refuses a call by itself (WIRE-05).
    private static let overCap: Set<String> = ["payload_too_large", "invalid_channel", "invalid_peer_id"]

    private func checkURL(_ attempt: Attempt, _ client: ClientHistory, _ report: inout CheckReport) {
        guard let dial = attempt.dial else { return }
        let host = attempt.dialsPlainlyTo
        report.expect(
            host.map { ["localhost", "127.0.0.1", "::1"].contains($0) } ?? true, .wire(10), client.who, dial,
            "\(host ?? "") was dialled without TLS; the spec allows that for localhost only.")
    }

    private func checkDropped(_ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        for dropped in attempt.dropped {
            let closes = attempt.closeSent.map { $0.mark.index > dropped.index && evidence.isSame(dropped.at, $0.mark.at) } ?? false
            let isCause =
                closes && attempt.closeSent?.code != CloseCodes.messageTooBig && attempt.closeSent?.code != CloseCodes.clientInactivity
                && !client.sessions.contains { $0.closeCalled.map { evidence.isSame(dropped.at, $0.at) } ?? false }
            report.expect(!isCause, .wire(4), client.who, dropped, "a malformed frame ended the connection; it must be dropped.")
        }
    }

    /// The client's own 1009 is what an inbound frame over the cap leads to: also the code that is reported.
    private func checkOversized(_ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        guard let close = attempt.closeSent, close.code == CloseCodes.messageTooBig,
            attempt.closeReceived.map({ $0.mark.index > close.mark.index }) ?? true
        else { return }
        report.expect(
            attempt.closeCode.map { $0 == CloseCodes.messageTooBig } ?? true, .wire(5), client.who, attempt.end ?? close.mark,
            "a frame over 1 MiB closed the socket, and \(attempt.closeCode.map(String.init) ?? "nothing") was reported; the spec says 1009."
        )
        OwnCloseRule.check(close, attempt, client, evidence, &report)
    }

    private func checkReserved(_ client: ClientHistory, _ report: inout CheckReport) {
        for request in client.requests where request.kind == "subscribe" {
            guard let channel = request.channel, Self.isReserved(channel) else { continue }
            report.expect(
                request.outcome == "refused", .wire(6), client.who, request.done ?? request.start,
                "joining the reserved channel \(channel) was \(request.outcome ?? "not ended"); the spec says refused at once.")
        }
    }

    /// A peer refuses before it dials: its join fails in the same step.
    private func checkReservedJoins(_ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        let joins = peer.steps.filter { $0.kind == .join }
        for (place, call) in joins.enumerated() where call.event[.phase] == TraceEvent.JoinPhase.called.rawValue {
            guard let channel = call.event[.channel], Self.isReserved(channel) else { continue }
            let end = joins[(place + 1)...].first
            let isRefused = end.map { end in
                end.event[.phase] == TraceEvent.JoinPhase.failed.rawValue && evidence.isTogether(call.mark.at, end.mark.at)
            }
            report.expect(
                isRefused ?? false, .wire(6), peer.who, call.mark,
                "join of the reserved channel \(channel) did not fail at once (WIRE-06).")
        }
    }

    static func isReserved(_ channel: String) -> Bool {
        let lowered = channel.lowercased()
        return SignallingSpec.reservedPrefixes.contains { lowered.hasPrefix($0) }
    }
}

// MARK: - Outbound

extension WireChecker {
    private func checkSent(_ frame: Attempt.Frame, _ attempt: Attempt, _ client: ClientHistory, _ report: inout CheckReport) {
        if let channel = frame.channel {
            checkName(channel, "channel", SignallingSpec.maximumChannelScalars, frame, client, &report)
            if frame.type == "subscribe", Self.isReserved(channel) {
                report.violate(.wire(6), client.who, frame.mark, "a subscribe to the reserved channel \(channel) was sent.")
            }
        }
        if let peer = frame.to { checkName(peer, "peer id", SignallingSpec.maximumPeerIDScalars, frame, client, &report) }
        let cap = attempt.maximumMessageBytes ?? SignallingSpec.defaultMaximumMessageBytes
        let size = frame.dataBytes ?? max(0, frame.bytes - SignallingSpec.maximumEnvelopeBytes)
        if size > cap {
            report.violate(.wire(5), client.who, frame.mark, "a \(frame.type) with \(size) bytes of data was sent; the cap is \(cap).")
        } else if frame.dataBytes == cap {
            report.hold(.wire(5))
        }
    }

    private func checkName(
        _ name: String, _ what: String, _ cap: Int, _ frame: Attempt.Frame, _ client: ClientHistory, _ report: inout CheckReport
    ) {
        let count = name.unicodeScalars.count
        let hasControl = name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        if count == 0 || count > cap || hasControl {
            report.violate(
                .wire(5), client.who, frame.mark,
                "a \(frame.type) was sent with a \(what) of \(count) characters\(hasControl ? " and control characters" : ""); 1...\(cap) are allowed."
            )
        } else if count == cap {
            report.hold(.wire(5))
        }
    }
}

// MARK: - Inbound

extension WireChecker {
    private func checkReceived(
        _ frame: Attempt.Frame, _ attempt: Attempt, _ reports: ReportIndex, _ client: ClientHistory, _ evidence: Evidence,
        _ report: inout CheckReport
    ) {
        if frame.bytes > SignallingSpec.maximumInboundBytes {
            report.violate(
                .wire(5), client.who, frame.mark, "a frame of \(frame.bytes) bytes was taken; over 1 MiB the socket closes with 1009.")
        }
        let isBeforeWelcome = attempt.welcome.map { frame.mark.index < $0.index } ?? true
        switch frame.type {
        case "going_away": checkGoingAway(frame, attempt, client, evidence, &report)
        case "error" where frame.requestID == nil: checkError(frame, reports, client, evidence, &report)
        case "presence" where isBeforeWelcome: reports.expect(.presence, for: frame, .wire(3), evidence, client, &report)
        case "message" where isBeforeWelcome: reports.expect(.message, for: frame, .wire(3), evidence, client, &report)
        case "direct" where isBeforeWelcome: reports.expect(.direct, for: frame, .wire(3), evidence, client, &report)
        default: break
        }
    }

    private func checkGoingAway(
        _ frame: Attempt.Frame, _ attempt: Attempt, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard !evidence.isSame(frame.mark.at, evidence.end.at) else { return }
        guard let told = attempt.goingAways.first(where: { $0.mark.index > frame.mark.index && evidence.isSame(frame.mark.at, $0.mark.at) })
        else {
            report.violate(.sig(18), client.who, frame.mark, "a going_away was not reported to the application.")
            return
        }
        report.hold(.sig(18))
        let limit = SignallingSpec.retryAfterLimit
        guard let raw = frame.retryAfterMilliseconds else {
            if told.retryAfter <= .zero || told.retryAfter > limit {
                report.violate(
                    .wire(8), client.who, told.mark, "retryAfter was told as \(told.retryAfter.text) s; the clamp is 0.001...300 s.")
            }
            return
        }
        let expected = SignallingSpec.clampedRetryAfter(milliseconds: raw.isNaN ? nil : raw)
        report.expect(
            told.retryAfter == expected, .wire(8), client.who, told.mark,
            "retryAfter was told as \(told.retryAfter.text) s; the spec makes \(expected.text) s of what the server said.")
    }

    private func checkError(
        _ frame: Attempt.Frame, _ reports: ReportIndex, _ client: ClientHistory, _ evidence: Evidence, _ report: inout CheckReport
    ) {
        guard let code = frame.serverCode else { return }
        guard code == "unknown_type" else { return reports.expect(.serverError, for: frame, .wire(4), evidence, client, &report) }
        report.expect(
            !reports.has(.serverError, for: frame), .wire(4), client.who, frame.mark,
            "unknown_type without a requestId was reported; the spec says to swallow it.")
    }
}

/// Finds what was reported at the instant of a frame.
struct ReportIndex {
    private let client: ClientHistory
    private let evidence: Evidence

    init(_ client: ClientHistory, _ evidence: Evidence) {
        self.client = client
        self.evidence = evidence
    }

    func has(_ kind: TraceKind, for frame: Attempt.Frame) -> Bool {
        let first = client.reports.partitionPoint { $0.mark.index <= frame.mark.index }
        return client.reports[first...].prefix { evidence.isSame(frame.mark.at, $0.mark.at) }.contains { told in
            guard told.kind == kind else { return false }
            return kind != .serverError || evidence.log.events[told.mark.index][.serverCode] == frame.serverCode
        }
    }

    func expect(
        _ kind: TraceKind, for frame: Attempt.Frame, _ rule: RuleID, _ evidence: Evidence, _ client: ClientHistory,
        _ report: inout CheckReport
    ) {
        guard !evidence.isSame(frame.mark.at, evidence.end.at) else { return }
        report.expect(
            has(kind, for: frame), rule, client.who, frame.mark,
            "a \(frame.type) frame" + (frame.serverCode.map { " with code \($0)" } ?? "") + " was not reported to the application.")
    }
}
