import CompactJSON

/// A field's name together with the type of its value, so that who writes a field and who reads it cannot disagree.
public struct TraceField<Value: TraceFieldValue>: Sendable {
    /// The member's name on disk; a name that ends in `Ns` holds nanoseconds.
    public let name: String

    init(_ name: String) { self.name = name }
}

/// A type that a trace field can have.
public protocol TraceFieldValue: Sendable {
    /// The value of a JSON value of the right type; nil for any other.
    init?(traceField json: JSONValue)
    /// The value on disk.
    var traceField: JSONValue { get }
    /// The type in the vocabulary's table.
    static var traceFieldType: String { get }
}

extension Int64: TraceFieldValue {
    /// An integer, or a number without a fraction.
    public init?(traceField json: JSONValue) {
        guard let value = json.int64Value else { return nil }
        self = value
    }
    /// An integer.
    public var traceField: JSONValue { .integer(self) }
    /// "integer".
    public static var traceFieldType: String { "integer" }
}

extension Int: TraceFieldValue {
    /// An integer, or a number without a fraction.
    public init?(traceField json: JSONValue) {
        guard let wide = json.int64Value, let value = Int(exactly: wide) else { return nil }
        self = value
    }
    /// An integer.
    public var traceField: JSONValue { .integer(Int64(self)) }
    /// "integer".
    public static var traceFieldType: String { "integer" }
}

extension Double: TraceFieldValue {
    /// Any number.
    public init?(traceField json: JSONValue) {
        guard let value = json.doubleValue else { return nil }
        self = value
    }
    /// A number.
    public var traceField: JSONValue { .double(self) }
    /// "number".
    public static var traceFieldType: String { "number" }
}

extension Bool: TraceFieldValue {
    /// A boolean.
    public init?(traceField json: JSONValue) {
        guard let value = json.boolValue else { return nil }
        self = value
    }
    /// A boolean.
    public var traceField: JSONValue { .bool(self) }
    /// "boolean".
    public static var traceFieldType: String { "boolean" }
}

extension String: TraceFieldValue {
    /// A string.
    public init?(traceField json: JSONValue) {
        guard let value = json.stringValue else { return nil }
        self = value
    }
    /// A string.
    public var traceField: JSONValue { .string(self) }
    /// "string".
    public static var traceFieldType: String { "string" }
}

extension Array: TraceFieldValue where Element: TraceFieldValue {
    /// An array; elements of another type are left out.
    public init?(traceField json: JSONValue) {
        guard let elements = json.arrayValue else { return nil }
        self = elements.compactMap { Element(traceField: $0) }
    }
    /// An array.
    public var traceField: JSONValue { .array(map(\.traceField)) }
    /// "strings", "integers" ...
    public static var traceFieldType: String { Element.traceFieldType + "s" }
}

extension JSONValue: TraceFieldValue {
    /// Any value.
    public init?(traceField json: JSONValue) { self = json }
    /// The value itself.
    public var traceField: JSONValue { self }
    /// "any".
    public static var traceFieldType: String { "any" }
}
