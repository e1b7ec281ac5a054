import NIOCore

/// The actions of timeline entries.
extension ScenarioBuilder {
    /// The one action of an entry and its place.
    func action(of entry: Fields) -> (Scenario.Action, SourcePosition)? {
        let keys = entry.keysInOrder.filter { !Vocabulary.timelineWords.contains($0) }
        guard keys.count == 1, let key = keys.first else {
            // An unknown key was reported already and was perhaps meant as the action.
            if keys.isEmpty, !entry.hadUnknownKeys { diagnostics.report(entry.position, "this entry says when, but not what happens.") }
            if keys.count > 1 {
                diagnostics.report(
                    entry.keyPosition(keys[1]), "two actions in one entry: \(keys.joined(separator: " and ")). Write an entry for each.")
            }
            return nil
        }
        guard case .shape(let shape)? = entry.shape.field(key)?.type else { preconditionFailure("the action \(key) is not a mapping") }
        guard let member = entry.rawMember(key), let fields = Fields(member.value, shape, diagnostics) else { return nil }
        let before = diagnostics.all.count
        guard let action = networkAction(key, fields) ?? serviceAction(key, fields) ?? callAction(key, fields) ?? appAction(key, fields)
        else {
            precondition(
                diagnostics.all.count > before || diagnostics.isFull || !diagnostics.isEmpty,
                "the action \(key) is in the vocabulary but nothing builds it")
            return nil
        }
        return (action, member.keyPosition)
    }

    // MARK: - References

    func hosts(_ fields: Fields, _ key: String = "host") -> [String] { hostDirectory.members(of: hostEntries(fields, key)) }

    private func hostEntries(_ fields: Fields, _ key: String = "host") -> [Directory.Entry] {
        guard fields.has(key) else { return hostDirectory.resolve([("all", fields.position)], diagnostics) }
        return hostDirectory.resolve(fields.texts(key), diagnostics)
    }

    /// The peers that `peer` names; without it all.
    func selectedPeers(_ fields: Fields) -> [String] {
        guard fields.has("peer") else { return peerDirectory.everyone }
        return peerDirectory.members(of: peerDirectory.resolve(fields.texts("peer"), diagnostics))
    }

    /// `peer` or `host`, exactly one of them.
    private func peersOrThoseOnHosts(_ fields: Fields) -> [String]? {
        switch (fields.has("peer"), fields.has("host")) {
        case (true, false): return selectedPeers(fields)
        case (false, true):
            let hosts = hosts(fields)
            let peers = hosts.flatMap { peersByHost[$0] ?? [] }
            if peers.isEmpty, !hosts.isEmpty { fields.report("host", "no peer runs there.") }
            return peers
        case (true, true), (false, false):
            diagnostics.report(fields.position, "\(fields.shape.noun) needs either \"peer\" or \"host\".")
            return nil
        }
    }

    /// The name of an interface that each of these hosts has.
    private func interface(_ key: String, _ fields: Fields, of hosts: [Directory.Entry], mustWork: Bool = true) -> String? {
        guard let name = fields.text(key)?.trimmed else { return nil }
        for entry in hosts {
            guard let host = hostTemplates[entry.declared] else { continue }
            guard let interface = host.interfaces.first(where: { $0.name == name }) else {
                let known = host.interfaces.map(\.name)
                let hint =
                    Suggestion.nearest(to: name, among: known).map { " Did you mean \"\($0)\"?" } ?? Suggestion.list(known, label: "It has")
                fields.report(key, "the host \"\(entry.declared)\" has no interface \"\(name.shortened)\".\(hint)")
                return nil
            }
            if mustWork, interface.network == nil {
                let advice = "Give it a network: \"\(name): { network: lte, up: false }\"."
                fields.report(key, "the interface \"\(name)\" of \"\(entry.declared)\" is off and has no network. \(advice)")
                return nil
            }
        }
        return name
    }

    // MARK: - Network, hosts

    private func networkAction(_ key: String, _ fields: Fields) -> Scenario.Action? {
        let duration = fields.shape.field("for") == nil ? nil : fields.interval("for")
        switch key {
        case "blackout":
            return place(fields).map {
                .blackout(.init(place: $0, direction: fields.choice("direction", Scenario.Direction.self) ?? .both, duration: duration))
            }
        case "link-down":
            let entries = hostEntries(fields)
            return interface("interface", fields, of: entries).map {
                .linkDown(hosts: hostDirectory.members(of: entries), interface: $0, duration: duration)
            }
        case "roam": return roam(fields)
        case "link":
            let values = linkValues(fields)
            guard values != (Scenario.LinkValues(), Scenario.LinkValues()) else {
                diagnostics.report(
                    fields.position,
                    "this link change changes nothing. Its figures are rate, delay, jitter, loss, burst, queue, reordering, duplication.")
                return nil
            }
            return place(fields).map { .link(.init(place: $0, down: values.down, up: values.up, duration: duration)) }
        case "nat-rebind": return .natRebind(hosts: hosts(fields))
        case "dns":
            let hosts = hosts(fields)
            return fields.choice("fails", Scenario.DNSFailure.self).map { .dns(hosts: hosts, failure: $0, duration: duration) }
        case "captive-portal":
            return .captivePortal(
                hosts: hosts(fields), kind: fields.choice("kind", Scenario.CaptivePortalKind.self) ?? .reset, duration: duration)
        case "vpn":
            let hosts = hosts(fields)
            return fields.flag("state").map { .vpn(hosts: hosts, isOn: $0) }
        case "sleep":
            let hosts = hosts(fields)
            let clock = fields.choice("clock", Scenario.SleepClock.self)
            let sockets = fields.choice("sockets", Scenario.SocketsInSleep.self) ?? .kept
            return duration.map { .sleep(hosts: hosts, duration: $0, clock: clock, sockets: sockets) }
        case "suspend-app":
            let sockets = fields.choice("sockets", Scenario.SocketsInSleep.self) ?? .kept
            let timers = fields.choice("timers", Scenario.SuspendedTimers.self) ?? .running
            guard let peers = peersOrThoseOnHosts(fields), let duration else { return nil }
            return .suspendApp(peers: peers, duration: duration, sockets: sockets, timers: timers)
        case "wall-clock": return wallClock(fields)
        case "half-open": return peersOrThoseOnHosts(fields).map { .halfOpen(peers: $0) }
        case _: return nil
        }
    }

