import Conformance

/// What only many runs together can show.
public enum SuiteChecks {
    /// Judges the jitter of all reconnect delays (SIG-02): uniform or not, with the statistic and its p-value.
    public static func check(_ outcomes: [RunOutcome]) -> (failures: [Failure], notes: [String]) {
        var jitter = JitterUniformity()
        for outcome in outcomes { jitter.add(outcome.report, seed: outcome.seed) }
        let verdict = jitter.verdict()
        guard verdict.isUniform == false else { return ([], verdict.count > 0 ? [verdict.description] : []) }
        return ([Failure(source: .rule("SIG-02"), message: verdict.description)], [])
    }
}
