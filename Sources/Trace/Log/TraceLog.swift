import CompactJSON

/// The first line of a trace file.
public struct TraceHeader: Hashable, Sendable {
    /// The format's version; a reader refuses any other.
    public static let version: Int64 = 1

    /// The scenario that was run; empty for a device's log.
    public var scenario: String
    /// The seed of the run; nil for a device's log.
    public var seed: UInt64?

    /// Where the trace comes from, if not from a simulation: `iPhone 15, app 2.3`. Time is then not exact (see the checkers' tolerances).
    public var source: String?

    /// The header of a run, or with a `source` that of a device's log.
    public init(scenario: String = "", seed: UInt64? = nil, source: String? = nil) {
        self.scenario = scenario
        self.seed = seed
        self.source = source
    }

    static let versionName = "faultlineTrace"

    func appendLine(to bytes: inout [UInt8]) {
        var object: JSONObject = [Self.versionName: .integer(Self.version), "scenario": .string(scenario)]
        // A seed that fits no Int64 is written as a string, because JSON readers lose bits of a larger integer.
        if let seed { object["seed"] = Int64(exactly: seed).map { .integer($0) } ?? .string(String(seed)) }
        if let source { object["source"] = .string(source) }
        JSONValue.object(object).write(orNullTo: &bytes)
    }
}

/// The events of one run in the order in which they happened.
///
/// Appending only stores the event: lines and hash are computed when they are asked for, because most runs of a large exploration pass and are
/// never written.
public struct TraceLog: Hashable, Sendable {
    /// What was run.
    public var header: TraceHeader
    /// The events; `timeNs` never decreases.
    public private(set) var events: [TraceEvent] = []

    /// An empty log.
    public init(header: TraceHeader = TraceHeader()) {
        self.header = header
    }

    /// A log of these events, which must be in order of time.
    public init(header: TraceHeader = TraceHeader(), events: [TraceEvent]) {
        self.header = header
        self.events = events
    }

    /// Adds an event that is not earlier than the last.
    public mutating func append(_ event: TraceEvent) {
        assert(events.last.map { $0.timeNs <= event.timeNs } ?? true, "a trace does not go back in time")
        events.append(event)
    }

    /// Makes room for events to come.
    public mutating func reserveCapacity(_ count: Int) {
        events.reserveCapacity(count)
    }

    /// The whole file: header and events, each line ended by a line feed.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 * (events.count + 1))
        forEachLine { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// ``TraceHash`` of ``bytes``. Equal seeds must give equal hashes.
    public var hash: UInt64 {
        var hash = TraceHash()
        forEachLine { hash.add($0) }
        return hash.value
    }

    /// Calls `body` with each line, line feed included, reusing one buffer.
    func forEachLine(_ body: ([UInt8]) throws -> Void) rethrows {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        header.appendLine(to: &line)
        line.append(UInt8(ascii: "\n"))
        try body(line)
        for event in events {
            line.removeAll(keepingCapacity: true)
            event.appendLine(to: &line)
            line.append(UInt8(ascii: "\n"))
            try body(line)
        }
    }
}

/// Where everything in one simulation reports to. Confined to the simulation's thread, like all that reports.
public final class TraceRecorder {
    /// What was recorded so far.
    public private(set) var log: TraceLog

    /// A recorder with an empty log.
    public init(header: TraceHeader = TraceHeader()) {
        log = TraceLog(header: header)
        log.reserveCapacity(256)
    }

    /// Adds an event that is not earlier than the last.
    public func record(_ event: TraceEvent) {
        log.append(event)
    }
}
