import CompactJSON
import ScenarioKit

/// A suite as one JSON object, for programs.
public enum JSONReport {
    /// The object; instants and lengths are nanoseconds, hashes are hexadecimal text.
    public static func value(_ result: SuiteResult) -> JSONValue {
        [
            "faultlineReport": 1,
            "passed": .bool(result.passed),
            "runs": .integer(Int64(result.outcomes.count)),
            "failedRuns": .integer(Int64(result.failed.count)),
            "simulatedNs": .integer(result.simulatedNanoseconds),
            "wallNs": .integer(result.wallNanoseconds),
            "suiteFailures": .array(result.suiteFailures.map(failure)),
            "suiteNotes": .array(result.suiteNotes.map(JSONValue.string)),
            "outcomes": .array(result.outcomes.map(outcome)),
        ]
    }

    private static func outcome(_ outcome: RunOutcome) -> JSONValue {
        [
            "name": .string(outcome.name),
            "file": .string(outcome.file),
            "variant": outcome.variant.map(JSONValue.string) ?? .null,
            "seed": .string(String(outcome.seed)),
            "passed": .bool(outcome.passed),
            "simulatedNs": .integer(outcome.simulatedNanoseconds),
            "wallNs": .integer(outcome.wallNanoseconds),
            "traceEvents": .integer(Int64(outcome.traceEventCount)),
            "traceHash": .string(hexadecimal(outcome.traceHash)),
            "notes": .array(outcome.notes.map(JSONValue.string)),
            "exercised": .array(outcome.report.results.filter(\.isExercised).map { .string("\($0.rule)") }),
            "failures": .array(outcome.failures.map(failure)),
        ]
    }

    private static func failure(_ failure: Failure) -> JSONValue {
        [
            "rule": .string(failure.source.label),
            "message": .string(failure.message),
            "details": .array(failure.details.map(JSONValue.string)),
            "timeNs": failure.timeNanoseconds.map(JSONValue.integer) ?? .null,
            "line": failure.line.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    /// Sixteen lower-case digits.
    public static func hexadecimal(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
