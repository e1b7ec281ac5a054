import CompactJSON
import MeteredRealtime
import NIOCore
import SimulationKernel

/// Collects the lines of one play, in the vocabulary of the goldens. Confined to the simulation's thread.
final class LineRecorder {
    /// A play that produces more lines than this does not end by itself and is stopped.
    static let lineLimit = 100_000

    private let simulation: Simulation
    private var isRecording = true
    private(set) var lines: [GoldenLine] = []
    /// Called for each line right after it was recorded.
    var onLine: (GoldenLine) -> Void = { _ in }

    /// Whether the play was stopped because it produced too many lines.
    var isOverfull: Bool { lines.count >= Self.lineLimit }

    /// The user-name fragments of the play by their pseudonyms: the SDK's diagnostics show nothing else (SIG-17).
    private var userFragments: [String: String] = [:]

    init(simulation: Simulation) { self.simulation = simulation }

    /// A user-name fragment that lines shall show as it is.
    func show(userFragment: String) { userFragments[Redaction.pseudonym(forUsernameFragment: userFragment)] = userFragment }

    func record(_ who: String, _ what: String, _ fields: JSONObject = [:]) {
        guard isRecording else { return }
        var fields = fields
        if let fragment = fields["ufrag"]?.stringValue.flatMap({ userFragments[$0] }) { fields["ufrag"] = .string(fragment) }
        let line = GoldenLine(Self.milliseconds(nanoseconds: simulation.now.uptimeNanoseconds), who, what, fields)
        lines.append(line)
        if isOverfull { simulation.stop() }
        onLine(line)
    }

    /// What happens from now on is tidying up and is not recorded.
    func finish() { isRecording = false }

    /// Whole microseconds, rounded to milliseconds, halves to even (FORMAT.md, "Time and order").
    static func milliseconds(nanoseconds: UInt64) -> Int64 {
        let microseconds = (nanoseconds + 500) / 1000
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        let roundsUp = rest > 500 || rest == 500 && !whole.isMultiple(of: 2)
        return Int64(clamping: whole + (roundsUp ? 1 : 0))
    }
}
