/// Whether the jitter of many runs is uniform over the spec's band (SIG-02).
///
/// A single wait inside the band proves little: a ratio of 0.1 where the spec says 0.2, three fixed values, or no jitter at all stay inside. Over
/// many draws three statistics tell:
/// - **Kolmogorov-Smirnov** against the uniform distribution: the largest gap D between the two distribution functions, with Stephens'
///   finite-sample correction (JASA 69, 1974) and the asymptotic distribution of Kolmogorov;
/// - **range**: how likely it is that the smallest and the largest of n draws lie so close together, n r^(n-1) - (n-1) r^n. It sees a band that
///   is slightly too narrow long before Kolmogorov-Smirnov does;
/// - **ties**: equal draws, which a continuous distribution does not have (Poisson, at the resolution of the trace's clock).
///
/// Only basic arithmetic is used, so that the figures are the same on every platform.
public struct JitterUniformity: Sendable {
    /// Below this probability that uniform jitter would look like this, the verdict is "not uniform". The three tests share it.
    public static let significance = 0.001
    /// Fewer draws than this are not judged.
    public static let fewestSamples = 100

    /// What the draws say.
    public struct Verdict: Hashable, Sendable {
        /// How many draws there were.
        public let count: Int
        /// Kolmogorov-Smirnov's D.
        public let statistic: Double
        /// Its probability under uniform jitter.
        public let pValue: Double
        /// The probability of so small a range.
        public let rangePValue: Double
        /// The probability of so many ties.
        public let tiesPValue: Double
        /// Draws outside the band.
        public let outside: Int
        /// nil: not enough draws.
        public let isUniform: Bool?
        /// One line for a report.
        public let description: String
    }

    private var seen: Set<Draw> = []
    private var units: [Double] = []
    /// How many different values the trace can tell apart across the band of the shortest delay.
    let distinctValues: Double

    private struct Draw: Hashable {
        let seed: UInt64
        let sample: String
        let number: Int
    }

    /// No draws yet.
    ///
    /// - Parameter clockResolutionNs: the step of the clock that stamped the trace: 1 in a simulation, 1,000,000 for a log in milliseconds.
    public init(clockResolutionNs: Int64 = 1) {
        let spec = SignallingSpec()
        distinctValues = max(1, 2 * spec.jitterRatio * Double(spec.initialDelay.value) / Double(max(1, clockResolutionNs)))
    }

    /// How many draws were taken.
    public var count: Int { units.count }

    /// Takes the draws of one run. The same draw of the same client under the same seed is taken once, whichever scenario shows it: it is the same
    /// number of the same random stream.
    public mutating func add(_ report: CheckReport, seed: UInt64) {
        for sample in report.jitterSamples where seen.insert(Draw(seed: seed, sample: sample.who, number: sample.draw)).inserted {
            units.append(sample.unit)
        }
    }

    /// Judges the draws taken so far.
    public func verdict() -> Verdict {
        let sorted = units.sorted()
        let d = Self.kolmogorovSmirnov(sorted)
        let p = Self.kolmogorovProbability(d: d, count: sorted.count)
        let range = Self.rangeProbability(sorted)
        let ties = tiesProbability(sorted)
        // Rounding of a delay to nanoseconds moves a draw by less than this.
        let outside = sorted.filter { $0 < -1e-6 || $0 > 1 + 1e-6 }.count
        let isJudged = sorted.count >= Self.fewestSamples
        let isUniform = outside == 0 && [p, range, ties].allSatisfy { $0 >= Self.significance / 3 }
        return Verdict(
            count: sorted.count, statistic: d, pValue: p, rangePValue: range, tiesPValue: ties, outside: outside,
            isUniform: isJudged ? isUniform : nil,
            description: Self.text(count: sorted.count, d: d, p: p, range: range, ties: ties, outside: outside, isJudged ? isUniform : nil))
    }

    private static func text(
        count: Int, d: Double, p: Double, range: Double, ties: Double, outside: Int, _ isUniform: Bool?
    ) -> String {
        guard let isUniform else { return "jitter: \(count) draws are not enough to judge; \(fewestSamples) are" }
        let figures =
            "Kolmogorov-Smirnov D \(decimals(d)), p \(decimals(p)); range p \(decimals(range)); ties p \(decimals(ties)); "
            + "outside the band \(outside)"
        return "jitter: \(count) draws are \(isUniform ? "" : "not ")uniform over the band (\(figures))"
    }

    private static func decimals(_ value: Double) -> String {
        let text = Nanoseconds(clamping: value * 1_000_000_000).text
        return text == "0.000" && value > 0 ? "< 0.001" : text
    }
}
