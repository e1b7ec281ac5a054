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
public enum ComparedSequence: Hashable, Sendable {
    /// What the client does and reports.
    case client
    /// What the peer reports.
    case peer
    /// What a remote peer's object reports.
    case remote(String)
    /// How the application's calls end.
    case appResult
    /// When the client asks for tokens and gives up waiting for one, and what is open at the application's dumps and at the end.
    case appState

    /// The name in reports.
    public var name: String {
        switch self {
        case .client: "client"
        case .peer: "peer"
        case .remote(let who): who
        case .appResult: "app result"
        case .appState: "app state"
        }
    }

    /// The sequence a line belongs to, or nil if it is not compared: what the service does, and peer connections (SPEC section 6).
    static func of(_ line: GoldenLine) -> ComparedSequence? {
        switch line.who {
        case "client": .client
        case "peer": .peer
        case "app" where line.what == "result": .appResult
        case "app" where ["tokenCall", "tokenCancelled", "dump", "end"].contains(line.what): .appState
        default: line.who.hasPrefix("remote:") ? .remote(line.who) : nil
        }
    }

    /// The sequences of these lines: first what the SDK does and reports, then what the application saw of it.
    static func all(in lines: [GoldenLine]) -> [ComparedSequence] {
        let remotes = Set(lines.map(\.who).filter { $0.hasPrefix("remote:") }).sorted()
        return [.client, .peer] + remotes.map { .remote($0) } + [.appResult, .appState]
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
        for sequence in ComparedSequence.all(in: expected + actual) {
            let expected = expected.filter { ComparedSequence.of($0) == sequence }
            let actual = actual.filter { ComparedSequence.of($0) == sequence }
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
        case ("result", "text"), ("TokenProviderError", "text"), ("FatalError", "text"), ("NegotiationError", "text"),
            ("IceCandidateError", "text"), ("FatalError", "code"):
            return true
        // Peer connections are not compared (SPEC section 6): ours restarts ICE where the official SDK makes new ones.
        case ("dump", "openPcs"), ("end", "openPcs"), ("dump", "openPcCount"), ("end", "openPcCount"):
            return true
        case ("dump", "lastRemote"), ("end", "lastRemote"):
            return wanted.map { wanted in got.map { $0.means(wanted) || $0["id"]?.means(wanted) ?? false } ?? false } ?? (got == nil)
        case ("result", "error"), ("FatalError", "error"), ("NegotiationError", "error"), ("IceCandidateError", "error"):
            guard let wanted = wanted?.stringValue, let got = got?.stringValue.flatMap(ErrorKind.init(rawValue:)) else {
                return wanted == nil && got == nil
            }
            return Self.kinds(wanted, of: expected).contains(got)
        case ("Left", "reason") where Self.dialFailureReasons.contains(wanted?.stringValue ?? ""): return got?.stringValue != nil
        case ("Disconnected", "reason")
        where expected.integer("code") == 1006 && Self.dialFailureReasons.contains(wanted?.stringValue ?? ""):
            return true
        default:
            guard let wanted, let got else { return wanted == nil && got == nil }
            return wanted.means(got)
        }
    }

    /// What an official error type of a line may stand for.
    private static func kinds(_ name: String, of line: GoldenLine) -> Set<ErrorKind> {
        switch line.what {
        case "FatalError": ErrorKind.officialFatal(name, text: line.string("text") ?? "")
        case "NegotiationError": ErrorKind.officialNegotiation(name)
        default: ErrorKind.official(name, call: line.string("do") ?? "")
        }
    }

    /// What the official SDK gives as the reason of a 1006 whose dial failed: names of Python types, so no text of ours can equal them.
    static let dialFailureReasons: Set<String> = ["ConnectionRefusedError", "TimeoutError", "handshake rejected"]
}
