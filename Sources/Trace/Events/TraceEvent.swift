import CompactJSON

/// One thing that happened: when, to whom, what, and the fields that the kind has.
public struct TraceEvent: Hashable, Sendable {
    /// Nanoseconds since the start of the run (of a device's log: since its first line). Never negative in a file.
    public var timeNs: Int64
    /// The client, host, link, `service` or `timeline` that the event is about.
    public var who: String
    /// The event's name on disk.
    public let what: String
    /// The kind, if the vocabulary has one of that name.
    public let kind: TraceKind?
    /// The members beside `t`, `who` and `what`, in the order in which they are written.
    public var fields: JSONObject

    /// An event of a kind that the vocabulary has.
    public init(at timeNs: Int64, who: String, kind: TraceKind, fields: JSONObject = JSONObject()) {
        self.timeNs = timeNs
        self.who = who
        self.what = kind.rawValue
        self.kind = kind
        self.fields = fields
    }

    /// An event of any name.
    public init(at timeNs: Int64, who: String, what: String, fields: JSONObject = JSONObject()) {
        assert(Self.reservedNames.allSatisfy { fields[$0] == nil }, "t, who and what are not fields")
        self.timeNs = timeNs
        self.who = who
        self.what = what
        self.kind = TraceKind(name: what)
        self.fields = fields
    }

    /// The value of a field; nil if it is missing or of another type.
    public subscript<Value>(field: TraceField<Value>) -> Value? {
        get { fields[field.name].flatMap { Value(traceField: $0) } }
        set { fields[field.name] = newValue?.traceField }
    }

    static let reservedNames = ["t", "who", "what"]
}

extension TraceEvent {
    /// The event as one line of a trace file, without the line's end.
    public var line: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        appendLine(to: &bytes)
        return bytes
    }

    /// Appends ``line`` to `bytes`. A number that JSON cannot express is written as `null`.
    public func appendLine(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"t":"#.utf8)
        JSONWriter.write(timeNs, to: &bytes)
        bytes.append(contentsOf: #","who":"#.utf8)
        JSONWriter.write(who, to: &bytes)
        bytes.append(contentsOf: #","what":"#.utf8)
        JSONWriter.write(what, to: &bytes)
        for member in fields.members {
            bytes.append(UInt8(ascii: ","))
            JSONWriter.write(member.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.write(orNullTo: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension JSONValue {
    func write(orNullTo bytes: inout [UInt8]) {
        let start = bytes.count
        do {
            try write(to: &bytes)
        } catch {
            bytes.removeSubrange(start...)
            bytes.append(contentsOf: "null".utf8)
        }
    }
}
