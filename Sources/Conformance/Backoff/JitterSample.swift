/// One draw of jitter, as the trace shows it.
public struct JitterSample: Hashable, Sendable {
    /// The client that drew.
    public let who: String
    /// Which of its draws it was, from 0.
    public let draw: Int
    /// Where in the band: 0 is the shortest wait of the spec, 1 the longest. Outside 0...1: outside the band.
    public let unit: Double
}
