/// What became of one expectation in one run.
public struct ExpectationResult: Sendable {
    /// The expectation.
    public var expectation: Scenario.Expectation
    /// Whether it held.
    public var passed: Bool
    /// If it did not: what was expected and what was there instead, in words. Empty otherwise.
    public var message: String
    /// The instant that shows it, in nanoseconds since the start, if there is one.
    public var timeNs: Int64?
    /// The index of the event in the trace that shows it, if there is one.
    public var traceIndex: Int?

    /// Where the expectation is written.
    public var position: SourcePosition { expectation.position }
}

/// Why an expectation did not hold.
struct Miss {
    var message: String
    var timeNs: Int64?
    var traceIndex: Int?

    init(_ message: String, timeNs: Int64? = nil, traceIndex: Int? = nil) {
        self.message = message
        self.timeNs = timeNs
        self.traceIndex = traceIndex
    }
}
