import Trace

/// Checkers that are asked together.
public struct ConformanceSuite: Sendable {
    private let checkers: [any Checker]

    /// What holds in every run without being asked for.
    public static let invariants = ConformanceSuite(checkers: [
        OneSocketChecker(), RequestChecker(), SecretChecker(), AgreementChecker(), LeakChecker(), StateChecker(), CloseChecker(),
        IdentityChecker(), OneConnectionChecker(), PeerSilenceChecker(), RosterTruthChecker(),
    ])

    /// All rules of the signalling layer, the invariants included.
    public static let signalling = ConformanceSuite(
        checkers: [
            BackoffChecker(), EndingChecker(), TokenChecker(), TimeoutChecker(), WatchdogChecker(), PathChangeChecker(), ReplayChecker(),
            PacingChecker(), WireChecker(),
        ] + invariants.checkers)

    /// All rules of the peer layer and of what an application sees, the invariants included.
    public static let peer = ConformanceSuite(checkers: peerCheckers + invariants.checkers)

    /// Every rule that a trace can show.
    public static let all = ConformanceSuite(checkers: peerCheckers + signalling.checkers)

    private static let peerCheckers: [any Checker] = [
        LadderChecker(), LinkStateChecker(), NegotiationChecker(), ReconcileChecker(), RoomChecker(), MediaChecker(), ICEServersChecker(),
        AppChecker(),
    ]

    /// The name of all checkers of a call together.
    private static let callName = "call"

    /// The names by which a scenario asks for single checkers, in order.
    public static let names: [String] = all.checkers.map { type(of: $0).name } + [callName]

    private init(checkers: [any Checker]) { self.checkers = checkers }

    /// The checkers of these names; nil if one is not among ``names``.
    public init?(named names: [String]) {
        var chosen: [any Checker] = []
        for name in names {
            if name == Self.callName {
                chosen += Self.peerCheckers
                continue
            }
            guard let checker = Self.all.checkers.first(where: { type(of: $0).name == name }) else { return nil }
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
        report.tolerance = evidence.tolerance
        for checker in checkers { checker.check(evidence, &report) }
        return report
    }
}
