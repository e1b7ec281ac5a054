import NIOCore

/// One comparison of the model with a measurement on real software.
public struct FidelityRow: Sendable {
    /// Whether they agree.
    public enum Verdict: String, Sendable {
        /// What was measured is possible in the model, and usual: the lowest and highest measurement are within what the model gives, and of the
        /// model's runs at least a quarter is within what was measured, or 1 in 20 if there was one measurement.
        case agrees
        /// Not so; the explanation says why. What was measured to happen never must never happen in the model.
        case differs
        /// Not so, and known: the explanation says why it must be so.
        case explained
    }

    /// What was measured.
    public let what: String
    /// The lowest and the highest measured, as far as it was written down; nil if it never happened.
    public let measured: ClosedRange<TimeAmount>?
    /// Everything that the model gave, sorted.
    public let model: [TimeAmount]
    /// How many of the model's runs are within what was measured.
    public let matching: Int
    /// How many runs of the model the row is about.
    public let runs: Int
    /// Whether they agree.
    public private(set) var verdict: Verdict
    /// Where the measurement comes from, and what explains a difference.
    public private(set) var explanation: String

    /// Compares. `resolution` is half of the last digit that was written down.
    public init(_ what: String, measured: ClosedRange<TimeAmount>, resolution: TimeAmount, model: [TimeAmount], explanation: String) {
        let model = model.sorted()
        self.what = what
        self.measured = measured
        self.model = model
        runs = model.count
        self.explanation = explanation
        let accepted = measured.lowerBound - resolution...measured.upperBound + resolution
        matching = model.count { accepted.contains($0) }
        guard let lowest = model.first, let highest = model.last else {
            verdict = .differs
            return
        }
        let isPossible = measured.lowerBound + resolution >= lowest && measured.upperBound - resolution <= highest
        let isUsual = matching * (measured.lowerBound == measured.upperBound ? 20 : 4) >= model.count
        verdict = isPossible && isUsual ? .agrees : .differs
    }

    /// Compares what never happened in the laboratory with when it happened in the model's runs, if it did.
    public init(_ what: String, neverIn runs: Int, model: [TimeAmount], explanation: String) {
        self.what = what
        measured = nil
        self.model = model.sorted()
        matching = runs - model.count
        self.runs = runs
        verdict = model.isEmpty ? .agrees : .differs
        self.explanation = explanation
    }

    /// The row with the reason for which it may differ; without effect where it agrees.
    public func explained(by reason: String) -> FidelityRow {
        guard verdict == .differs else { return self }
        var row = self
        row.verdict = .explained
        row.explanation += "; " + reason
        return row
    }

    /// The lowest and highest of the model.
    public var range: ClosedRange<TimeAmount>? {
        guard let lowest = model.first, let highest = model.last else { return nil }
        return lowest...highest
    }

    /// The middle of the model's runs.
    public var median: TimeAmount? { model.isEmpty ? nil : model[model.count / 2] }

    /// What ``cells`` are.
    public static let columns = ["what", "measured", "model", "median", "within", "verdict", "explanation"]

    /// The row for people; times in seconds.
    public var cells: [String] {
        [
            what, measured.map(Self.text) ?? "never", range.map(Self.text) ?? (measured == nil ? "never" : "-"),
            median.map(Self.text) ?? "-",
            "\(matching)/\(runs)",
            verdict.rawValue,
            explanation,
        ]
    }

    private static func text(_ range: ClosedRange<TimeAmount>) -> String {
        let (low, high) = (text(range.lowerBound), text(range.upperBound))
        return low == high ? low : "\(low) to \(high)"
    }

    /// Seconds with two decimals, rounded.
    private static func text(_ time: TimeAmount) -> String {
        let hundredths = (time.nanoseconds + 5_000_000) / 10_000_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

extension FidelityRow: CustomStringConvertible {
    /// The cells in a line.
    public var description: String { cells.joined(separator: "  ") }
}
