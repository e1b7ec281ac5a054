import CompactJSON
import NIOCore

/// Patterns over events.
extension ScenarioBuilder {
    /// The keys that go with the event that the fields name.
    func patternKeys(_ fields: Fields) -> [String] {
        if let verb = AppSight.verbs.first(where: fields.has) { return ["peer", verb] }
        if fields.has("service") {
            return ["service"] + (fields.scalar("service").flatMap { EventWord.named($0, .service) }?.fields.map(\.name) ?? [])
        }
        let words = fields.scalar("event").map { name in EventWord.all.filter { $0.name == name && $0.source != .service } } ?? []
        guard let word = words.first(where: { $0.source == .peer }) ?? words.first else {
            return ["peer", "host", "event"] + Vocabulary.eventFields.map(\.key)
        }
        // Where the subject is of the wrong kind, that is said, not that the key has no meaning.
        let (subject, other) = word.source == .host ? ("host", "peer") : ("peer", "host")
        return [subject, "event"] + (fields.has(other) ? [other] : []) + words.flatMap { $0.fields.map(\.name) }
    }

    /// The pattern that the fields describe.
    ///
    /// - Parameters:
    ///   - fields: the event, its subject and its fields.
    ///   - defaults: gives the subject of an order.
    ///   - mayBeImpossible: whether it may be an event that nothing here can cause; what never comes may be true by construction.
    func pattern(_ fields: Fields, defaults: Fields? = nil, mayBeImpossible: Bool = false) -> Scenario.EventPattern? {
        let kinds = (["event", "service"] + AppSight.verbs).filter(fields.has)
        guard kinds.count == 1, let kind = kinds.first else {
            if !fields.hadUnknownKeys {
                diagnostics.report(fields.position, "an event is named by one of event, service, shows, hides, prompts.")
            }
            return nil
        }
        if AppSight.verbs.contains(kind) { return sight(kind, fields, defaults) }
        guard let name = fields.text(kind)?.trimmed else { return nil }
        let subject = fields.has("peer") || fields.has("host") ? fields : defaults ?? fields
        let source: EventWord.Source =
            kind == "service"
            ? .service : subject.has("host") ? .host : EventWord.named(name, .peer) == nil && !subject.has("peer") ? .host : .peer
        guard EventWord.named(name, source) != nil else {
            unknownEvent(name, kind, fields, source)
            return nil
        }
        guard let word = word(name, source, subject, fields) else { return nil }
        let who: [String]
        switch source {
        case .service: who = ["service"]
        case .host: who = subject.has("host") ? hosts(subject) : []
        case .peer:
            who = subject.has("peer") ? selectedPeers(subject) : []
            guard !mayBeImpossible else { break }
            checkFeasible(word, who, subject, fields)
            checkRemote(word, fields)
        }
        if (subject.has("peer") || subject.has("host")), source != .service, who.isEmpty { return nil }
        return conditions(word, fields).map { Scenario.EventPattern(who: who, event: name, kind: word.kind, conditions: $0) }
    }

    /// The event for peers of this kind: calls and chats call some things by the same name.
    private func word(_ name: String, _ source: EventWord.Source, _ subject: Fields, _ fields: Fields) -> EventWord? {
        guard source == .peer else { return EventWord.named(name, source) }
        let entries =
            subject.has("peer") ? peerDirectory.resolve(subject.texts("peer"), Diagnostics()).map(\.declared) : peerDirectory.declared
        let calls = entries.filter { peerTemplates[$0]?.call != nil }
        let (hasCalls, hasChats) = (!calls.isEmpty, calls.count < entries.count)
        let key = fields.has("event") ? "event" : "order"
        let words =
            (hasCalls ? [EventWord.named(name, .peer, isCall: true)] : []) + (hasChats ? [EventWord.named(name, .peer, isCall: false)] : [])
        let found = words.compactMap { $0 }
        if hasCalls, hasChats, subject.has("peer") || found.count == 2, Set(found.map(\.kind)).count > 1 || found.count < words.count {
            let words = "\"\(name)\" is not the same for a call and for a chat, and these peers are both."
            diagnostics.report(fields.node(key)?.position ?? fields.position, "\(words) Name peers of one kind.")
            return nil
        }
        if found.isEmpty, let entry = entries.first {
            let (kind, other) = hasCalls ? ("a call", "chats") : ("a chat", "calls")
            diagnostics.report(
                fields.node(key)?.position ?? fields.position, "\"\(name)\" is an event of \(other), and \"\(entry)\" is \(kind).")
            return nil
        }
        return found.first ?? EventWord.named(name, .peer)
    }