    private func place(_ fields: Fields) -> Scenario.Place? {
        let hasBetween = fields.shape.field("between") != nil && fields.has("between")
        guard fields.has("host") != hasBetween else {
            if fields.shape.field("between") != nil {
                diagnostics.report(fields.position, "\(fields.shape.noun) needs either \"host\" or \"between\".")
            }
            return nil
        }
        if hasBetween {
            if fields.has("interface") { fields.report("interface", "\"interface\" goes with \"host\".") }
            return between(fields)
        }
        let entries = hostEntries(fields)
        let hosts = hostDirectory.members(of: entries)
        guard fields.has("interface") else { return .hosts(hosts) }
        return interface("interface", fields, of: entries).map { .interface(hosts: hosts, interface: $0) }
    }

    private func between(_ fields: Fields) -> Scenario.Place? {
        let items = fields.list("between")
        guard items.count == 2 else {
            fields.report("between", "\"between\" is a list of two parties, for example [phone, service].")
            return nil
        }
        let before = diagnostics.all.count
        let sides = items.map { item -> [SourceNode] in
            if case .sequence(let items) = item.content { return items }
            return [item]
        }
        // What is media depends on who is on the other side.
        let named = sides.map { side in side.filter { $0.text?.trimmed != "media" }.compactMap(party).flatMap { $0 } }
        guard diagnostics.all.count == before else { return nil }
        let parties = sides.indices.map { index in
            var side = named[index]
            if sides[index].contains(where: { $0.text?.trimmed == "media" }) {
                side += mediaParties(except: named[1 - index]).filter { !side.contains($0) }
            }
            return side
        }
        guard parties.allSatisfy({ !$0.isEmpty }) else {
            fields.report("between", "one of the two parties is nobody: no other host has a call, and there is no turn server.")
            return nil
        }
        guard Set(parties[0]) != Set(parties[1]) else {
            fields.report("between", "the two parties are the same.")
            return nil
        }
        return .between(parties[0], parties[1])
    }

    private func party(_ item: SourceNode) -> [Scenario.Party]? {
        switch item.text?.trimmed {
        case "service": return [.service]
        case "token-endpoint": return [.tokenEndpoint]
        case let name?:
            if turnServers.contains(where: { $0.name == name }) { return [.turn(name)] }
            let members = hostDirectory.members(of: hostDirectory.resolve([(name, item.position)], diagnostics))
            return members.isEmpty ? nil : members.map(Scenario.Party.host)
        case nil:
            diagnostics.report(
                item.position, "a party is a host, service, token-endpoint, media or a turn server, not \(item.kindInWords).")
            return nil
        }
    }

    /// What carries the media of the others: their hosts and the TURN servers.
    private func mediaParties(except others: [Scenario.Party]) -> [Scenario.Party] {
        var hosts: [String] = []
        for peer in peers where peer.call != nil && !hosts.contains(peer.host) && !others.contains(.host(peer.host)) {
            hosts.append(peer.host)
        }
        return hosts.map(Scenario.Party.host) + turnServers.map { .turn($0.name) }.filter { !others.contains($0) }
    }

    private func roam(_ fields: Fields) -> Scenario.Action? {
        let entries = hostEntries(fields)
        guard let from = interface("from", fields, of: entries), let to = interface("to", fields, of: entries) else { return nil }
        guard from != to else {
            fields.report("to", "a roam goes from one interface to another.")
            return nil
        }
        return .roam(.init(hosts: hostDirectory.members(of: entries), from: from, to: to, dead: fields.duration("dead") ?? .zero))
    }

    private func wallClock(_ fields: Fields) -> Scenario.Action? {
        guard let jump = fields.signedDuration("jump") else { return nil }
        let names = fields.texts("host")
        if names.contains(where: { $0.text == "service" }) {
            guard names.count == 1 else {
                fields.report("host", "the service's clock jumps in an entry of its own.")
                return nil
            }
            return .wallClock(of: .service, jump: jump)
        }
        return .wallClock(of: .hosts(hosts(fields)), jump: jump)
    }
}
