import CompactJSON

/// One line of a golden: what was seen, of whom and when.
public struct GoldenLine: Hashable, Sendable {
    /// Virtual time since the start, in whole milliseconds.
    public var milliseconds: Int64
    /// Who it is about: `client`, `app`, `server`, `peer`, `remote:ID`, `conn:ID@n`, `pc:ID#k`.
    public var who: String
    /// What it says.
    public var what: String
    /// The other members in order.
    public var fields: JSONObject

    /// A line with its members.
    public init(_ milliseconds: Int64, _ who: String, _ what: String, _ fields: JSONObject = [:]) {
        self.milliseconds = milliseconds
        self.who = who
        self.what = what
        self.fields = fields
    }

    /// The line as one JSON object.
    public var json: JSONObject {
        var object: JSONObject = ["t": .integer(milliseconds), "who": .string(who), "what": .string(what)]
        for (key, value) in fields { object[key] = value }
        return object
    }

    /// The line as text, as in a golden file.
    public var text: String { JSONValue.object(json).compactText }

    /// The value of an integer member.
    public func integer(_ key: String) -> Int64? { fields[key]?.int64Value }

    /// The value of a string member.
    public func string(_ key: String) -> String? { fields[key]?.stringValue }

    /// Whether the line is of this kind.
    public func isAbout(_ who: String, _ what: String) -> Bool { self.who == who && self.what == what }

    /// The same line with a member set.
    public func with(_ key: String, _ value: JSONValue) -> GoldenLine {
        var line = self
        line.fields[key] = value
        return line
    }

    /// The same line at another time.
    public func at(_ milliseconds: Int64) -> GoldenLine {
        var line = self
        line.milliseconds = milliseconds
        return line
    }
}

extension JSONValue {
    /// Compact JSON; a number that JSON does not have reads `null`.
    var compactText: String {
        guard let bytes = try? encoded() else { return "null" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Equality as JSON means it: members in any order, 1 and 1.0 the same.
    func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.integer(let left), .integer(let right)): left == right
        case (.integer, .double), (.double, .integer), (.double, .double): doubleValue == other.doubleValue
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map { value.means($0) } ?? false }
        case (.null, _), (.bool, _), (.string, _), (.integer, _), (.double, _), (.array, _), (.object, _): false
        }
    }
}
