/// Why a capture could not be written or read.
public struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, and what is wrong with it.
    public let description: String

    init(_ path: String, _ problem: String) { description = "\(path): \(problem)" }
}