    private func unknownEvent(_ name: String, _ key: String, _ fields: Fields, _ source: EventWord.Source) {
        if let other = EventWord.all.first(where: { $0.name == name }) {
            let advice = other.source == .service ? "Write \"service: \(name)\"." : "Write \"\(other.source.rawValue): ...\" with it."
            fields.report(
                key, "\"\(name)\" is an event of \(other.source == .service ? "the service" : "a \(other.source.rawValue)"). \(advice)")
            return
        }
        let known = source == .peer ? EventWord.names(.peer) + EventWord.names(.host) : EventWord.names(source)
        fields.report(key, "\"\(name.shortened)\" is not an event.\(Suggestion.hint(for: name, among: known, label: "The events"))")
    }

    // MARK: - What applications show

    private func sight(_ verb: String, _ fields: Fields, _ defaults: Fields?) -> Scenario.EventPattern? {
        guard let word = fields.word(verb), let sight = AppSight.all.first(where: { $0.word == word && $0.verbs.contains(verb) }) else {
            return nil
        }
        let subject = fields.has("peer") ? fields : defaults ?? fields
        let isNamed = subject.has("peer")
        let entries = peerDirectory.resolve(isNamed ? subject.texts("peer") : [("all", fields.position)], diagnostics)
        if isNamed, entries.isEmpty { return nil }
        let able = entries.filter { entry in sight.apps.contains { peerTemplates[entry.declared]?.apps.contains($0) == true } }
        let unable = entries.first { entry in !able.contains { $0.declared == entry.declared } }
        if let unable, isNamed || able.isEmpty {
            let apps = peerTemplates[unable.declared]?.apps.map(\.rawValue) ?? []
            let needed = sight.apps.map(\.rawValue).joined(separator: " or ")
            let words = "\"\(unable.declared)\" never \(verb) \(sight.explanation): its app is \(apps.joined(separator: ", "))."
            fields.report(verb, "\(words) Write \"app: [\((apps + [needed]).joined(separator: ", "))]\".")
            return nil
        }
        let condition = Scenario.Condition(name: verb, field: verb, test: .equals(.string(word)))
        return Scenario.EventPattern(
            who: isNamed ? peerDirectory.members(of: entries) : [], event: "app", kind: "app", conditions: [condition])
    }

    // MARK: - Fields

    private func conditions(_ word: EventWord, _ fields: Fields) -> [Scenario.Condition]? {
        var result: [Scenario.Condition] = []
        var isComplete = true
        for field in word.fields where fields.has(field.name) {
            guard let test = test(field, fields) else {
                isComplete = false
                continue
            }
            result.append(Scenario.Condition(name: field.name, field: field.traceField, test: test, absent: field.absent))
        }
        // Joined and left are told by presence frames, most of which tell only one of the two.
        for field in word.fields
        where word.kind == "presence" && word.name != word.kind && !result.contains(where: { $0.name == field.name }) {
            guard case .member = field.type else { continue }
            result.append(Scenario.Condition(name: field.name, field: field.traceField, test: .includes(nil)))
        }
        result += word.marks.map { mark in
            Scenario.Condition(name: mark.field, field: mark.field, test: .equals(.string(mark.value)), isImplied: true)
        }
        return isComplete ? result : nil
    }

    private func test(_ field: EventField, _ fields: Fields) -> Scenario.Condition.Test? {
        guard let text = fields.scalar(field.name)?.trimmed else { return nil }
        switch field.type {
        case .text:
            checkPeerName(field, text, fields)
            return .equals(.string(text))
        case .flag: return fields.flag(field.name).map { .equals(.bool($0)) }
        case .choice(let words):
            if words.contains(text) { return .equals(.string(text)) }
            fields.report(
                field.name,
                "\"\(text.shortened)\" is not a value of \"\(field.name)\".\(Suggestion.hint(for: text, among: words, label: "Its values"))"
            )
            return nil
        case .member:
            checkPeerName(field, text, fields)
            return .includes(text == "any" ? nil : text)
        case .integer: return number(field, text, fields) { Int64($0).map { Double($0) } }
        case .code:
            if text.first?.isNumber != true { return .equals(.string(text)) }
            return number(field, text, fields) { Int64($0).map { Double($0) } }
        case .duration:
            return number(field, text, fields) { text in
                switch QuantityParser.parse(text, .duration) {
                case .success(let value): return Double(value)
                case .failure(let problem):
                    fields.report(field.name, problem.message)
                    return nil
                }
            }
        }
    }

    /// A number or a range of numbers; a single number is a range of itself.
    private func number(_ field: EventField, _ text: String, _ fields: Fields, _ parse: (String) -> Double?) -> Scenario.Condition.Test? {
        let ends = text.rangeEnds
        let before = diagnostics.all.count
        guard let low = parse(ends.low.trimmed), let high = ends.high.map({ parse($0.trimmed) }) ?? low else {
            if diagnostics.all.count == before {
                fields.report(field.name, "\"\(text.shortened)\" is not a number or a range such as \"1...3\".")
            }
            return nil
        }
        guard low <= high else {
            fields.report(field.name, "the range \"\(text)\" runs backwards.")
            return nil
        }
        return .range(low, high)
    }

