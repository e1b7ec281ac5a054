import ScenarioKit

/// Failures as workflow commands that GitHub shows beside the scenario's line.
public enum GitHubAnnotations {
    /// An `::error` line a failed run.
    public static func lines(_ result: SuiteResult) -> [String] {
        result.failed.compactMap { outcome in
            guard let failure = outcome.failures.first else { return nil }
            let place = "file=\(property(outcome.file)),line=\(failure.line ?? outcome.line)"
            let title = property("\(outcome.name) (seed \(outcome.seed))")
            return "::error \(place),title=\(title)::\(data("\(failure.source.label): \(failure.message)"))"
        }
            + result.suiteFailures.map { "::error title=the suite as a whole::\(data("\($0.source.label): \($0.message)"))" }
    }

    private static func data(_ text: String) -> String {
        replace(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    private static func property(_ text: String) -> String {
        replace(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func replace(_ text: String, _ table: [Character: String]) -> String {
        text.reduce(into: "") { $0 += table[$1] ?? String($1) }
    }
}
