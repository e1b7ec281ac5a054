import ScenarioKit
import Trace

/// A suite as JUnit XML: a test suite a scenario file, a test case a run.
public enum JUnitReport {
    /// The document.
    public static func xml(_ result: SuiteResult) -> String {
        let failed = result.failed.count + (result.suiteFailures.isEmpty ? 0 : 1)
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
        let total = result.outcomes.count + (result.suiteFailures.isEmpty ? 0 : 1)
        lines.append(
            #"<testsuites name="faultline" tests="\#(total)" failures="\#(failed)" time="\#(SecondsText.text(ns: result.wallNanoseconds))">"#
        )
        for scenario in result.scenarios { lines += suite(scenario) }
        if !result.suiteFailures.isEmpty { lines += wholeSuite(result.suiteFailures) }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func suite(_ scenario: ScenarioRuns) -> [String] {
        let failures = scenario.outcomes.filter { !$0.passed }.count
        let wall = scenario.outcomes.reduce(Int64(0)) { $0 &+ $1.wallNanoseconds }
        let counts = #"tests="\#(scenario.outcomes.count)" failures="\#(failures)" time="\#(SecondsText.text(ns: wall))""#
        return [#"  <testsuite name="\#(escape(scenario.name))" file="\#(escape(scenario.file))" \#(counts)>"#]
            + scenario.outcomes.flatMap(testCase) + ["  </testsuite>"]
    }

    private static func testCase(_ outcome: RunOutcome) -> [String] {
        let name = escape("\(outcome.name) (seed \(outcome.seed))")
        let head =
            #"    <testcase name="\#(name)" classname="\#(escape(outcome.file))" time="\#(SecondsText.text(ns: outcome.wallNanoseconds))""#
        guard !outcome.passed else { return [head + "/>"] }
        return [head + ">"] + outcome.failures.map(failure) + ["    </testcase>"]
    }

    private static func wholeSuite(_ failures: [Failure]) -> [String] {
        [#"  <testsuite name="suite" tests="1" failures="1">"#, #"    <testcase name="the suite as a whole" classname="suite">"#]
            + failures.map(failure) + ["    </testcase>", "  </testsuite>"]
    }

    private static func failure(_ failure: Failure) -> String {
        let message = escape("\(failure.source.label): \(failure.message)")
        return #"      <failure message="\#(message)">\#(escape(failure.details.joined(separator: "\n")))</failure>"#
    }

    /// XML 1.0 allows no control characters but tab, line feed and carriage return.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
