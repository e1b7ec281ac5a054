/// One scenario with one seed.
public struct PlannedRun: Sendable {
    /// The scenario, as loaded.
    public var resolved: ResolvedScenario
    /// The seed of every random stream.
    public var seed: UInt64

    /// A run.
    public init(_ resolved: ResolvedScenario, seed: UInt64) {
        self.resolved = resolved
        self.seed = seed
    }

    /// The scenario.
    public var scenario: Scenario { resolved.scenario }
}

extension Scenario {
    /// The member of a matrix as the command line names it, such as `code=4001 when=before`; empty where there is no matrix.
    public var variantText: String { variant.map { "\($0.name)=\($0.value)" }.joined(separator: " ") }
}
