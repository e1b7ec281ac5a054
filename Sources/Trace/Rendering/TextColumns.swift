/// Text in columns.
public struct TextColumns {
    /// How a column is set.
    public enum Alignment: Sendable { case left, right }

    private var rows: [[String]] = []
    private let alignments: [Alignment]
    private let gap: String

    /// - Parameters:
    ///   - alignments: How each column is set.
    ///   - gap: The spaces between two columns.
    public init(_ alignments: [Alignment], gap: Int = 2) {
        self.alignments = alignments
        self.gap = String(repeating: " ", count: gap)
    }

    /// Adds a row with a cell for every column, or for the first ones.
    public mutating func append(_ row: [String]) { rows.append(row) }

    /// The rows with every column as wide as its widest cell, nothing at the ends of lines.
    public var lines: [String] {
        let widths = alignments.indices.map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, zip(widths, alignments)).map { cell, column in
                let space = String(repeating: " ", count: column.0 - cell.count)
                return column.1 == .left ? cell + space : space + cell
            }
            return String(cells.joined(separator: gap).reversed().drop { $0 == " " }.reversed())
        }
    }
}
