import Trace

/// WIRE-07: what becomes of a welcome's ICE servers, and that every new connection has the newest.
struct ICEServersChecker: Checker {
    static let name = "ice-servers"
    static let rules: [RuleID] = [.wire(7)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            var list: Int?
            var urls: [String]?
            for step in peer.steps {
                switch step.kind {
                case .iceServers:
                    checkChange(step, list, urls, peer, &report)
                    list = step.event[.serverList]
                    urls = step.event[.iceServers]
                case .connection:
                    checkURLs(step, peer, &report)
                    guard let list, let own = step.event[.serverList] else { break }
                    report.expect(
                        own == list, .wire(7), peer.who, step.mark,
                        "the connection to \(step.event[.remote] ?? "?") was made with ICE servers of list \(own); the newest is list \(list)."
                    )
                default: break
                }
            }
        }
    }

    private func checkChange(_ step: PeerStep, _ list: Int?, _ urls: [String]?, _ peer: PeerHistory, _ report: inout CheckReport) {
        switch step.event[.phase].flatMap(TraceEvent.ICEServersPhase.init(rawValue:)) {
        case .taken: checkURLs(step, peer, &report)
        case .kept:
            let isSame = list == step.event[.serverList] && (urls == nil || urls == step.event[.iceServers])
            report.expect(
                isSame || urls == nil, .wire(7), peer.who, step.mark,
                "a welcome without ICE servers changed them; the spec keeps the earlier.")
        case .discarded:
            let rest = step.event[.iceServers] ?? []
            report.expect(
                rest.isEmpty || rest == urls, .wire(7), peer.who, step.mark,
                "a malformed list of ICE servers was taken in part; the spec discards the whole list.")
        case nil: break
        }
    }

    private func checkURLs(_ step: PeerStep, _ peer: PeerHistory, _ report: inout CheckReport) {
        for url in step.event[.iceServers] ?? [] {
            let isKnown = PeerSpec.serverSchemes.contains { url.lowercased().hasPrefix($0) }
            report.expect(
                isKnown && url.count <= PeerSpec.maximumServerURLCharacters, .wire(7), peer.who, step.mark,
                "an ICE server that is no stun or turn URL of at most \(PeerSpec.maximumServerURLCharacters) characters was taken.")
        }
    }
}
