import Conformance

/// The rules of the specification and the checkers that judge them, as a scenario cites them.
enum SpecificationRules {
    /// Every id, in the order of the specification. Invariants hold in every run and are not cited.
    static let ids: [String] = SpecRule.all.filter { $0.id.family != .invariant }.map(\.id.description)

    private static let known = Set(ids)

    static func contains(_ id: String) -> Bool { known.contains(id) }

    /// The checkers by name, with their rules.
    static let checkers: [(name: String, rules: [String])] = ConformanceSuite.names.map { name in
        (name, ConformanceSuite(named: [name])?.rules.map(\.description) ?? [])
    }
}
