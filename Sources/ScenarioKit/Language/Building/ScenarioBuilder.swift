import NIOCore

/// Builds one scenario from a tree whose inheritance and parameters are resolved. Reports everything that is wrong; the scenario is complete only if
/// nothing was.
final class ScenarioBuilder {
    /// More clients or hosts than one simulated world is meant for.
    static let largestPopulation = 50_000
    static let mostSeeds = 10_000
    /// What runs on after the last thing that happens or is expected, where the scenario gives no duration.
    static let margin = TimeAmount.seconds(30)

    let file: String
    let root: Fields
    let diagnostics: Diagnostics

    var networks: [Scenario.Network] = []
    var declaredNetworks: [String: Scenario.Network] = [:]
    var declaredNetworkNames: [String] = []
    var hostDirectory = Directory("host")
    var hosts: [Scenario.Host] = []
    /// By declared name.
    var hostTemplates: [String: Scenario.Host] = [:]
    var peerDirectory = Directory("peer")
    var peers: [Scenario.Peer] = []
    /// By declared name.
    var peerTemplates: [String: Scenario.Peer] = [:]
    /// Members of peer groups by host.
    var peersByHost: [String: [String]] = [:]
    var keys: [Scenario.Key] = []
    var turnServers: [Scenario.TURNServer] = []
    var instants = Instants()
    /// Ids that peers get in the course of the timeline.
    var newIDs: Set<String> = []
    /// What the timeline can cause.
    var causes: Set<Cause> = []

    init?(_ node: SourceNode, diagnostics: Diagnostics) {
        file = node.position.file
        guard let root = Fields(node, .scenario, diagnostics) else { return nil }
        self.root = root
        self.diagnostics = diagnostics
    }

    /// `nameSuffix` tells members of a matrix apart where the name itself does not.
    func build(variant: [Scenario.ParameterValue] = [], nameSuffix: String = "") -> Scenario {
        if let version = root.text("faultline"), version.trimmed != "\(Vocabulary.version)" {
            root.report(
                "faultline",
                "\"\(version.shortened)\" is not a version of the language that this program reads. Write \"faultline: \(Vocabulary.version)\"."
            )
        }
        buildNetworks()
        buildHosts()
        buildTURNServers()
        let service = buildService()
        let tokenEndpoint = buildTokenEndpoint()
        buildPeers()
        let timeline = buildTimeline()
        causes = Set(timeline.compactMap { Cause.of($0.action) })
        let duration = resolveDuration(timeline)
        return Scenario(
            file: file, namePosition: root.keyPosition("name"),
            specPosition: root.keyPosition(root.has("spec") ? "spec" : "name"), name: name() + nameSuffix, variant: variant,
            story: (root.text("story") ?? "").trimmed, spec: rules(),
            seeds: seeds(), duration: duration, networks: networks, hosts: hosts, service: service, tokenEndpoint: tokenEndpoint,
            turnServers: turnServers, peers: peers, timeline: timeline, expectations: buildExpectations(duration: duration))
    }

    private func name() -> String {
        let name = (root.text("name") ?? "").trimmed
        if name.unicodeScalars.count > 200 { root.report("name", "the name is longer than 200 characters.") }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 }) { root.report("name", "the name must be one line.") }
        return name
    }

    private func rules() -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        for (text, position) in root.texts("spec") {
            if !SpecificationRules.contains(text) {
                diagnostics.report(position, "the specification has no rule \"\(text.shortened)\".\(Self.ruleHint(text))")
            } else if !seen.insert(text).inserted {
                diagnostics.report(position, "the rule \(text) is listed twice.")
            } else {
                result.append(text)
            }
        }
        return result
    }

    static func ruleHint(_ text: String) -> String {
        let family = text.prefix { $0 != "-" }.uppercased()
        let relatives = SpecificationRules.ids.filter { $0.hasPrefix(family + "-") }
        if let first = relatives.first, let last = relatives.last {
            // A number out of range is nobody's slip of the finger: tell the range.
            let number = Int(text.drop { $0 != "-" }.dropFirst())
            if let number, let rule = relatives.first(where: { Int($0.suffix(2)) == number }) { return " Did you mean \"\(rule)\"?" }
            return " There are \(first) to \(last)."
        }
        if let nearest = Suggestion.nearest(to: text, among: SpecificationRules.ids) { return " Did you mean \"\(nearest)\"?" }
        return " Its rules are named like SIG-01."
    }

    // MARK: - Seeds

    private func seeds() -> [UInt64] {
        guard root.has("seeds") else { return [1] }
        var result: [UInt64] = []
        var seen: Set<UInt64> = []
        for item in root.items("seeds") {
            guard let range = seedRange(item) else { continue }
            let (size, overflow) = (range.upperBound - range.lowerBound).addingReportingOverflow(1)
            guard !overflow, size <= Self.mostSeeds, result.count + Int(size) <= Self.mostSeeds else {
                diagnostics.report(
                    item.position,
                    "these are more than 10,000 seeds, the most that one scenario runs with. Write for example \"1...10000\".")
                return []
            }
            for seed in range {
                if seen.insert(seed).inserted {
                    result.append(seed)
                } else {
                    diagnostics.report(item.position, "the seed \(seed) is given twice.")
                }
            }
        }
        if result.isEmpty, diagnostics.isEmpty { root.report("seeds", "there must be at least one seed.") }
        return result
    }

    private func seedRange(_ node: SourceNode) -> ClosedRange<UInt64>? {
        guard let text = node.text?.trimmed else {
            diagnostics.report(node.position, "seeds are numbers, not \(node.kindInWords).")
            return nil
        }
        let ends = text.rangeEnds
        guard let low = UInt64(ends.low.trimmed), let high = UInt64((ends.high ?? ends.low).trimmed) else {
            let isHuge = !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == " ") }
            let problem =
                isHuge
                ? "is too large for a seed; seeds go up to 18446744073709551615." : "is not a seed. Write for example \"7\" or \"1...20\"."
            diagnostics.report(node.position, "\"\(text.shortened)\" \(problem)")
            return nil
        }
        guard low <= high else {
            diagnostics.report(node.position, "the range \"\(text)\" runs backwards. Write \"\(high)...\(low)\".")
            return nil
        }
        return low...high
    }
}

extension String {
    /// The ends of `a...b`; `high` is nil for a single value and empty for `a...`.
    var rangeEnds: (low: String, high: String?) {
        guard let dots = range(of: "...") else { return (self, nil) }
        return (String(self[..<dots.lowerBound]), String(self[dots.upperBound...]))
    }

    private func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
