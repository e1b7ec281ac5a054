import NIOCore

/// What the service, the token endpoint and the applications do.
extension ScenarioBuilder {
    func serviceAction(_ key: String, _ fields: Fields) -> Scenario.Action? {
        switch key {
        case "deploy": return deploy(fields)
        case "crash":
            return .crash(
                connections: fields.choice("connections", Scenario.CrashedConnections.self) ?? .reset, duration: fields.interval("for"))
        case "service-close": return serviceClose(fields)
        case "refuse": return .refuse(duration: fields.interval("for"))
        case "slow":
            let (peers, duration) = (selectedPeers(fields), fields.interval("for"))
            return fields.interval("delay").map { .slow(peers: peers, delay: $0, duration: duration) }
        case "silent":
            let what = fields.choice("what", Scenario.Silence.self) ?? .everything
            if what == .accept, fields.has("peer") {
                fields.report("peer", "a host that loses SYNs does not know whose they are: \"silent: accept\" has no \"peer\".")
            }
            return .silent(peers: selectedPeers(fields), what: what, duration: fields.interval("for"))
        case "reject":
            let (peers, times, channel) = (selectedPeers(fields), fields.integer("times"), fields.text("channel"))
            guard let request = fields.choice("request", Scenario.RequestKind.self), let code = fields.text("code") else { return nil }
            if channel != nil, request == .send { fields.report("channel", "a send has no channel.") }
            return .reject(.init(peers: peers, request: request, code: code.trimmed, times: times, channel: channel?.trimmed))
        case "malformed":
            let (peers, times) = (selectedPeers(fields), fields.integer("times") ?? 1)
            return fields.choice("kind", Scenario.MalformedKind.self).map { .malformed(peers: peers, kind: $0, times: times) }
        case "raw":
            let peers = selectedPeers(fields)
            return fields.text("text").map { .raw(peers: peers, text: $0) }
        case "flap":
            let (peers, code) = (selectedPeers(fields), closeCode(fields) ?? 1011)
            guard let every = fields.duration("every"), let times = fields.integer("times") else { return nil }
            return .flap(peers: peers, after: every, code: code, times: times)
        case "http": return http(fields)
        case "going-away": return .goingAway(peers: selectedPeers(fields), retryAfter: fields.duration("retryAfter"))
        case "token-endpoint":
            let (behaviour, duration) = (tokenBehaviour(fields), fields.interval("for"))
            if duration != nil, fields.has("times") { fields.report("times", "give either \"times\" or \"for\".") }
            return .tokenEndpoint(behaviour, latency: fields.duration("latency"), duration: duration)
        case "new-id": return newID(fields)
        case _: return nil
        }
    }

    private func newID(_ fields: Fields) -> Scenario.Action? {
        let peers = selectedPeers(fields)
        guard let id = fields.text("id")?.trimmed else { return nil }
        if let problem = Directory.problem(with: id, noun: "peer") {
            fields.report("id", problem)
        } else if peerDirectory[id] != nil || !newIDs.insert(id).inserted {
            fields.report("id", "\"\(id)\" is the id of a peer already.")
        }
        if peers.count > 1 { fields.report("peer", "an id is one peer's.") }
        return peers.first.map { .newID(peer: $0, id: id) }
    }

    private func deploy(_ fields: Fields) -> Scenario.Action? {
        let announces = fields.flag("announce") ?? true
        if !announces, fields.has("retryAfter") {
            fields.report("retryAfter", "without the announcement there is no frame to carry \"retryAfter\".")
        }
        let (retryAfter, grace) = (fields.duration("retryAfter"), fields.duration("grace") ?? .zero)
        return fields.duration("down").map { .deploy(.init(retryAfter: retryAfter, announces: announces, grace: grace, down: $0)) }
    }

    private func serviceClose(_ fields: Fields) -> Scenario.Action? {
        let peers = selectedPeers(fields)
        let moment = fields.choice("when", Scenario.CloseMoment.self) ?? .now
        let times = fields.integer("times") ?? 1
        if moment == .now, times > 1 {
            fields.report("times", "\"now\" closes the one connection that is there; \"times\" goes with connections to come.")
        }
        return closeCode(fields).map {
            .serviceClose(.init(peers: peers, code: $0, reason: fields.text("reason") ?? "", moment: moment, times: times))
        }
    }

