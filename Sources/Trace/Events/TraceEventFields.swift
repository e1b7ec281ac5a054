import CompactJSON

/// Collects the fields of an event that is being made: one allocation, no look-ups, because this is on the simulation's hot path.
struct TraceEventFields {
    private var members: [(key: String, value: JSONValue)] = []

    init() { members.reserveCapacity(6) }

    /// Adds a field, unless there is no value. Each name is added once.
    @inline(__always)
    mutating func add<Value: TraceFieldValue>(_ field: TraceField<Value>, _ value: Value?) {
        add(field.name, value)
    }

    @inline(__always)
    mutating func add<Value: TraceFieldValue>(_ name: String, _ value: Value?) {
        if let value { members.append((name, value.traceField)) }
    }

    /// Adds fields that the vocabulary does not name.
    mutating func add(_ details: JSONObject) {
        members.append(contentsOf: details.members)
    }

    var object: JSONObject { JSONObject(uniqueMembers: members) }
}

extension TraceEvent {
    @inline(__always)
    static func make(_ kind: TraceKind, _ timeNs: Int64, _ who: String, _ fill: (inout TraceEventFields) -> Void) -> Self {
        var fields = TraceEventFields()
        fill(&fields)
        return Self(at: timeNs, who: who, kind: kind, fields: fields.object)
    }

    /// For kinds without fields.
    static func make(_ kind: TraceKind, _ timeNs: Int64, _ who: String) -> Self { Self(at: timeNs, who: who, kind: kind) }
}
