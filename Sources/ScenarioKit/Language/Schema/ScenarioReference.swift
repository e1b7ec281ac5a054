import NetworkModel

extension ScenarioSchema {
    /// The language's reference as text: every mapping with its keys, every event, preset and checker.
    public static func reference() -> String {
        var lines = ["# Faultline scenarios, version \(Vocabulary.version)", ""]
        lines += [
            "Quantities have units: 250 ms, 7.8 s, 1 min 30 s, 2 h; 750 kbit/s; 64 KiB; 1.5 %. Ranges: 1...20. Instants: 30 s, the name of an entry, name + 5 s,",
            "start, end. ${name} stands for a parameter; within { } and [ ] write \"${name}\" in quotes. A name with count: 3 makes name-001 ... name-003, and stands",
            "for all of them; all stands for everyone. Keys marked * must be given.", "",
        ]
        for section in sections {
            lines += ["## \(section.title)", ""]
            for name in section.shapes { lines += describe(name) }
        }
        lines += ["## Networks by name", ""] + presets + ["", "## Events", ""] + events + ["", "## What applications show", ""] + sights
        lines += ["", "## Checkers", ""] + SpecificationRules.checkers.map { row($0.name, $0.rules.joined(separator: " ")) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let sections: [(title: String, shapes: [ShapeName])] = [
        ("The file", [.scenario]),
        (
            "The world",
            [
                .network, .nat, .host, .interface, .resolver, .service, .key, .tokenEndpoint, .turnServer, .turnPorts, .peer, .publication,
                .options,
                .dataChannels, .peerOptions,
            ]
        ),
        ("The timeline", [.timelineEntry]),
        (
            "Faults of networks and hosts",
            [
                .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen,
                .udpBlocked, .turnFault,
            ]
        ),
        (
            "What the service and the token endpoint do",
            [
                .deploy, .crash, .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .raw, .flap, .http, .goingAway,
                .tokenEndpointChange, .newID, .snapshot, .iceServersChange,
            ]
        ),
        ("What applications do", [.connect, .retry, .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged]),
        (
            "What applications of calls do",
            [.join, .restart, .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData]
        ),
        ("Expectations", [.expectation, .pattern, .never]),
    ]

    private static func describe(_ name: ShapeName) -> [String] {
        let shape = Vocabulary.shape(name)
        let skipped = name == .pattern || name == .never
        // The keys of a pattern were listed with the expectation.
        let fields =
            skipped ? [] : shape.fields.filter { field in name != .expectation || !Vocabulary.eventFields.contains { $0.key == field.key } }
        let title = Vocabulary.timelineEntry.fields.first { $0.type == .shape(name) }?.key ?? shape.noun
        var lines = ["### \(title)", shape.explanation]
        for field in fields {
            let value = field.defaultText.map { " Default: \($0)." } ?? ""
            lines.append(row(field.key + (field.isRequired ? "*" : ""), "\(words(field.type)). \(field.explanation)\(value)"))
        }
        if name == .expectation { lines.append("  and the keys of the event, listed below.") }
        return lines + [""]
    }

    private static func row(_ head: String, _ text: String) -> String {
        "  \(head)\(String(repeating: " ", count: max(1, 22 - head.count)))\(text)"
    }

    private static var presets: [String] {
        NetworkPreset.all.map { network in
            let down = network.down
            var text =
                "\(QuantityText.rate(down.rate)) down, \(QuantityText.rate(network.up.rate)) up, \(QuantityText.duration(down.delay)) each way"
            if down.jitter > .zero { text += ", jitter \(QuantityText.duration(down.jitter))" }
            if down.loss > 0 { text += ", loss \(QuantityText.share(down.loss))" }
            if down.meanBurstLength > 1 { text += " in bursts of \(Int(down.meanBurstLength))" }
            return row(network.name, text + (network.nat == nil ? ", public addresses" : ", NAT"))
        }
    }

    private static var events: [String] {
        EventWord.all.map { word in
            let keys = word.fields.isEmpty ? "" : " Keys: \(word.fields.map(\.name).joined(separator: ", "))."
            let whose = word.source == .peer && word.audience != .everyone ? word.audience.rawValue : word.source.rawValue
            return row(word.name, "(\(whose)) \(word.explanation)\(keys)")
        }
    }

    private static var sights: [String] {
        AppSight.all.map { sight in
            let apps = sight.apps.map(\.rawValue).joined(separator: ", ")
            return row(sight.word, "\(sight.verbs.joined(separator: ", ")): \(sight.explanation). Apps: \(apps).")
        }
    }

    /// A type as a reader of the reference needs it.
    static func words(_ type: ValueType) -> String {
        switch type {
        case .text: "text"
        case .reference(let reference):
            switch reference {
            case .host: "a host"
            case .peer: "a peer"
            case .network: "a network"
            case .interface: "an interface"
            case .party: "a host, turn server, service, token-endpoint or media"
            case .turnServer: "a turn server"
            case .rule: "a rule"
            case .checker: "a checker"
            case .preset: "a preset"
            case .key: "a key"
            case .hostOrService: "a host or service"
            }
        case .choice(let words): words.count > 12 ? "a word" : words.joined(separator: " | ")
        case .flag: "on | off"
        case .integer(let range): range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "a whole number"
        case .factor: "a number"
        case .duration: "a duration"
        case .signedDuration: "a duration, perhaps negative"
        case .moment: "an instant"
        case .rate: "a rate"
        case .size: "a size"
        case .share: "a share"
        case .range(let inner): "\(words(inner)) or a range"
        case .seeds: "seeds"
        case .count: "a count"
        case .join: "a channel, or channel at 5 s"
        case .link: "alice -> bob"
        case .outcome: "a state, or terminal 4001"
        case .shape(let name): "(\(Vocabulary.shape(name).noun.split(separator: " ").dropFirst().joined(separator: " ")))"
        case .list(let inner): "[\(words(inner)), ...]"
        case .oneOrMore(let inner): "\(words(inner)), or a list"
        case .named(let inner): "{ name: \(words(inner)) }"
        case .perDirection(let inner): "\(words(inner)), or { down, up }"
        case .either(let types): types.map(words).joined(separator: " | ")
        case .anything: "a value"
        }
    }
}

extension QuantityText {
    static func rate(_ rate: DataRate) -> String {
        for (symbol, factor) in UnitTable.rate.units.reversed() where rate.bitsPerSecond >= factor {
            return "\(decimal(rate.bitsPerSecond, unit: factor)) \(symbol)"
        }
        return "\(rate.bitsPerSecond) bit/s"
    }

    /// A share of 0 to 1 in percent.
    static func share(_ share: Double) -> String { "\(decimal(Int64((share * 100_000_000).rounded()), unit: 1_000_000)) %" }
}
