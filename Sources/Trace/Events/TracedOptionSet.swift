import CompactJSON

/// Options as a scenario gave them, each of which may be missing, written as fields of one event.
protocol TracedOptionSet {
    /// Nothing given.
    init()
    /// Each option's name on disk beside where it stands here, in the order in which they are written.
    static func forEachName<Visitor: OptionVisitor>(_ visitor: inout Visitor) where Visitor.Options == Self
}

/// Goes through the options of a set.
protocol OptionVisitor {
    associatedtype Options
    mutating func visit<Value: TraceFieldValue>(_ name: String, _ path: WritableKeyPath<Options, Value?>)
}

extension TracedOptionSet {
    /// The options as fields of the vocabulary: all of them may be missing.
    static var vocabularyFields: [TraceVocabulary.Field] {
        var visitor = FieldCollector<Self>()
        forEachName(&visitor)
        return visitor.fields
    }

    /// The options among these fields; members of other names are ignored.
    init(fields: JSONObject) {
        var visitor = FieldReader(fields: fields, options: Self())
        Self.forEachName(&visitor)
        self = visitor.options
    }

    func write(to fields: inout TraceEventFields) {
        var visitor = FieldWriter(fields: fields, options: self)
        Self.forEachName(&visitor)
        fields = visitor.fields
    }
}

private struct FieldCollector<Options>: OptionVisitor {
    var fields: [TraceVocabulary.Field] = []

    mutating func visit<Value: TraceFieldValue>(_ name: String, _ path: WritableKeyPath<Options, Value?>) {
        fields.append(TraceVocabulary.Field(name: name, type: Value.traceFieldType, isOptional: true, meaning: ""))
    }
}

private struct FieldReader<Options>: OptionVisitor {
    let fields: JSONObject
    var options: Options

    mutating func visit<Value: TraceFieldValue>(_ name: String, _ path: WritableKeyPath<Options, Value?>) {
        options[keyPath: path] = fields[name].flatMap { Value(traceField: $0) }
    }
}

private struct FieldWriter<Options>: OptionVisitor {
    var fields: TraceEventFields
    let options: Options

    mutating func visit<Value: TraceFieldValue>(_ name: String, _ path: WritableKeyPath<Options, Value?>) {
        fields.add(name, options[keyPath: path])
    }
}
