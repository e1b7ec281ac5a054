import CompactJSON

/// What the comparison says of one case.
public enum CaseVerdict: Hashable, Sendable {
    /// Every line as in the golden.
    case matched
    /// Every line as in the golden after these transformations.
    case explained([String])
    /// The case cannot be played; why.
    case notComparable(String)
    /// The first line that no transformation explains, and the transformations that were applied.
    case differing(LineDifference, transformations: [String])
    /// The case or its golden cannot be used; `file: message`.
    case broken(String)

    /// The name in reports.
    public var name: String {
        switch self {
        case .matched: "matched"
        case .explained: "explained"
        case .notComparable: "not comparable"
        case .differing: "differing"
        case .broken: "broken"
        }
    }

    /// The transformations behind the expected lines.
    public var transformations: [String] {
        switch self {
        case .explained(let names), .differing(_, let names): names
        case .matched, .notComparable, .broken: []
        }
    }
}

/// One case and what the comparison says of it.
public struct CaseResult: Hashable, Sendable {
    /// The case's name.
    public var name: String
    /// What the comparison says of it.
    public var verdict: CaseVerdict
    /// How often the case makes each call that our API does not have.
    public var missingCalls: [String: Int] = [:]

    /// Plays a case and compares it with its golden.
    static func of(_ scripted: GoldenCase, golden: [GoldenLine]) -> CaseResult {
        var result = CaseResult(name: scripted.name, verdict: .matched)
        for case .peer(.rebuild) in scripted.app.map(\.call) {
            result.missingCalls[PeerCall.Name.rebuild.rawValue, default: 0] += 1
        }
        switch CasePlay.play(scripted) {
        case .notPlayable(let reason): result.verdict = .notComparable(reason)
        case .played(let lines):
            let (expected, used) = Transformation.expectation(golden: golden, scripted: scripted)
            if let difference = LineComparison(for: scripted.random).firstDifference(expected: expected, actual: lines) {
                result.verdict = .differing(difference, transformations: used)
            } else if !used.isEmpty {
                result.verdict = .explained(used)
            }
        }
        return result
    }
}
