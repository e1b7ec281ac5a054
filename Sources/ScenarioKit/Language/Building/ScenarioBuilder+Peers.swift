import NIOCore

/// The clients.
extension ScenarioBuilder {
    func buildPeers() {
        for member in root.named("peers") {
            if let problem = Directory.problem(with: member.key, noun: "peer") { diagnostics.report(member.keyPosition, problem) }
            guard let fields = Fields(member.value, .peer, diagnostics) else { continue }
            addPeers(member, fields)
        }
        if root.has("peers"), root.named("peers").isEmpty, diagnostics.isEmpty { root.report("peers", "there must be at least one peer.") }
        for peer in peers { peersByHost[peer.host, default: []].append(peer.name) }
    }

    private func addPeers(_ member: SourceNode.Member, _ fields: Fields) {
        let peer = peerTemplate(member, fields)
        let count = fields.integer("count")
        let spread = fields.duration("spread") ?? .zero
        if count == nil, fields.has("spread") { fields.report("spread", "\"spread\" is for a group; \"\(member.key)\" has no \"count\".") }
        if spread > .zero, peer.connectsAt == nil, peer.call == nil {
            fields.report("spread", "\"spread\" has no effect on peers that connect manually.")
        }
        guard peers.count + (count ?? 1) <= Self.largestPopulation else {
            return fields.report("count", "these are more than 50,000 peers, the most that one world holds.")
        }
        let names = Directory.memberNames(member.key, count: count)
        guard peerDirectory.add(member.key, members: names) else {
            return diagnostics.report(member.keyPosition, "the name \"\(member.key)\", or that of a member of this group, exists already.")
        }
        peerTemplates[member.key] = peer
        let hosts = hostNames(of: member.key, count: names.count, fields)
        for (index, name) in names.enumerated() {
            var copy = peer
            copy.name = name
            copy.group = count == nil ? nil : member.key
            copy.host = hosts.isEmpty ? "" : hosts[index % hosts.count]
            let delay = TimeAmount.nanoseconds(spread.nanoseconds / Int64(names.count) * Int64(index))
            copy.connectsAt = peer.connectsAt.map { $0 + delay }
            copy.joins = peer.joins.map { join in
                var join = join
                join.at = join.at + delay
                return join
            }
            peers.append(copy)
        }
    }

    /// One host for all, or one each.
    private func hostNames(of peer: String, count: Int, _ fields: Fields) -> [String] {
        guard let name = fields.text("on")?.trimmed, let position = fields.node("on")?.position else { return [] }
        guard name != "all" else {
            fields.report("on", "a peer runs on one host.")
            return []
        }
        guard let entry = hostDirectory.resolve([(name, position)], diagnostics).first else { return [] }
        guard entry.members.count == 1 || entry.members.count == count else {
            let words = "\"\(name)\" has \(entry.members.count) members and \"\(peer)\" \(count)"
            fields.report("on", "\(words). A group of peers runs on one host, or on a group of the same size, one each.")
            return []
        }
        return entry.members
    }

    private func peerTemplate(_ member: SourceNode.Member, _ fields: Fields) -> Scenario.Peer {
        var apps: [Scenario.App] = []
        for app in fields.has("app") ? fields.choices("app", Scenario.App.self) : [.chat] {
            if apps.contains(app) { fields.report("app", "the app \"\(app.rawValue)\" is listed twice.") } else { apps.append(app) }
        }
        if fields.has("app"), apps.isEmpty, diagnostics.isEmpty { fields.report("app", "there must be at least one app.") }
        let call = call(fields, apps)
        return Scenario.Peer(
            name: member.key, group: nil, host: "", apps: apps, credential: credential(fields), connectsAt: connectsAt(fields),
            joins: joins(fields),
            publications: publications(fields), options: fields.fields("options", .options).map(settings) ?? Scenario.SignallingSettings(),
            call: call, metadata: metadata(fields), position: member.keyPosition)
    }