    private static let peerFields = ["sender", "of", "to", "id", "joined", "left", "remote"]

    /// Peer ids may be strangers on purpose, but not near misses of a peer's name.
    private func checkPeerName(_ field: EventField, _ text: String, _ fields: Fields) {
        guard Self.peerFields.contains(field.name), peerDirectory[text] == nil, !newIDs.contains(text) else { return }
        guard let nearest = Suggestion.nearest(to: text, among: peerDirectory.declared) else { return }
        fields.report(field.name, "there is no peer \"\(text.shortened)\". Did you mean \"\(nearest)\"?")
    }

    /// Nobody is a remote peer of itself.
    private func checkRemote(_ word: EventWord, _ fields: Fields) {
        guard word.fields.contains(where: { $0.name == "remote" }), fields.has("remote"), let remote = fields.scalar("remote")?.trimmed
        else { return }
        if fields.has("peer"), fields.texts("peer").map(\.text) == [remote] {
            fields.report("remote", "\"\(remote)\" is not a remote peer of itself.")
        }
    }

    // MARK: - What cannot happen

    /// Reports an event that nothing in the scenario can cause: an expectation about it says nothing.
    private func checkFeasible(_ word: EventWord, _ who: [String], _ subject: Fields, _ fields: Fields) {
        let declared =
            who.isEmpty
            ? peerDirectory.declared
            : peerDirectory.resolve(subject.has("peer") ? subject.texts("peer") : [], Diagnostics()).map(\.declared)
        let templates = declared.compactMap { peerTemplates[$0] }
        guard !templates.isEmpty, !causes.contains(.anyFrame) else { return }
        let reason: String? =
            switch word.name {
            case "token", "token-provider-error": templates.allSatisfy { $0.credential != .token } ? "it authenticates with a key" : nil
            case "presence", "peer-joined", "peer-left":
                templates.allSatisfy(\.joins.isEmpty) && !causes.contains(.subscribe) && !causes.contains(.join)
                    ? "nobody subscribes it to a channel" : nil
            case "message":
                templates.allSatisfy(\.joins.isEmpty) && !causes.contains(.subscribe)
                    ? "nobody subscribes it to a channel"
                    : !causes.contains(.publish) && peerTemplates.values.allSatisfy(\.publications.isEmpty) ? "nobody publishes" : nil
            case "direct": causes.contains(.send) ? nil : "nobody sends"
            case "going-away": causes.contains(.announce) ? nil : "the service never says it"
            case "close-called", "closed-done":
                causes.contains(.close) || templates.contains { $0.apps.contains(.manualRetry) || $0.call != nil }
                    ? nil : "the application never calls close"
            case "turn": turnServers.isEmpty ? "there is no turn server" : nil
            case "data-channel", "data-sent", "data-failed", "data-received":
                causes.contains(.openChannel) || causes.contains(.sendData) || peerTemplates.values.contains { $0.call?.data != nil }
                    ? nil : "nobody opens a data channel"
            case "media", "track", "stream":
                causes.contains(.addTrack) || peerTemplates.values.contains { $0.call?.media.isEmpty == false }
                    ? nil : "nobody sends media"
            case "joined", "peer-refreshed", "snapshot", "tile", "rung", "ladder", "connection":
                templates.allSatisfy(\.joins.isEmpty) && !causes.contains(.join) ? "it joins no channel" : nil
            case "upgrade-rejected": causes.contains(.rejectUpgrade) ? nil : "no upgrade is answered with an HTTP status"
            case _: nil
            }
        guard let reason else { return }
        let key = fields.has("event") ? "event" : "order"
        diagnostics.report(fields.node(key)?.position ?? fields.position, "\"\(word.name)\" cannot happen here: \(reason).")
    }
}

/// What the timeline can cause, as far as expectations about it would be empty without.
enum Cause: Hashable {
    case subscribe, publish, send, announce, close, rejectUpgrade
    case join, addTrack, openChannel, sendData
    /// A frame written by hand may be anything.
    case anyFrame

    /// What an action causes.
    static func of(_ action: Scenario.Action) -> Cause? {
        switch action {
        case .subscribe: .subscribe
        case .publish: .publish
        case .send: .send
        case .raw: .anyFrame
        case .join: .join
        case .addTrack: .addTrack
        case .openChannel: .openChannel
        case .sendData: .sendData
        case .close: .close
        case .goingAway: .announce
        case .deploy(let deploy): deploy.announces ? .announce : nil
        case .http, .tokenEndpoint(.issuesInvalid, _, _): .rejectUpgrade
        case .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen, .crash,
            .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .flap, .tokenEndpoint, .newID, .connect, .retry, .unsubscribe,
            .networkPathChanged, .turn, .udpBlocked, .snapshot, .iceServers, .restart, .removeTrack, .replaceTrack:
            nil
        }
    }
}
