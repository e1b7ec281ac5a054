/// Something wrong with a scenario file, in words that say what to write instead.
public struct Diagnostic: Error, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Where.
    public var position: SourcePosition
    /// What is wrong and what would be right.
    public var message: String

    /// A finding at a place.
    public init(_ position: SourcePosition, _ message: String) {
        self.position = position
        self.message = message
    }

    /// `file:line:column: message`
    public var description: String { "\(position): \(message)" }

    /// By position, then text.
    public static func < (lhs: Diagnostic, rhs: Diagnostic) -> Bool {
        (lhs.position, lhs.message) < (rhs.position, rhs.message)
    }
}

/// Collects findings; the same finding of several members of a matrix counts once.
final class Diagnostics {
    /// More than this many help nobody.
    static let limit = 200

    private(set) var all: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private var spoiled: Set<SourcePosition> = []

    var isEmpty: Bool { all.isEmpty }

    var isFull: Bool { all.count >= Self.limit }

    func report(_ position: SourcePosition, _ message: String) {
        let diagnostic = Diagnostic(position, message)
        guard all.count < Self.limit, !spoiled.contains(position), seen.insert(diagnostic).inserted else { return }
        all.append(diagnostic)
    }

    /// Reports, and ignores what is said about this place from now on: it could only repeat the mistake in other words.
    func reportFinal(_ position: SourcePosition, _ message: String) {
        report(position, message)
        spoiled.insert(position)
    }

    var sorted: [Diagnostic] { all.sorted() }
}
