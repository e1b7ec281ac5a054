import CompactJSON

/// What the comparison of many cases says.
public struct GoldenReport: Hashable, Sendable {
    /// Every case, in order of name.
    public var results: [CaseResult]

    /// A report of these results.
    public init(results: [CaseResult]) { self.results = results.sorted { $0.name < $1.name } }

    /// One report of two folders.
    public func merging(_ other: GoldenReport) -> GoldenReport { GoldenReport(results: results + other.results) }

    /// A transformation and how many cases it explains.
    public struct Use: Hashable, Sendable {
        /// What the transformation is called.
        public var name: String
        /// The rule behind it.
        public var rule: String
        /// How many cases it changed the expectation of.
        public var cases: Int
    }

    /// Every transformation with its use, in the order of application.
    public var uses: [Use] {
        Transformation.all.map { transformation in
            Use(
                name: transformation.name, rule: transformation.rule,
                cases: results.count { $0.verdict.transformations.contains(transformation.name) })
        }
    }

    /// Transformations that changed nothing. Over the cases shipped with the project that is a mistake: a rule that nothing shows. Over a folder of
    /// someone's own it is not, since no folder needs to show every difference.
    public var unusedTransformations: [String] { uses.filter { $0.cases == 0 }.map(\.name) }

    /// Results by the name of their verdict.
    public func results(_ verdict: String) -> [CaseResult] { results.filter { $0.verdict.name == verdict } }

    /// The status a command ends with: 2 if a file is broken, 1 if a case differs or (strictly) a transformation is not used, else 0.
    ///
    /// - Parameter strict: whether each transformation must be used: right for the shipped cases.
    public func exitStatus(strict: Bool) -> Int32 {
        if !results("broken").isEmpty { return 2 }
        if !results("differing").isEmpty || strict && !unusedTransformations.isEmpty { return 1 }
        return 0
    }

    /// Why cases were not compared, with the number of cases, in order of the reason.
    var obstacles: [(reason: String, cases: Int)] {
        var counts: [String: Int] = [:]
        for result in results {
            if case .notComparable(let reason) = result.verdict { counts[reason, default: 0] += 1 }
        }
        return counts.sorted { $0.key < $1.key }.map { (reason: $0.key, cases: $0.value) }
    }

    /// The calls that our API does not have, with how often the cases make them, in order of the name.
    var missingCalls: [(name: String, calls: Int)] {
        var counts: [String: Int] = [:]
        for result in results { counts.merge(result.missingCalls, uniquingKeysWith: +) }
        return counts.sorted { $0.key < $1.key }.map { (name: $0.key, calls: $0.value) }
    }
}
