import CompactJSON
import NIOCore

/// TURN servers, and what a peer is whose app is a call.
extension ScenarioBuilder {
    // MARK: - TURN servers

    func buildTURNServers() {
        for member in root.named("turn") {
            if let problem = Directory.problem(with: member.key, noun: "turn server")
                ?? (member.key == "none" ? "\"none\" cannot be the name of a turn server." : nil)
            {
                diagnostics.report(member.keyPosition, problem)
            }
            if hostDirectory[member.key] != nil {
                diagnostics.report(member.keyPosition, "\"\(member.key)\" is a host already; a turn server has a host of its own.")
            }
            guard let fields = Fields(member.value, .turnServer, diagnostics) else { continue }
            if let server = turnServer(member.key, fields) { turnServers.append(server) }
        }
    }

    private func turnServer(_ name: String, _ fields: Fields) -> Scenario.TURNServer? {
        let isSTUNOnly = fields.word("kind") == "stun"
        for key in ["transports", "urls", "credentialLifetime", "allocationLifetime", "quota", "capacity", "nonceLifetime"]
        where isSTUNOnly && fields.has(key) {
            fields.report(key, "a stun server has no \"\(key)\"; it answers binding requests over UDP.")
        }
        let transports =
            isSTUNOnly
            ? [.udp]
            : fields.has("transports") ? fields.choices("transports", Scenario.TURNTransport.self) : Scenario.TURNTransport.allCases
        let urls = fields.has("urls") ? fields.choices("urls", Scenario.TURNTransport.self) : transports
        if let missing = urls.first(where: { !transports.contains($0) }) {
            fields.report("urls", "the server does not listen on \(missing.rawValue).")
        }
        let ports = fields.fields("ports", .turnPorts)
        let tcp = ports?.integer("tcp") ?? 3478
        let tls = ports?.integer("tls") ?? 5349
        if tcp == tls, transports.contains(.tcp), transports.contains(.tls) {
            fields.report("ports", "TCP and TLS cannot both listen on port \(tcp).")
        }
        guard
            let network = useNetwork(fields.text("network") ?? "datacentre", at: fields.node("network")?.position ?? fields.position)
        else { return nil }
        if networks.contains(where: { $0.name == network && $0.nat != nil }) {
            fields.report("network", "a turn server needs a public address, and the network \"\(network)\" has a NAT.")
        }
        return Scenario.TURNServer(
            name: name, network: network, isSTUNOnly: isSTUNOnly, transports: transports,
            ports: Scenario.TURNPorts(udp: ports?.integer("udp") ?? 3478, tcp: tcp, tls: tls), urls: urls,
            credentialLifetime: fields.interval("credentialLifetime") ?? .hours(24),
            allocationLifetime: fields.interval("allocationLifetime") ?? .minutes(10), quota: fields.integer("quota"),
            capacity: fields.integer("capacity"), nonceLifetime: fields.interval("nonceLifetime") ?? .hours(1))
    }

    /// The servers that a key names; `none` is none, and without the key every one.
    func turnServerNames(_ key: String, _ fields: Fields) -> [String] {
        guard fields.has(key) else { return turnServers.map(\.name) }
        let texts = fields.texts(key)
        if texts.count == 1, ["none", "all"].contains(texts[0].text) { return texts[0].text == "all" ? turnServers.map(\.name) : [] }
        var result: [String] = []
        for (text, position) in texts {
            guard turnServers.contains(where: { $0.name == text }) else {
                diagnostics.report(position, "there is no turn server \"\(text.shortened)\".\(turnServerHint(text))")
                continue
            }
            if !result.contains(text) { result.append(text) }
        }
        return result
    }

    private func turnServerHint(_ text: String) -> String {
        let known = turnServers.map(\.name)
        if known.isEmpty { return " Declare it: \"turn: { \(text.shortened): {} }\"." }
        return Suggestion.nearest(to: text, among: known).map { " Did you mean \"\($0)\"?" } ?? Suggestion.list(known)
    }

    // MARK: - Calls