    private func credential(_ fields: Fields) -> Scenario.Credential {
        switch fields.text("auth")?.trimmed {
        case nil, "token": return .token
        case "key": return .key(keys.first?.name ?? "default")
        case let name?:
            if keys.contains(where: { $0.name == name }) { return .key(name) }
            let hint = Suggestion.hint(for: name, among: ["token", "key"] + keys.map(\.name))
            fields.report("auth", "\"\(name.shortened)\" is neither token nor key nor the name of a key of the service.\(hint)")
            return .token
        }
    }

    private func connectsAt(_ fields: Fields) -> TimeAmount? {
        if fields.text("connects")?.trimmed == "manually" { return nil }
        return fields.duration("connects") ?? .zero
    }

    /// `room` or `room at 5 s`, one or several.
    private func joins(_ fields: Fields) -> [Scenario.Join] {
        let senderMetadata = fields.flag("senderMetadata") ?? false
        let joins: [Scenario.Join] = fields.texts("joins").compactMap { text, position in
            guard let at = text.lastRange(of: " at "), text[at.upperBound...].trimmedStart.first?.isNumber == true else {
                return Scenario.Join(channel: text, at: .zero, includeSenderMetadata: senderMetadata)
            }
            switch QuantityParser.parse(String(text[at.upperBound...]), .duration) {
            case .success(let time):
                return Scenario.Join(
                    channel: String(text[..<at.lowerBound]).trimmed, at: .nanoseconds(time), includeSenderMetadata: senderMetadata)
            case .failure(let problem):
                diagnostics.report(position, problem.message)
                return nil
            }
        }
        return joins.sorted { $0.at < $1.at }
    }

    private func publications(_ fields: Fields) -> [Scenario.Publication] {
        fields.items("publishes").compactMap { item in
            guard let fields = Fields(item, .publication, diagnostics), let channel = fields.text("channel"),
                let every = fields.interval("every")
            else { return nil }
            let from = fields.duration("from") ?? .zero
            let until = fields.duration("until")
            if let until, until < from { fields.report("until", "this publication ends before it begins.") }
            if every < .milliseconds(1) { fields.report("every", "the shortest interval is 1 ms.") }
            return Scenario.Publication(
                channel: channel.trimmed, every: every, size: fields.size("size") ?? DataSize(bytes: 100), from: from, until: until)
        }
    }

    private func settings(_ fields: Fields) -> Scenario.SignallingSettings {
        var settings = Scenario.SignallingSettings()
        settings.initialDelay = fields.duration("initialDelay")
        settings.multiplier = fields.factor("multiplier")
        settings.maxDelay = fields.duration("maxDelay")
        settings.jitterRatio = fields.factor("jitterRatio")
        settings.maxAttempts = fields.integer("maxAttempts")
        settings.stableAfter = fields.duration("stableAfter")
        settings.slowFloor = fields.duration("slowFloor")
        settings.tokenTimeout = fields.duration("tokenTimeout")
        settings.tokenFailureThreshold = fields.integer("tokenFailureThreshold")
        settings.openTimeout = fields.duration("openTimeout")
        settings.welcomeTimeout = fields.duration("welcomeTimeout")
        settings.requestTimeout = fields.duration("requestTimeout")
        settings.watchdog = fields.duration("watchdog")
        settings.autoResubscribe = fields.flag("autoResubscribe")
        settings.resubscribeRetries = fields.integer("resubscribeRetries")
        settings.resubscribeDelay = fields.duration("resubscribeDelay")
        settings.autoReconnect = fields.flag("autoReconnect")
        settings.closeTimeout = fields.duration("closeTimeout")
        settings.closeHandshakeTimeout = fields.duration("closeHandshakeTimeout")
        settings.respectGoingAway = fields.flag("respectGoingAway")
        settings.pathProbeTimeout = fields.duration("pathProbeTimeout")
        settings.paceRate = fields.integer("paceRate")
        settings.paceBurst = fields.integer("paceBurst")
        settings.upgradeRejections = fields.flag("upgradeRejections")
        settings.serialSignals = fields.flag("serialSignals")
        return settings
    }
}

extension StringProtocol {
    /// The last place of `separator`.
    func lastRange(of separator: String) -> Range<Index>? {
        var found: Range<Index>?
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(separator) { found = start..<index(start, offsetBy: separator.count) }
            start = index(after: start)
        }
        return found
    }

    var trimmedStart: SubSequence { drop { $0 == " " } }
}
