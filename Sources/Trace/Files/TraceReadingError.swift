/// Why a file is not a trace. Its description is one line, `file:line: message`.
public struct TraceReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as the caller named it.
    public var file: String
    /// The line, counted from 1; nil when the whole file is meant.
    public var line: Int?
    /// What is wrong.
    public var message: String

    /// One line for a person, in the form that editors understand.
    public var description: String {
        guard let line else { return "\(file): \(message)" }
        return "\(file):\(line): \(message)"
    }
}

/// How much of a file is read before it is refused, so that a hostile or mistaken one cannot exhaust the machine.
public struct TraceReadingLimits: Hashable, Sendable {
    /// The whole file; default 256 MiB.
    public var fileBytes: Int
    /// One line; default 1 MiB.
    public var lineBytes: Int
    /// Events; default 4 million.
    public var events: Int

    /// The defaults, or others.
    public init(fileBytes: Int = 256 << 20, lineBytes: Int = 1 << 20, events: Int = 4_000_000) {
        self.fileBytes = fileBytes
        self.lineBytes = lineBytes
        self.events = events
    }
}
