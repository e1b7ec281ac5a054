/// Why a trace could not be written.
public struct TraceWritingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as the caller named it.
    public var file: String
    /// What went wrong.
    public var message: String

    /// One line for a person.
    public var description: String { "\(file): \(message)" }
}

extension TraceLog {
    /// Writes the trace beside `path` and then renames it, so that nobody ever reads half of one.
    ///
    /// - Throws: ``TraceWritingError``; the file of that name, if there was one, is then as it was.
    public func write(toFile path: String) throws(TraceWritingError) {
        try PlainFile.write(bytes, beside: path)
    }
}
