import NIOCore
import NetworkModel

/// Networks, hosts, the service, the token endpoint.
extension ScenarioBuilder {
    // MARK: - Networks

    func buildNetworks() {
        for member in root.named("networks") {
            if let problem = Directory.problem(with: member.key, noun: "network")
                ?? (member.key == "off" ? "\"off\" cannot be the name of a network." : nil)
            {
                diagnostics.report(member.keyPosition, problem)
            }
            guard let fields = Fields(member.value, .network, diagnostics) else { continue }
            declaredNetworkNames.append(member.key)
            declaredNetworks[member.key] = network(member.key, fields)
        }
    }

    private func network(_ name: String, _ fields: Fields) -> Scenario.Network {
        var network = Scenario.Network(.ethernet)
        if let preset = fields.text("preset") {
            if let found = NetworkPreset.named(preset) {
                network = Scenario.Network(found)
            } else {
                fields.report(
                    "preset",
                    "\"\(preset.shortened)\" is not a preset.\(Suggestion.hint(for: preset, among: NetworkPreset.all.map(\.name), label: "The presets"))"
                )
            }
        }
        network.name = name
        network.isShared = fields.flag("shared") ?? true
        let values = linkValues(fields)
        values.down.apply(to: &network.down)
        values.up.apply(to: &network.up)
        if let mtu = fields.size("mtu") {
            if (576...9_000).contains(mtu.bytes) {
                network.mtu = mtu
            } else {
                fields.report("mtu", "the MTU must be from 576 B to 9000 B.")
            }
        }
        if let nat = fields.fields("nat", .nat) { network.nat = self.nat(nat) }
        if let versions = fields.choice("ipv6", Scenario.IPVersions.self) { network.ipVersions = versions }
        return network
    }

    private func nat(_ fields: Fields) -> Scenario.NAT? {
        var nat = Scenario.NAT(.homeRouter)
        if let word = fields.word("mapping") {
            guard let mapping = Scenario.NAT.Behaviour(rawValue: word) else { return nil }
            nat.mapping = mapping
        }
        if let filtering = fields.choice("filtering", Scenario.NAT.Behaviour.self) { nat.filtering = filtering }
        if let timeout = fields.interval("udpTimeout") { nat.udpTimeout = timeout }
        if let timeout = fields.interval("tcpTimeout") { nat.tcpTimeout = timeout }
        return nat
    }

    /// The figures of a link for both directions, from a network or from a link change.
    func linkValues(_ fields: Fields) -> (down: Scenario.LinkValues, up: Scenario.LinkValues) {
        var down = Scenario.LinkValues()
        var up = Scenario.LinkValues()
        (down.rate, up.rate) = fields.perDirection("rate") { node in
            fields.quantity(node, .rate).flatMap { value in
                if value == 0 { fields.diagnostics.report(node.position, "a rate must be more than 0. To stop a link use \"blackout\".") }
                return value == 0 ? nil : DataRate(bitsPerSecond: value)
            }
        }
        (down.delay, up.delay) = fields.perDirection("delay") { fields.quantity($0, .duration).map { .nanoseconds($0) } }
        (down.jitter, up.jitter) = fields.perDirection("jitter") { fields.quantity($0, .duration).map { .nanoseconds($0) } }
        (down.loss, up.loss) = fields.perDirection("loss") { self.share($0, fields) }
        (down.meanBurstLength, up.meanBurstLength) = fields.perDirection("burst") { node in
            Fields.factor(node.text ?? "", in: 1...1_000, what: "burst", at: node.position, fields.diagnostics)
        }
        (down.queue, up.queue) = fields.perDirection("queue") { fields.quantity($0, .size).map { DataSize(bytes: Int($0)) } }
        (down.reordering, up.reordering) = fields.perDirection("reordering") { self.share($0, fields) }
        (down.duplication, up.duplication) = fields.perDirection("duplication") { self.share($0, fields) }
        return (down, up)
    }

    private func share(_ node: SourceNode, _ fields: Fields) -> Double? {
        // `UnitTable.share` counts in millionths of a percent.
        fields.quantity(node, .share).map { Double($0) / 100_000_000 }
    }