    private func http(_ fields: Fields) -> Scenario.Action? {
        let (peers, times, duration) = (selectedPeers(fields), fields.integer("times"), fields.interval("for"))
        if times != nil, duration != nil { fields.report("times", "give either \"times\" or \"for\".") }
        let limit: Scenario.Limit = times.map { .times($0) } ?? duration.map { .duration($0) } ?? .unlimited
        return fields.integer("status").map { .http(peers: peers, status: $0, limit: limit) }
    }

    /// A close code that a close frame may carry (RFC 6455, section 7.4).
    private func closeCode(_ fields: Fields) -> Int? {
        guard let code = fields.integer("code") else { return nil }
        if [1004, 1005, 1006, 1015].contains(code) {
            let advice = code == 1006 ? " For a connection that ends without one use \"crash\"." : ""
            fields.report("code", "\(code) never stands in a close frame (RFC 6455, section 7.4.1).\(advice)")
            return nil
        }
        if (1016...2999).contains(code) {
            fields.report("code", "\(code) is reserved (RFC 6455, section 7.4.2). Use 1000 to 1014 or 3000 to 4999.")
            return nil
        }
        return code
    }

    private func isCall(_ entry: Directory.Entry) -> Bool { peerTemplates[entry.declared]?.call != nil }

    func appAction(_ key: String, _ fields: Fields) -> Scenario.Action? {
        switch key {
        case "connect": return .connect(peers: selectedPeers(fields, calls: false, "connect"))
        case "retry":
            let peers = selectedPeers(fields)
            let unable = peerDirectory.resolve(fields.texts("peer"), Diagnostics()).first {
                peerTemplates[$0.declared]?.apps.contains(.manualRetry) != true
            }
            if let unable {
                fields.report(
                    "peer",
                    "\"\(unable.declared)\" has no retry button. Write \"app: [\(isCall(unable) ? "call" : "chat"), manual-retry]\".")
            }
            return .retry(peers: peers)
        case "close":
            let code = fields.has("code") ? closeCode(fields) : 1000
            return code.map { .close(peers: selectedPeers(fields), code: $0, reason: fields.text("reason") ?? "") }
        case "subscribe":
            let (peers, metadata) = (selectedPeers(fields, calls: false, "subscribe"), fields.flag("senderMetadata") ?? false)
            return fields.text("channel").map { .subscribe(peers: peers, channel: $0.trimmed, includeSenderMetadata: metadata) }
        case "unsubscribe":
            let peers = selectedPeers(fields, calls: false, "unsubscribe")
            return fields.text("channel").map { .unsubscribe(peers: peers, channel: $0.trimmed) }
        case "publish":
            let (peers, size, times) = (
                selectedPeers(fields, calls: false, "publish"), fields.size("size") ?? DataSize(bytes: 100), fields.integer("times") ?? 1
            )
            return fields.text("channel").map { .publish(peers: peers, channel: $0.trimmed, size: size, times: times) }
        case "send":
            let (peers, size, times) = (selectedPeers(fields), fields.size("size") ?? DataSize(bytes: 100), fields.integer("times") ?? 1)
            if let to = fields.text("to")?.trimmed { return .send(peers: peers, to: to, size: size, times: times) }
            // Only a call knows who "everyone" is; a chat publishes to a channel.
            let chat = peerDirectory.resolve(fields.texts("peer"), Diagnostics()).first { !isCall($0) }
            if let chat { diagnostics.report(fields.position, "a send of \"\(chat.declared)\" needs \"to\": a peer, or any peer id.") }
            return chat == nil ? .send(peers: peers, to: nil, size: size, times: times) : nil
        case "network-path-changed":
            return .networkPathChanged(peers: selectedPeers(fields), oldPathGone: fields.flag("oldPathGone") ?? false)
        case _: return nil
        }
    }
}
