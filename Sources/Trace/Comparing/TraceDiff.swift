/// Where two traces that should be the same first differ.
public struct TraceDiff: Hashable, Sendable {
    /// The first event that differs, counted from 0; nil when the headers do.
    public let index: Int?
    /// The events of both before that, at most as many as were asked for.
    public let before: [TraceEvent]
    /// What the left trace has from there on; empty if it ends there.
    public let left: [TraceEvent]
    /// What the right trace has from there on; empty if it ends there.
    public let right: [TraceEvent]
    private let headers: (left: TraceHeader, right: TraceHeader)

    /// Compares two traces; nil when they are the same.
    ///
    /// - Parameter context: how many events are kept before and after the divergence.
    public init?(_ left: TraceLog, _ right: TraceLog, context: Int = 3) {
        headers = (left.header, right.header)
        let common = zip(left.events, right.events).prefix { $0 == $1 }.count
        let isSame = common == left.events.count && common == right.events.count
        if isSame, left.header == right.header { return nil }
        index = isSame ? nil : common
        before = isSame ? [] : Array(left.events[max(0, common - context)..<common])
        self.left = isSame ? [] : Array(left.events[common...].prefix(context + 1))
        self.right = isSame ? [] : Array(right.events[common...].prefix(context + 1))
    }

    /// Equal when they show the same.
    public static func == (left: TraceDiff, right: TraceDiff) -> Bool { left.description == right.description }

    /// Feeds what is shown.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension TraceDiff: CustomStringConvertible {
    /// A few aligned lines: what both have, then `-` what only the left and `+` what only the right trace has.
    public var description: String {
        guard let index else {
            return "the traces differ in their header\n- \(Self.text(headers.left))\n+ \(Self.text(headers.right))\n"
        }
        let columns = TraceText(for: before + left + right)
        var text = "the traces differ from event \(index + 1) on"
        if let time = (left.first ?? right.first)?.timeNs { text += ", at \(SecondsText.text(ns: time)) s" }
        text += "\n"
        for event in before { text += "  \(columns.line(event))\n" }
        text += Self.lines(left, mark: "-", columns) + Self.lines(right, mark: "+", columns)
        if let first = left.first, let second = right.first, columns.line(first) == columns.line(second) {
            // What a person reads is the same; then the bytes tell.
            text += "- \(String(decoding: first.line, as: UTF8.self))\n+ \(String(decoding: second.line, as: UTF8.self))\n"
        }
        return text
    }

    private static func lines(_ events: [TraceEvent], mark: String, _ columns: TraceText) -> String {
        guard !events.isEmpty else { return "\(mark) (ends here)\n" }
        return events.map { "\(mark) \(columns.line($0))\n" }.joined()
    }

    private static func text(_ header: TraceHeader) -> String {
        "scenario \"\(TraceText.printable(header.scenario))\"" + (header.seed.map { ", seed \($0)" } ?? "")
    }
}
