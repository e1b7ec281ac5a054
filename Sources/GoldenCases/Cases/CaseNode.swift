import CompactJSON
import NIOCore

/// A place in a case file that is wrong.
struct MisplacedValue: Error {
    let path: String
    let problem: String
}

/// A value of a case file with its path, and the typed ways to read it. Every way fails with the path and what was expected.
struct CaseNode {
    let value: JSONValue
    let path: String

    /// The longest time that a file may name: far beyond any case, far below an overflow of nanoseconds.
    static let longestTimeMilliseconds: Int64 = 1_000_000_000
    /// The most of anything that a file may ask for (members of a channel, candidates, bytes of a frame come from it).
    static let largestCount: Int64 = 16 << 20

    func fail(_ problem: String) -> MisplacedValue { MisplacedValue(path: path, problem: problem) }

    private func expected(_ what: String) -> MisplacedValue { fail("expected \(what), found \(value.kindForMessages)") }

    /// The object's members, none of which has another key than these.
    func object(allowing keys: Set<String>) throws(MisplacedValue) -> CaseObject {
        let members = try object()
        for (key, _) in members where !keys.contains(key) {
            throw fail("unknown key \"\(key)\" (known: \(keys.sorted().joined(separator: ", ")))")
        }
        return CaseObject(members: members, node: self)
    }

    func object() throws(MisplacedValue) -> JSONObject {
        guard let members = value.objectValue else { throw expected("an object") }
        return members
    }

    func array() throws(MisplacedValue) -> [CaseNode] {
        guard let values = value.arrayValue else { throw expected("a list") }
        return values.enumerated().map { CaseNode(value: $1, path: "\(path)[\($0)]") }
    }

    func string() throws(MisplacedValue) -> String {
        guard let text = value.stringValue else { throw expected("a string") }
        return text
    }

    func bool() throws(MisplacedValue) -> Bool {
        guard let flag = value.boolValue else { throw expected("true or false") }
        return flag
    }

    func number(in range: ClosedRange<Double>) throws(MisplacedValue) -> Double {
        guard let number = value.doubleValue else { throw expected("a number") }
        guard range.contains(number) else { throw fail("\(number) is not within \(range.lowerBound)...\(range.upperBound)") }
        return number
    }

    func integer(in range: ClosedRange<Int64>) throws(MisplacedValue) -> Int64 {
        guard let number = value.int64Value else { throw expected("an integer") }
        guard range.contains(number) else { throw fail("\(number) is not within \(range.lowerBound)...\(range.upperBound)") }
        return number
    }

    func count(from lowest: Int64 = 0) throws(MisplacedValue) -> Int { Int(try integer(in: lowest...Self.largestCount)) }

    func milliseconds() throws(MisplacedValue) -> TimeAmount { .milliseconds(try integer(in: 0...Self.longestTimeMilliseconds)) }

    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type = Choice.self) throws(MisplacedValue) -> Choice
    where Choice.RawValue == String {
        let text = try string()
        guard let choice = Choice(rawValue: text) else {
            throw fail("\"\(text)\" is not one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

/// An object of a case file whose keys have been checked.
struct CaseObject {
    let members: JSONObject
    let node: CaseNode

    /// The member, or nil if the object has none.
    subscript(key: String) -> CaseNode? {
        members[key].map { CaseNode(value: $0, path: node.path.isEmpty ? key : "\(node.path).\(key)") }
    }

    func required(_ key: String) throws(MisplacedValue) -> CaseNode {
        guard let member = self[key] else { throw node.fail("\"\(key)\" is missing") }
        return member
    }

    func milliseconds(_ key: String, default fallback: TimeAmount) throws(MisplacedValue) -> TimeAmount {
        try self[key]?.milliseconds() ?? fallback
    }

    func string(_ key: String, default fallback: String) throws(MisplacedValue) -> String { try self[key]?.string() ?? fallback }

    func bool(_ key: String, default fallback: Bool) throws(MisplacedValue) -> Bool { try self[key]?.bool() ?? fallback }
}

extension JSONValue {
    /// The value in a message: short values as they are, long ones by their kind.
    var kindForMessages: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): text.count <= 40 ? "\"\(text)\"" : "a string of \(text.count) characters"
        case .array(let values): "a list of \(values.count)"
        case .object(let members): "an object of \(members.count)"
        }
    }
}
