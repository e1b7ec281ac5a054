/// A place in a scenario file. Lines and columns count from 1, as editors show them; columns count Unicode scalars.
public struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The path of the file as it was given to the loader.
    public var file: String
    /// The line, from 1; 0 means the file as a whole.
    public var line: Int
    /// The column, from 1; 0 means the line as a whole.
    public var column: Int

    /// A place in `file`; with neither line nor column the file as a whole.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, shortened where line or column is not known.
    public var description: String {
        guard line > 0 else { return file }
        return column > 0 ? "\(file):\(line):\(column)" : "\(file):\(line)"
    }

    /// `file:line`, for messages about something that runs rather than something that is written wrongly.
    public var fileAndLine: String { line > 0 ? "\(file):\(line)" : file }

    /// By file, then line, then column.
    public static func < (lhs: SourcePosition, rhs: SourcePosition) -> Bool {
        (lhs.file, lhs.line, lhs.column) < (rhs.file, rhs.line, rhs.column)
    }
}
