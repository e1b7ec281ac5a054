import Conformance
import Trace

/// One thing that went against the spec or an expectation, told so that it can be read without the trace.
public struct Failure: Sendable {
    /// What was violated.
    public enum Source: Hashable, Sendable {
        /// A rule of the spec, by its ID.
        case rule(String)
        /// An entry of the scenario's `expect`.
        case expectation
        /// Something that holds in every run without being asked for.
        case invariant(String)

        /// The word in front of the message: the rule's ID, `expect` or the invariant's name.
        public var label: String {
            switch self {
            case .rule(let id): return id
            case .expectation: return "expect"
            case .invariant(let name): return name
            }
        }
    }

    /// What was violated.
    public var source: Source
    /// One or two sentences: what happened, and what should have.
    public var message: String
    /// Lines that explain further, such as the table of all attempts.
    public var details: [String]
    /// The instant, in nanoseconds of simulated time, if there is one.
    public var timeNanoseconds: Int64?
    /// The line of the scenario file that asked for it, if one did.
    public var line: Int?
    /// The index of the trace event that shows it, if one does.
    public var traceIndex: Int?

    /// Makes a failure from its parts.
    public init(
        source: Source, message: String, details: [String] = [], timeNanoseconds: Int64? = nil, line: Int? = nil, traceIndex: Int? = nil
    ) {
        self.source = source
        self.message = message
        self.details = details
        self.timeNanoseconds = timeNanoseconds
        self.line = line
        self.traceIndex = traceIndex
    }
}

/// What one run - one scenario with one seed - came to.
public struct RunOutcome: Sendable {
    /// The scenario's name, its variant's suffix included.
    public var name: String
    /// The scenario's file, as the user named it.
    public var file: String
    /// Where the scenario's `name` stands in the file.
    public var line: Int
    /// The variant of a matrix, such as `code=4001 when=before`; nil where there is no matrix.
    public var variant: String?
    /// The scenario as it was run: a file that stands for itself.
    public var resolvedYAML: String
    /// The seed of every random stream.
    public var seed: UInt64
    /// How much virtual time passed.
    public var simulatedNanoseconds: Int64
    /// How many events the simulation's kernel executed.
    public var kernelEvents: UInt64
    /// How much real time the run took, checks included.
    public var wallNanoseconds: Int64
    /// Everything that went wrong, in the order of the instants.
    public var failures: [Failure]
    /// How many events the trace has.
    public var traceEventCount: Int
    /// The trace's hash: equal for equal runs, across processes and builds.
    public var traceHash: UInt64
    /// The trace itself, kept if the run failed or if it was asked for.
    public var trace: TraceLog?
    /// The rules that the scenario says it is about.
    public var declaredRules: [String]
    /// What the spec's checkers saw of each rule.
    public var report: CheckReport
    /// Figures that the scenario printed, such as the peak of a reconnect herd.
    public var notes: [String]

    /// Whether nothing went wrong.
    public var passed: Bool { failures.isEmpty }
}
