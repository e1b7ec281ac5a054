/// What one rule came to in one run.
public struct RuleResult: Hashable, Sendable {
    /// The rule.
    public let rule: RuleID
    /// How often its situation arose and it held.
    public internal(set) var held = 0
    /// How often it was violated; more than ``findings`` has when a run goes wrong again and again.
    public internal(set) var violated = 0
    /// The violations, at most ``findingLimit``.
    public internal(set) var findings: [Finding] = []

    /// How many findings of one rule are kept.
    public static let findingLimit = 50

    /// Whether the run contained the rule's situation at all.
    public var isExercised: Bool { held > 0 || violated > 0 }
}

/// What the checkers found in one run. A rule without a result was not exercised.
public struct CheckReport: Hashable, Sendable {
    private var byRule: [RuleID: RuleResult] = [:]
    /// The reconnect delays as factors of their base, for ``JitterUniformity``.
    public internal(set) var jitterSamples: [JitterSample] = []
    /// Every ladder that ran, rung by rung, in order of their beginning.
    public internal(set) var ladders: [LadderSummary] = []
    /// How far a timer was allowed to be off.
    public internal(set) var tolerance = CheckContext.Tolerance.simulation

    /// Nothing was checked.
    public init() {}

    /// The rules that were exercised, in the spec's order.
    public var results: [RuleResult] { byRule.values.sorted { $0.rule < $1.rule } }
    /// All findings, in order of time.
    public var findings: [Finding] {
        results.flatMap(\.findings).sorted { ($0.timeNs, $0.eventIndex, $0.rule) < ($1.timeNs, $1.eventIndex, $1.rule) }
    }
    /// Whether no rule was violated.
    public var passed: Bool { byRule.values.allSatisfy { $0.violated == 0 } }
    /// The result of one rule.
    public subscript(rule: RuleID) -> RuleResult { byRule[rule] ?? RuleResult(rule: rule) }

    mutating func hold(_ rule: RuleID, _ times: Int = 1) {
        byRule[rule, default: RuleResult(rule: rule)].held += times
    }

    mutating func violate(_ rule: RuleID, _ who: String, _ mark: Mark, _ message: String, table: FindingTable? = nil) {
        var result = byRule[rule] ?? RuleResult(rule: rule)
        result.violated += 1
        if result.findings.count < RuleResult.findingLimit {
            result.findings.append(
                Finding(rule: rule, who: who, timeNs: mark.at.value, eventIndex: mark.index, message: message, table: table))
        }
        byRule[rule] = result
    }

    /// Holds if the condition is true, is violated otherwise.
    mutating func expect(_ condition: Bool, _ rule: RuleID, _ who: String, _ mark: Mark, _ message: @autoclosure () -> String) {
        if condition {
            hold(rule)
        } else {
            violate(rule, who, mark, message())
        }
    }
}
