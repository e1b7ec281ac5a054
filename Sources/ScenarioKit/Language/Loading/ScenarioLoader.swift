import Foundation

/// A scenario ready to run, and its text with inheritance and parameters resolved, to be kept beside the results.
public struct ResolvedScenario: Sendable {
    /// The scenario.
    public var scenario: Scenario
    /// A scenario file of one member that stands for itself: no `extends`, `parameters` or `matrix`.
    public var yaml: String
}

/// The findings that kept a file from being loaded: at least one, sorted by position.
public struct ScenarioErrors: Error, Sendable, CustomStringConvertible {
    /// The findings.
    public var diagnostics: [Diagnostic]
    /// One line each.
    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Reads scenario files. Whatever the bytes, the answer is scenarios or findings, after a time that is bounded by the limits stated here.
public struct ScenarioLoader: Sendable {
    /// Members of a matrix.
    public static let mostVariants = 1_000
    /// Runs (members times seeds) of one file.
    public static let mostRuns = 100_000
    /// Nodes of all members together, and clients of all members together.
    static let mostNodes = 2_000_000
    static let mostPeers = 500_000
    /// Files that extend each other.
    static let deepestInheritance = 8

    /// Reads the text of a file.
    public var readText: @Sendable (_ path: String) -> Result<String, Diagnostic>

    /// A loader that reads files of this machine.
    public init() { readText = { SourceFile.read($0) } }

    /// A loader that gets the text of files from elsewhere.
    public init(readText: @escaping @Sendable (_ path: String) -> Result<String, Diagnostic>) { self.readText = readText }

    /// The scenarios of a file, one without a matrix, or everything that is wrong with it.
    public static func load(_ path: String) -> Result<[ResolvedScenario], ScenarioErrors> { ScenarioLoader().load(path) }

    /// The scenarios of a file, one without a matrix, or everything that is wrong with it.
    public func load(_ path: String) -> Result<[ResolvedScenario], ScenarioErrors> {
        let diagnostics = Diagnostics()
        let scenarios = load(path, diagnostics)
        guard diagnostics.isEmpty, !scenarios.isEmpty else { return .failure(ScenarioErrors(diagnostics: diagnostics.sorted)) }
        return .success(scenarios)
    }

    private func load(_ path: String, _ diagnostics: Diagnostics) -> [ResolvedScenario] {
        guard let root = Inheritance(readText: readText).resolve(path, diagnostics) else { return [] }
        guard let family = ScenarioFamily(root, diagnostics) else { return [] }
        guard family.variantCount * family.root.count <= Self.mostNodes else {
            diagnostics.report(root.position, "the \(family.variantCount) members of this matrix are together too large. Use fewer members or a smaller file.")
            return []
        }
        var result: [ResolvedScenario] = []
        var runs = 0
        var peers = 0
        for index in 0..<family.variantCount where !diagnostics.isFull {
            guard let variant = family.variant(index, diagnostics), let builder = ScenarioBuilder(variant.root, diagnostics: diagnostics) else { return [] }
            let scenario = builder.build(variant: variant.values, nameSuffix: variant.nameSuffix)
            runs += scenario.seeds.count
            peers += scenario.peers.count
            guard runs <= Self.mostRuns else {
                diagnostics.report(root.position, "the members of this matrix and their seeds are more than 100,000 runs, the most that one file makes.")
                return []
            }
            // Members are mostly of one size, so the first tells whether the others are worth building.
            guard peers <= Self.mostPeers, scenario.peers.count * family.variantCount <= 2 * Self.mostPeers else {
                diagnostics.report(root.position, "the members of this matrix have together more than 500,000 peers, the most that one file makes.")
                return []
            }
            // The text is wanted only if the scenario can run.
            if diagnostics.isEmpty { result.append(ResolvedScenario(scenario: scenario, yaml: variant.yaml(name: scenario.name))) }
        }
        reportEqualNames(result, root, diagnostics)
        return result
    }

    /// Two members of one name could not be told apart in a report.
    private func reportEqualNames(_ scenarios: [ResolvedScenario], _ root: SourceNode, _ diagnostics: Diagnostics) {
        var names: Set<String> = []
        for resolved in scenarios where !names.insert(resolved.scenario.name).inserted {
            let position = root.member("matrix")?.keyPosition ?? root.position
            diagnostics.report(position, "two members of this matrix are called \"\(resolved.scenario.name)\"; give them different values.")
        }
    }
}
