import CompactJSON

/// The first place where two plays of a case differ.
public struct LineDifference: Hashable, Sendable {
    /// Which sequence differs.
    public var sequence: ComparedSequence
    /// The expected line, or nil if there should be no more.
    public var expected: GoldenLine?
    /// The line that came, or nil if no more came.
    public var actual: GoldenLine?
    /// The last lines of the sequence that still matched, as expected.
    public var context: [GoldenLine]
}

/// A sequence of lines that must match exactly. Lines of different sequences are not ordered against each other (FORMAT.md, "How to compare").
public enum ComparedSequence: String, Hashable, Sendable, CaseIterable {
    /// What the client does and reports.
    case client
    /// How the application's calls end.
    case appResult = "app result"
    /// When the client asks for tokens and gives up waiting for one, and what is open at the application's dumps and at the end.
    case appState = "app state"

    func contains(_ line: GoldenLine) -> Bool {
        switch self {
        case .client: line.who == "client"
        case .appResult: line.isAbout("app", "result")
        case .appState: line.who == "app" && ["tokenCall", "tokenCancelled", "dump", "end"].contains(line.what)
        }
    }
}

/// Compares lines as FORMAT.md says: for each sequence the lines, their order and their times.
public struct LineComparison: Sendable {
    /// By how many milliseconds a time may differ.
    public var toleranceMilliseconds: Int64

    /// The comparison for a case: exact, or within 1 ms if its jitter has fractions of a millisecond.
    public init(for random: RandomScript) { toleranceMilliseconds = random.hasFractions ? 1 : 0 }

    private static let contextLength = 3

    /// The first difference of the first sequence that differs, or nil.
    public func firstDifference(expected: [GoldenLine], actual: [GoldenLine]) -> LineDifference? {
        for sequence in ComparedSequence.allCases {
            let expected = expected.filter(sequence.contains)
            let actual = actual.filter(sequence.contains)
            for index in 0..<max(expected.count, actual.count) {
                let wanted = expected.indices.contains(index) ? expected[index] : nil
                let got = actual.indices.contains(index) ? actual[index] : nil
                if let wanted, let got, matches(wanted, got) { continue }
                let context = expected[max(0, min(index, expected.count) - Self.contextLength)..<min(index, expected.count)]
                return LineDifference(sequence: sequence, expected: wanted, actual: got, context: Array(context))
            }
        }
        return nil
    }

    /// Whether a line that came is the one that was expected.
    public func matches(_ expected: GoldenLine, _ actual: GoldenLine) -> Bool {
        guard expected.who == actual.who, expected.what == actual.what else { return false }
        guard abs(expected.milliseconds - actual.milliseconds) <= toleranceMilliseconds else { return false }
        let keys = Set(expected.fields.map(\.key)).union(actual.fields.map(\.key))
        return keys.allSatisfy { memberMatches($0, expected, actual) }
    }

    private func memberMatches(_ key: String, _ expected: GoldenLine, _ actual: GoldenLine) -> Bool {
        let wanted = expected.fields[key]
        let got = actual.fields[key]
        switch (expected.what, key) {
        case ("result", "text"), ("TokenProviderError", "text"):
            return true
        case ("result", "error"):
            guard let wanted = wanted?.stringValue, let got = got?.stringValue.flatMap(ErrorKind.init(rawValue:)) else {
                return wanted == nil && got == nil
            }
            return ErrorKind.official(wanted, call: expected.string("do") ?? "").contains(got)
        case ("Disconnected", "reason")
        where expected.integer("code") == 1006 && Self.dialFailureReasons.contains(wanted?.stringValue ?? ""):
            return true
        default:
            guard let wanted, let got else { return wanted == nil && got == nil }
            return wanted.means(got)
        }
    }

    /// What the official SDK gives as the reason of a 1006 whose dial failed: names of Python types, so no text of ours can equal them.
    static let dialFailureReasons: Set<String> = ["ConnectionRefusedError", "TimeoutError", "handshake rejected"]
}
