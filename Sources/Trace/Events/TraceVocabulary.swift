/// What every kind of event means and which fields it has: the format's definition, from which the README's table is made and against which
/// an event can be checked.
public enum TraceVocabulary {
    /// One field of one kind.
    public struct Field: Hashable, Sendable {
        /// Its name on disk.
        public let name: String
        /// Its type: `integer`, `number`, `boolean`, `string`, `strings`, `integers` or `any`.
        public let type: String
        /// Whether it may be missing.
        public let isOptional: Bool
        /// What it says, if the name does not.
        public let meaning: String
    }

    /// One kind.
    public struct Entry: Sendable {
        /// The kind.
        public let kind: TraceKind
        /// When it is reported.
        public let meaning: String
        /// Its fields in the order in which they are written.
        public let fields: [Field]
    }

    /// All kinds in the order of ``TraceKind``.
    public static let entries: [Entry] = TraceKind.allCases.map { Entry(kind: $0, meaning: meaning(of: $0), fields: fields(of: $0)) }

    /// What is wrong with an event of a known kind: fields that are missing or of the wrong type. Empty for an unknown kind.
    public static func problems(of event: TraceEvent) -> [String] {
        guard let kind = event.kind else { return [] }
        var problems: [String] = []
        for field in fields(of: kind) {
            switch event.fields[field.name] {
            case nil where !field.isOptional: problems.append("\(event.what) lacks \"\(field.name)\"")
            case let value? where !field.accepts(value): problems.append("\(event.what): \"\(field.name)\" is not of type \(field.type)")
            case .some, nil: break
            }
        }
        return problems
    }

    static func must<Value>(_ field: TraceField<Value>, _ meaning: String = "") -> Field {
        Field(name: field.name, type: Value.traceFieldType, isOptional: false, meaning: meaning)
    }

    static func may<Value>(_ field: TraceField<Value>, _ meaning: String = "") -> Field {
        Field(name: field.name, type: Value.traceFieldType, isOptional: true, meaning: meaning)
    }

    /// The rows of the README's table.
    public static var table: String {
        var lines = ["| what | reported by | when | fields (`?`: may be missing) |", "|---|---|---|---|"]
        for entry in entries {
            let fields = entry.fields.map { field in
                "`\(field.name)\(field.isOptional ? "?" : "")` \(field.type)" + (field.meaning.isEmpty ? "" : " (\(field.meaning))")
            }
            lines.append(
                "| `\(entry.kind.rawValue)` | \(entry.kind.source.rawValue) | \(entry.meaning) | \(fields.joined(separator: ", ")) |")
        }
        return lines.joined(separator: "\n")
    }
}
