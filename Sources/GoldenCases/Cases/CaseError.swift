/// Why a case or golden file cannot be used.
public struct CaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named to the reader.
    public var file: String
    /// Where in it and what is wrong.
    public var message: String

    /// `file: message`.
    public var description: String { "\(file): \(message)" }
}