    /// The network of that name, declared or preset; it becomes part of the world.
    func useNetwork(_ name: String, at position: SourcePosition) -> String? {
        if networks.contains(where: { $0.name == name }) { return name }
        guard let network = declaredNetworks[name] ?? NetworkPreset.named(name).map(Scenario.Network.init) else {
            let hint = Suggestion.hint(for: name, among: declaredNetworkNames + NetworkPreset.all.map(\.name))
            diagnostics.report(position, "there is no network \"\(name.shortened)\".\(hint)")
            return nil
        }
        networks.append(network)
        return name
    }

    // MARK: - Hosts

    func buildHosts() {
        for member in root.named("hosts") {
            if let problem = Directory.problem(with: member.key, noun: "host") { diagnostics.report(member.keyPosition, problem) }
            guard let fields = Fields(member.value, .host, diagnostics) else { continue }
            addHosts(member, fields)
        }
        if root.has("hosts"), root.named("hosts").isEmpty, diagnostics.isEmpty { root.report("hosts", "there must be at least one host.") }
    }

    private func addHosts(_ member: SourceNode.Member, _ fields: Fields) {
        let resolver = fields.fields("dns", .resolver)
        let host = Scenario.Host(
            name: member.key, group: nil, interfaces: interfaces(fields), tcp: fields.choice("tcp", Scenario.TCPProfile.self) ?? .linux,
            clock: fields.choice("clock", Scenario.SleepClock.self) ?? .stopsInSleep, pathEvents: fields.flag("pathEvents") ?? true,
            wallClockOffset: fields.signedDuration("wallClockOffset") ?? .zero,
            resolver: resolver.map {
                Scenario.Resolver(
                    timeout: $0.interval("timeout") ?? .seconds(5), attempts: $0.integer("attempts") ?? 2,
                    cacheLifetime: $0.duration("cache") ?? .seconds(60))
            })
        let count = fields.integer("count")
        guard hosts.count + (count ?? 1) <= Self.largestPopulation else {
            return fields.report("count", "these are more than 50,000 hosts, the most that one world holds.")
        }
        let names = Directory.memberNames(member.key, count: count)
        guard hostDirectory.add(member.key, members: names) else {
            return diagnostics.report(member.keyPosition, "the name \"\(member.key)\", or that of a member of this group, exists already.")
        }
        hostTemplates[member.key] = host
        for name in names {
            var copy = host
            copy.name = name
            copy.group = count == nil ? nil : member.key
            hosts.append(copy)
        }
    }

    private func interfaces(_ fields: Fields) -> [Scenario.Interface] {
        let members = fields.named("interfaces")
        if members.isEmpty, fields.has("interfaces") { fields.report("interfaces", "a host needs at least one interface.") }
        return members.compactMap { member in
            if let problem = Directory.problem(with: member.key, noun: "interface") { diagnostics.report(member.keyPosition, problem) }
            guard let interface = Fields(member.value, .interface, diagnostics), let network = interface.text("network")?.trimmed else {
                return nil
            }
            let isUp = interface.flag("up") ?? true
            if network == "off" {
                if interface.has("up"), isUp { interface.report("up", "an interface that is off has no network and cannot be up.") }
                return Scenario.Interface(name: member.key, network: nil, isUp: false)
            }
            guard let name = useNetwork(network, at: interface.node("network")?.position ?? interface.position) else { return nil }
            return Scenario.Interface(name: member.key, network: name, isUp: isUp)
        }
    }

    // MARK: - Service

