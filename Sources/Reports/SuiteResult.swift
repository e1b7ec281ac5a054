import ScenarioKit

/// The outcomes of a whole suite, in the order in which the scenarios were given.
public struct SuiteResult: Sendable {
    /// Every run.
    public var outcomes: [RunOutcome]
    /// Failures of the suite as a whole, such as a jitter that is not uniform over all runs.
    public var suiteFailures: [Failure]
    /// What the suite as a whole measured, in sentences.
    public var suiteNotes: [String]
    /// How much real time the suite took.
    public var wallNanoseconds: Int64

    /// Makes the result of a suite.
    public init(outcomes: [RunOutcome], suiteFailures: [Failure], suiteNotes: [String], wallNanoseconds: Int64) {
        self.outcomes = outcomes
        self.suiteFailures = suiteFailures
        self.suiteNotes = suiteNotes
        self.wallNanoseconds = wallNanoseconds
    }

    /// Whether every run and the suite as a whole passed.
    public var passed: Bool { suiteFailures.isEmpty && outcomes.allSatisfy(\.passed) }
    /// The runs that failed.
    public var failed: [RunOutcome] { outcomes.filter { !$0.passed } }
    /// The simulated time of all runs together.
    public var simulatedNanoseconds: Int64 { outcomes.reduce(0) { $0 &+ $1.simulatedNanoseconds } }

    /// The runs of one scenario, all seeds together, in order.
    public var scenarios: [ScenarioRuns] {
        var result: [ScenarioRuns] = []
        for outcome in outcomes {
            if let last = result.last, last.file == outcome.file, last.name == outcome.name {
                result[result.count - 1].outcomes.append(outcome)
            } else {
                result.append(ScenarioRuns(file: outcome.file, name: outcome.name, outcomes: [outcome]))
            }
        }
        return result
    }
}

/// The runs of one scenario.
public struct ScenarioRuns: Sendable {
    /// The scenario's file.
    public var file: String
    /// The scenario's name.
    public var name: String
    /// A run a seed.
    public var outcomes: [RunOutcome]

    /// Whether every seed passed.
    public var passed: Bool { outcomes.allSatisfy(\.passed) }

    /// The folder that the file stands in, without the folders that lead to it: `signalling/`.
    var folder: String {
        let parts = file.split(separator: "/")
        return parts.count > 1 ? parts[parts.count - 2] + "/" : ""
    }
}
