/// Which rules a set of runs exercised, held and violated, and which a scenario cites without exercising them.
public struct SpecCoverage: Sendable {
    /// What all runs together say of one rule.
    public struct Row: Hashable, Sendable {
        /// The rule.
        public let rule: SpecRule
        /// In how many runs its situation arose.
        public fileprivate(set) var runsExercised = 0
        /// How often it held.
        public fileprivate(set) var held = 0
        /// How often it was violated.
        public fileprivate(set) var violated = 0
        /// Scenarios that cite it, in the order in which they were added.
        public fileprivate(set) var citedBy: [String] = []
        /// Scenarios that cite it although none of their runs exercised it. Only rules that a checker knows are held against a scenario.
        public fileprivate(set) var citedInVainBy: [String] = []

        init(rule: SpecRule) { self.rule = rule }
    }

    private var rows: [RuleID: Row] = [:]
    private var scenarios: [(name: String, cited: [RuleID], exercised: Set<RuleID>)] = []
    private let checkable: Set<RuleID>

    /// No runs yet.
    ///
    /// - Parameter suite: the checkers whose rules a citation is measured by.
    public init(suite: ConformanceSuite = .all) {
        checkable = Set(suite.rules)
        for rule in SpecRule.all { rows[rule.id] = Row(rule: rule) }
    }

    /// Takes one run of a scenario that cites `cited`.
    public mutating func add(_ report: CheckReport, scenario: String, cited: [RuleID]) {
        var exercised: Set<RuleID> = []
        for result in report.results where result.isExercised {
            exercised.insert(result.rule)
            rows[result.rule]?.runsExercised += 1
            rows[result.rule]?.held += result.held
            rows[result.rule]?.violated += result.violated
        }
        if let place = scenarios.firstIndex(where: { $0.name == scenario }) {
            scenarios[place].exercised.formUnion(exercised)
        } else {
            scenarios.append((scenario, cited, exercised))
        }
    }

    /// Every rule of the spec, in its order.
    public var table: [Row] {
        var rows = rows
        for scenario in scenarios {
            for rule in scenario.cited {
                rows[rule]?.citedBy.append(scenario.name)
                if checkable.contains(rule), !scenario.exercised.contains(rule) { rows[rule]?.citedInVainBy.append(scenario.name) }
            }
        }
        return SpecRule.all.compactMap { rows[$0.id] }
    }

    /// Rules that a scenario cites but none of its runs exercised: a finding of their own.
    public var citedInVain: [(rule: RuleID, scenario: String)] {
        table.flatMap { row in row.citedInVainBy.map { (row.rule.id, $0) } }
    }
}
