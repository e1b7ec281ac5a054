import Trace

/// One violation, in words.
public struct Finding: Hashable, Sendable {
    /// The rule.
    public let rule: RuleID
    /// The client (or `run`) that violated it.
    public let who: String
    /// When, in nanoseconds of the trace.
    public let timeNs: Int64
    /// The trace's event that shows it, so that a report can print the lines before.
    public let eventIndex: Int
    /// What happened and what the spec says.
    public let message: String
    /// Figures that explain it.
    public let table: FindingTable?
}

/// Aligned columns below a finding.
public struct FindingTable: Hashable, Sendable {
    /// The columns' names.
    public let columns: [String]
    /// The rows; each has a cell for every column.
    public let rows: [[String]]

    /// The table as lines: every column but the last is right-aligned.
    public var lines: [String] {
        var text = TextColumns(columns.indices.map { $0 == columns.count - 1 ? .left : .right }, gap: 3)
        for row in [columns] + rows { text.append(row) }
        return text.lines
    }
}

extension Finding: CustomStringConvertible {
    /// `SIG-01  attempt 4 came ...` and the table below it.
    public var description: String {
        var text = "\(rule)  \(message)"
        if let table { text += "\n\n" + table.lines.map { "    \($0)\n" }.joined() }
        return text
    }

    /// The trace's lines that lead up to the finding, the last one marked.
    ///
    /// - Parameter count: how many lines at most.
    public func context(in log: TraceLog, count: Int = 3) -> [String] {
        guard log.events.indices.contains(eventIndex) else { return [] }
        let own = log.events[...eventIndex].indices.reversed().filter { log.events[$0].who == who || $0 == eventIndex }.prefix(count)
            .reversed()
        let events = own.map { log.events[$0] }
        let columns = TraceText(for: events)
        return events.enumerated().map { offset, event in
            columns.line(event) + (offset == events.count - 1 ? "      <- here" : "")
        }
    }
}
