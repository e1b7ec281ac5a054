import CompactJSON

extension TraceLog {
    /// Reads a trace file.
    ///
    /// - Throws: ``TraceReadingError`` with the line at fault.
    public init(readingFile path: String, limits: TraceReadingLimits = TraceReadingLimits()) throws(TraceReadingError) {
        let bytes = try PlainFile.read(path, limitBytes: limits.fileBytes)
        try self.init(parsing: bytes, file: path, limits: limits)
    }

    /// Reads the bytes of a trace file. Blank lines are skipped; events of unknown kinds and unknown fields are kept.
    ///
    /// - Parameter file: the name that an error shows.
    /// - Throws: ``TraceReadingError`` with the line at fault.
    public init(
        parsing bytes: [UInt8], file: String = "trace", limits: TraceReadingLimits = TraceReadingLimits()
    ) throws(TraceReadingError) {
        guard bytes.count <= limits.fileBytes else {
            throw TraceReadingError(file: file, line: nil, message: "larger than \(limits.fileBytes) bytes")
        }
        var reader = TraceReader(file: file, limits: limits)
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            try reader.read(bytes[start..<end])
            start = end + 1
        }
        self = try reader.finish()
    }
}

/// Takes a trace line by line.
private struct TraceReader {
    let file: String
    let limits: TraceReadingLimits
    var lineNumber = 0
    var log: TraceLog?
    var lastTimeNs: Int64 = 0
    var events: [TraceEvent] = []

    init(file: String, limits: TraceReadingLimits) {
        self.file = file
        self.limits = limits
    }

    mutating func read(_ line: ArraySlice<UInt8>) throws(TraceReadingError) {
        lineNumber += 1
        guard line.count <= limits.lineBytes else { throw error("a line longer than \(limits.lineBytes) bytes") }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        let object = try parse(line)
        if log == nil {
            log = TraceLog(header: try header(object))
        } else {
            guard events.count < limits.events else { throw error("more than \(limits.events) events") }
            events.append(try event(object))
        }
    }

    func finish() throws(TraceReadingError) -> TraceLog {
        guard let log else {
            throw TraceReadingError(
                file: file, line: nil, message: "empty; a trace begins with a line that has \"\(TraceHeader.versionName)\"")
        }
        return TraceLog(header: log.header, events: events)
    }

    private func parse(_ line: ArraySlice<UInt8>) throws(TraceReadingError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: Array(line), maximumDepth: 16)
        } catch {
            throw self.error("not JSON: \(error)")
        }
        guard case .object(let object) = value else { throw error("not a JSON object") }
        return object
    }

    private func header(_ object: JSONObject) throws(TraceReadingError) -> TraceHeader {
        guard let version = object[TraceHeader.versionName] else {
            throw error("not a trace: the first line has no \"\(TraceHeader.versionName)\"")
        }
        guard version.int64Value == TraceHeader.version else {
            throw error("version \(text(version)) of the trace format; this program reads version \(TraceHeader.version)")
        }
        return TraceHeader(
            scenario: object["scenario"]?.stringValue ?? "", seed: try seed(object["seed"]), source: object["source"]?.stringValue)
    }

    private func seed(_ value: JSONValue?) throws(TraceReadingError) -> UInt64? {
        switch value {
        case nil, .null: return nil
        case .integer(let seed) where seed >= 0: return UInt64(seed)
        case .string(let digits):
            guard let seed = UInt64(digits) else { throw error("the seed \"\(digits)\" is not an unsigned integer of 64 bits") }
            return seed
        case .some: throw error("the seed is not an unsigned integer of 64 bits")
        }
    }

    private mutating func event(_ object: JSONObject) throws(TraceReadingError) -> TraceEvent {
        guard let timeNs = object["t"]?.int64Value, timeNs >= 0 else {
            throw error("\"t\" is not a time in nanoseconds (an integer from 0)")
        }
        guard let who = object["who"]?.stringValue else { throw error("\"who\" is missing or not a string") }
        guard let what = object["what"]?.stringValue else { throw error("\"what\" is missing or not a string") }
        guard timeNs >= lastTimeNs else {
            throw error("\"t\" goes back, from \(SecondsText.text(ns: lastTimeNs)) s to \(SecondsText.text(ns: timeNs)) s")
        }
        lastTimeNs = timeNs
        var fields = object
        for name in TraceEvent.reservedNames { fields[name] = nil }
        let event = TraceEvent(at: timeNs, who: who, what: what, fields: fields)
        if let problem = TraceVocabulary.problems(of: event).first { throw error(problem) }
        return event
    }

    private func text(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        value.write(orNullTo: &bytes)
        return String(decoding: bytes.prefix(40), as: UTF8.self)
    }

    private func error(_ message: String) -> TraceReadingError {
        TraceReadingError(file: file, line: lineNumber, message: message)
    }
}