    /// The call of a peer; nil if its app is none, and then its keys are refused.
    func call(_ fields: Fields, _ apps: [Scenario.App]) -> Scenario.Call? {
        guard apps.contains(.call) else {
            for key in Vocabulary.callFields.map(\.key) where fields.has(key) {
                diagnostics.report(fields.keyPosition(key), "\"\(key)\" is for calls. Write \"app: call\".")
            }
            return nil
        }
        if apps.contains(.chat) { fields.report("app", "a peer is either a chat or a call, not both.") }
        for (key, why) in [
            ("connects", "a call connects when it joins. Write \"joins: room at 5 s\"."),
            ("publishes", "a call does not publish; \"send\" in the timeline sends to its room."),
        ] where fields.has(key) {
            diagnostics.report(fields.keyPosition(key), why)
        }
        if fields.items("joins").count > 1 { fields.report("joins", "a call joins one channel.") }
        return Scenario.Call(
            profile: fields.choice("profile", Scenario.WebRTCProfileName.self) ?? .libwebrtc,
            gathering: fields.choice("gather", Scenario.Gathering.self) ?? .once,
            icePolicy: fields.choice("icePolicy", Scenario.ICEPolicy.self) ?? .all, media: media(fields),
            data: fields.fields("data", .dataChannels).flatMap(dataChannels),
            settings: fields.fields("peerOptions", .peerOptions).map(callSettings) ?? Scenario.CallSettings())
    }

    private func media(_ fields: Fields) -> [Scenario.MediaSource] {
        guard fields.has("media") else { return [.camera, .microphone] }
        if fields.items("media").count == 1, fields.items("media")[0].text?.trimmed == "none" { return [] }
        var result: [Scenario.MediaSource] = []
        for source in fields.choices("media", Scenario.MediaSource.self) {
            if result.contains(source) { fields.report("media", "\"\(source.rawValue)\" is listed twice.") } else { result.append(source) }
        }
        return result
    }

    private func dataChannels(_ fields: Fields) -> Scenario.DataChannels? {
        let labels = fields.texts("labels").map(\.text)
        guard !labels.isEmpty else { return nil }
        if Set(labels).count < labels.count { fields.report("labels", "a label is listed twice.") }
        let every = fields.interval("every")
        if let every, every < .milliseconds(1) { fields.report("every", "the shortest interval is 1 ms.") }
        if every == nil, fields.has("size") { fields.report("size", "\"size\" goes with \"every\".") }
        return Scenario.DataChannels(
            labels: labels, reopens: fields.flag("reopens") ?? true, isOrdered: fields.flag("ordered") ?? true,
            maximumRetransmits: fields.integer("retransmits"),
            messages: every.map { .init(every: $0, size: fields.size("size") ?? DataSize(bytes: 100)) })
    }

    private func callSettings(_ fields: Fields) -> Scenario.CallSettings {
        var settings = Scenario.CallSettings()
        settings.ladderDelays = ladderDelays(fields)
        settings.stableAfter = fields.duration("stableAfter")
        settings.giveUpAfter = fields.duration("giveUpAfter")
        settings.politeDefer = fields.duration("politeDefer")
        settings.replacementInterval = fields.duration("replacementInterval")
        settings.snapshotTimeout = fields.duration("snapshotTimeout")
        settings.forcedSubscribes = fields.integer("forcedSubscribes")
        settings.stuckTimeout = fields.duration("stuckTimeout")
        settings.offerTimeout = fields.duration("offerTimeout")
        settings.offerRepeats = fields.integer("offerRepeats")
        settings.answerSettleTime = fields.duration("answerSettleTime")
        settings.keepsConnectedLinks = fields.flag("keepsConnectedLinks")
        settings.maximumRemotePeers = fields.integer("maximumRemotePeers")
        settings.dataChannelBuffer = fields.size("dataChannelBuffer")
        settings.dataChannelQueue = fields.integer("dataChannelQueue")
        return settings
    }

    private func ladderDelays(_ fields: Fields) -> [TimeAmount]? {
        guard fields.has("ladderDelays") else { return nil }
        let items = fields.list("ladderDelays")
        if items.isEmpty || items.count > 100 { fields.report("ladderDelays", "a ladder has 1 to 100 rungs.") }
        return items.compactMap { fields.quantity($0, .duration) }.map { .nanoseconds($0) }
    }

    // MARK: - Metadata

    /// A mapping as JSON. Plain numbers, true, false and null are read as JSON reads them.
    func metadata(_ fields: Fields, _ key: String = "metadata") -> JSONObject? {
        guard let node = fields.node(key) else { return nil }
        guard case .object(let object) = node.json else {
            fields.report(key, "\"\(key)\" is a mapping, not \(node.kindInWords).")
            return nil
        }
        return object
    }
}

extension SourceNode {
    /// The value as JSON.
    var json: JSONValue {
        switch content {
        case .scalar(let text, let isPlain):
            if isNull { return .null }
            guard isPlain else { return .string(text) }
            if let flag = ["true": true, "false": false][text] { return .bool(flag) }
            if let number = Int64(text) { return .integer(number) }
            return .string(text)
        case .sequence(let items): return .array(items.map(\.json))
        case .mapping(let members):
            var object = JSONObject()
            for member in members { object[member.key] = member.value.json }
            return .object(object)
        }
    }
}