    func buildService() -> Scenario.Service {
        let fields = root.fields("service", .service) ?? Fields.empty(.service, at: root.position, diagnostics)
        keys = serviceKeys(fields)
        let network =
            useNetwork(fields.text("network") ?? "datacentre", at: fields.node("network")?.position ?? fields.position) ?? "datacentre"
        return Scenario.Service(
            network: network, tokenLifetime: fields.interval("tokenLifetime") ?? .hours(1),
            sessions: fields.choice("sessions", Scenario.SessionPolicy.self) ?? .replace,
            pingInterval: fields.interval("pingInterval") ?? .seconds(30),
            pingGrace: fields.interval("pingGrace") ?? .seconds(10), connectionCap: fields.integer("connectionCap"),
            messageRate: fields.integer("messageRate") ?? 100, messageBurst: fields.integer("messageBurst") ?? 200,
            messageQuota: fields.integer("messageQuota"), maxMessageSize: fields.size("maxMessageSize") ?? DataSize(bytes: 65_536),
            deniedChannel: fields.choice("deniedChannel", Scenario.DeniedChannel.self) ?? .error, keys: keys,
            processingDelay: fields.duration("processingDelay") ?? .milliseconds(1),
            tls: fields.has("tls") ? fields.word("tls").flatMap(Scenario.TLSVersion.init(rawValue:)) : .v1_3,
            wallClockOffset: fields.signedDuration("wallClockOffset") ?? .zero, iceServers: turnServerNames("iceServers", fields),
            iceServerRefresh: fields.choice("iceServerRefresh", Scenario.ICEServerRefresh.self) ?? .everyWelcome)
    }

    private func serviceKeys(_ service: Fields) -> [Scenario.Key] {
        let members = service.named("keys")
        guard !members.isEmpty else { return [Scenario.Key(name: "default", channels: ["*"], actions: Scenario.KeyAction.allCases)] }
        return members.compactMap { member in
            if let problem = Directory.problem(with: member.key, noun: "key")
                ?? (["token", "key"].contains(member.key) ? "\"\(member.key)\" cannot be the name of a key." : nil)
            {
                diagnostics.report(member.keyPosition, problem)
            }
            guard let fields = Fields(member.value, .key, diagnostics) else { return nil }
            let channels = fields.has("channels") ? fields.texts("channels").map(\.text) : ["*"]
            let actions = fields.has("actions") ? fields.choices("actions", Scenario.KeyAction.self) : Scenario.KeyAction.allCases
            return Scenario.Key(name: member.key, channels: channels, actions: actions)
        }
    }

    func buildTokenEndpoint() -> Scenario.TokenEndpoint {
        guard let fields = root.fields("tokenEndpoint", .tokenEndpoint) else {
            return Scenario.TokenEndpoint(latency: .milliseconds(80), behaviour: .works)
        }
        return Scenario.TokenEndpoint(latency: fields.duration("latency") ?? .milliseconds(80), behaviour: tokenBehaviour(fields))
    }

    /// `does` and `times` of the token endpoint, here or in the timeline.
    func tokenBehaviour(_ fields: Fields) -> Scenario.TokenBehaviour {
        let times = fields.integer("times")
        let word = fields.word("does") ?? "works"
        switch word {
        case "fails": return .fails(times: times)
        case "hangs": return .hangs(times: times)
        case "issues-expired": return .issuesExpired(times: times)
        case "issues-invalid": return .issuesInvalid(times: times)
        case "works":
            if times != nil { fields.report("times", "\"times\" says for how many calls the endpoint does not work; here it works.") }
            return .works
        case let other: preconditionFailure("the vocabulary has a token behaviour \(other) that nothing builds")
        }
    }
}

extension Fields {
    /// A mapping that was not written: every key is absent.
    static func empty(_ shape: ShapeName, at position: SourcePosition, _ diagnostics: Diagnostics) -> Fields {
        guard let fields = Fields(SourceNode(position: position, content: .mapping([])), shape, diagnostics) else {
            preconditionFailure("an empty mapping is a mapping")
        }
        return fields
    }
}

extension Scenario.LinkValues {
    /// Overwrites what is given.
    func apply(to direction: inout Scenario.LinkDirection) {
        if let rate { direction.rate = rate }
        if let delay { direction.delay = delay }
        if let jitter { direction.jitter = jitter }
        if let loss { direction.loss = loss }
        if let meanBurstLength { direction.meanBurstLength = meanBurstLength }
        if let queue { direction.queue = queue }
        if let reordering { direction.reordering = reordering }
        if let duplication { direction.duplication = duplication }
    }
}
