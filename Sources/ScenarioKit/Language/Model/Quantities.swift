import NIOCore

/// An amount of data. Written `B`, `kB`, `MB` (powers of ten), `KiB` or `MiB` (powers of two).
public struct DataSize: Hashable, Sendable {
    /// Bytes, 0 or more.
    public var bytes: Int

    /// That many bytes.
    public init(bytes: Int) { self.bytes = bytes }
}

/// An instant of the scenario: how long after its start, and the words the file used for it.
public struct Instant: Hashable, Sendable {
    /// Time since the start of the simulation, 0 or more.
    public var time: TimeAmount
    /// As written: `30 s`, `doors close + 20 s`.
    public var text: String

    /// An instant `time` after the start, called `text`.
    public init(time: TimeAmount, text: String) {
        self.time = time
        self.text = text
    }
}

/// A stretch of the scenario's time, both ends included.
public struct Window: Hashable, Sendable {
    /// The first instant.
    public var start: Instant
    /// The last instant, not before `start`.
    public var end: Instant

    /// The window from `start` to `end`.
    public init(start: Instant, end: Instant) {
        self.start = start
        self.end = end
    }
}
