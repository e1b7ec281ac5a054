import NIOCore

/// What happens to calls.
extension ScenarioBuilder {
    func callAction(_ key: String, _ fields: Fields) -> Scenario.Action? {
        switch key {
        case "turn": return turnFault(fields)
        case "udp-blocked":
            return .udpBlocked(
                .init(
                    hosts: hosts(fields), allowed: fields.choice("allows", Scenario.AllowedTCP.self) ?? .tcp,
                    answers: fields.flag("answers") ?? false, duration: fields.interval("for")))
        case "snapshot": return snapshot(fields)
        case "ice-servers": return .iceServers(turnServerNames("hands", fields))
        case "join":
            let peers = selectedPeers(fields, calls: true, "join")
            return fields.text("channel").map { .join(peers: peers, channel: $0.trimmed) }
        case "restart":
            return .restart(
                .init(
                    peers: selectedPeers(fields, calls: true, "restart"), down: fields.duration("down") ?? .zero, metadata: metadata(fields)
                ))
        case "add-track":
            let (peers, metadata) = (selectedPeers(fields, calls: true, "add-track"), metadata(fields))
            return fields.choice("track", Scenario.MediaSource.self).map {
                .addTrack(.init(peers: peers, source: $0, metadata: metadata))
            }
        case "remove-track":
            let peers = selectedPeers(fields, calls: true, "remove-track")
            return fields.choice("track", Scenario.MediaSource.self).map { .removeTrack(peers: peers, source: $0) }
        case "replace-track": return replaceTrack(fields)
        case "open-channel":
            let (peers, to) = (selectedPeers(fields, calls: true, "open-channel"), receivers(fields))
            return fields.text("label").map {
                .openChannel(
                    .init(
                        peers: peers, to: to, label: $0.trimmed, isOrdered: fields.flag("ordered") ?? true,
                        maximumRetransmits: fields.integer("retransmits")))
            }
        case "send-data":
            let (peers, to) = (selectedPeers(fields, calls: true, "send-data"), receivers(fields))
            return fields.text("label").map {
                .sendData(
                    .init(
                        peers: peers, to: to, label: $0.trimmed, size: fields.size("size") ?? DataSize(bytes: 100),
                        times: fields.integer("times") ?? 1))
            }
        case _: return nil
        }
    }

    /// The peers that `peer` names, all of which must be calls, or none; the first that is not is reported.
    func selectedPeers(_ fields: Fields, calls: Bool, _ action: String) -> [String] {
        let peers = selectedPeers(fields)
        let wrong = peerDirectory.resolve(fields.texts("peer"), Diagnostics()).first {
            peerTemplates[$0.declared].map { ($0.call != nil) != calls } == true
        }
        if let wrong {
            let advice =
                switch action {
                case "connect": " Write \"join: { peer: \(wrong.declared), channel: room }\"."
                case "subscribe", "unsubscribe": " A call is in one channel, which it joins."
                case "publish": " Write \"send: { peer: \(wrong.declared) }\", which goes to everyone in its room."
                case "join": " Write \"subscribe\", or \"app: call\"."
                case _: calls ? " Write \"app: call\"." : ""
                }
            fields.report("peer", "\"\(wrong.declared)\" is \(calls ? "not a" : "a") call, and \"\(action)\" is not for it.\(advice)")
        }
        return peers
    }

    private func receivers(_ fields: Fields) -> [String] {
        guard fields.has("to") else { return peerDirectory.everyone }
        return peerDirectory.members(of: peerDirectory.resolve(fields.texts("to"), diagnostics))
    }

    private func turnFault(_ fields: Fields) -> Scenario.Action? {
        let servers = turnServerNames("server", fields)
        if turnServers.isEmpty, !fields.has("server") {
            diagnostics.report(fields.position, "the scenario has no turn servers. Declare one: \"turn: { turn-a: {} }\".")
        }
        guard let word = fields.word("does") else { return nil }
        let alternate = fields.has("to") ? turnServerNames("to", fields).first : nil
        if fields.has("to"), word != "drain" { fields.report("to", "\"to\" goes with \"does: drain\".") }
        if let alternate, servers.contains(alternate) { fields.report("to", "a server does not send clients to itself.") }
        let fault: Scenario.TURNFault
        switch word {
        case "crash": fault = .crash
        case "die": fault = .die
        case "drain": fault = .drain(alternate: alternate)
        case "expire-credentials": fault = .expireCredentials
        case "quota": fault = .quota
        case "capacity": fault = .capacity
        case "stale-nonce": fault = .staleNonce
        case "restart": fault = .restart
        case let other: preconditionFailure("the vocabulary has a turn fault \(other) that nothing builds")
        }
        if fields.has("for"), !fault.lasts { fields.report("for", "\"\(word)\" is over at once and has no \"for\".") }
        if let name = servers.first(where: { name in turnServers.contains { $0.name == name && $0.isSTUNOnly } }), fields.has("server"),
            ![.crash, .die].contains(fault)
        {
            fields.report("server", "\"\(name)\" is a stun server and has no allocations; it can only crash or die.")
        }
        return .turn(servers: servers, fault, duration: fields.interval("for"))
    }

    private func snapshot(_ fields: Fields) -> Scenario.Action? {
        let (peers, times, duration) = (selectedPeers(fields), fields.integer("times"), fields.interval("for"))
        if times != nil, duration != nil { fields.report("times", "give either \"times\" or \"for\".") }
        guard let word = fields.word("does") else { return nil }
        for (key, owner) in [("by", "late"), ("channel", "foreign"), ("with", "padded")] where fields.has(key) && word != owner {
            fields.report(key, "\"\(key)\" goes with \"does: \(owner)\".")
        }
        let trick: Scenario.SnapshotTrick
        switch word {
        case "late":
            guard let by = fields.interval("by") else {
                if !fields.has("by") { diagnostics.report(fields.position, "a late snapshot needs \"by\": how much later it comes.") }
                return nil
            }
            trick = .late(by)
        case "twice": trick = .twice
        case "duplicated": trick = .duplicated
        case "foreign": trick = .foreign(channel: fields.text("channel")?.trimmed ?? "another-room")
        case "padded":
            guard let count = fields.integer("with") else {
                if !fields.has("with") {
                    diagnostics.report(fields.position, "a padded snapshot needs \"with\": how many made-up members.")
                }
                return nil
            }
            trick = .padded(count)
        case let other: preconditionFailure("the vocabulary has a snapshot trick \(other) that nothing builds")
        }
        return .snapshot(peers: peers, trick, times: times, duration: duration)
    }

    private func replaceTrack(_ fields: Fields) -> Scenario.Action? {
        let peers = selectedPeers(fields, calls: true, "replace-track")
        guard let source = fields.choice("track", Scenario.MediaSource.self),
            let replacement = fields.choice("with", Scenario.MediaSource.self)
        else { return nil }
        if source == replacement {
            fields.report("with", "the two tracks are the same.")
        } else if source.isVideo != replacement.isVideo {
            fields.report("with", "a track is replaced by one of its kind: camera and screen are video, microphone is audio.")
        }
        return .replaceTrack(peers: peers, source: source, with: replacement)
    }
}

extension Scenario.MediaSource {
    /// Video; otherwise audio.
    public var isVideo: Bool {
        switch self {
        case .camera, .screen: true
        case .microphone: false
        }
    }
}
