import Trace

/// Checkers that are asked together.
public struct ConformanceSuite: Sendable {
    private let checkers: [any Checker]

    /// What holds in every run without being asked for.
    public static let invariants = ConformanceSuite(checkers: [
        OneSocketChecker(), RequestChecker(), SecretChecker(), AgreementChecker(), LeakChecker(), StateChecker(), CloseChecker(),
    ])

    /// All rules of the signalling layer, the invariants included.
    public static let signalling = ConformanceSuite(
        checkers: [
            BackoffChecker(), EndingChecker(), TokenChecker(), TimeoutChecker(), WatchdogChecker(), PathChangeChecker(), ReplayChecker(),
            PacingChecker(), WireChecker(),
        ] + invariants.checkers)

    /// The names by which a scenario asks for single checkers, in order.
    public static let names: [String] = signalling.checkers.map { type(of: $0).name }

    private init(checkers: [any Checker]) { self.checkers = checkers }

    /// The checkers of these names; nil if one is not among ``names``.
    public init?(named names: [String]) {
        var chosen: [any Checker] = []
        for name in names {
            guard let checker = Self.signalling.checkers.first(where: { type(of: $0).name == name }) else { return nil }
            chosen.append(checker)
        }
        checkers = chosen
    }

    /// The rules that these checkers can find violated, in the spec's order.
    public var rules: [RuleID] { Set(checkers.flatMap { type(of: $0).rules }).sorted() }

    /// Reads the trace once and asks every checker.
    public func check(_ log: TraceLog, context: CheckContext = CheckContext()) -> CheckReport {
        let evidence = Evidence(log, context: context)
        var report = CheckReport()
        for checker in checkers { checker.check(evidence, &report) }
        return report
    }
}
