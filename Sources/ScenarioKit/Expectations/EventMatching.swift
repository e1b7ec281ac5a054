import CompactJSON
import NIOCore
import Trace

/// Patterns against events.
extension Scenario.EventPattern {
    /// The conditions that an event does not meet.
    func unmet(by event: TraceEvent) -> [Scenario.Condition] { conditions.filter { !$0.holds(for: event) } }

    /// `disconnected with code 4002`
    var words: String {
        let told = conditions.filter { !$0.isImplied }
        return told.isEmpty ? event : "\(event) with \(told.map(\.words).joined(separator: ", "))"
    }
}

extension Scenario.Condition {
    func holds(for event: TraceEvent) -> Bool {
        let value = event.fields[field]
        switch test {
        case .equals(let expected): return value == expected
        case .range(let low, let high):
            guard let number = value?.doubleValue ?? absent else { return false }
            return low <= number && number <= high
        case .includes(let name):
            guard let items = value?.arrayValue else { return false }
            return name.map { items.contains(.string($0)) } ?? !items.isEmpty
        }
    }

    /// `code 4002`, `delay 3.200 s ... 4.800 s`
    var words: String {
        switch test {
        case .equals(let value): return "\(name) \(text(value))"
        case .range(let low, let high) where low == high: return "\(name) \(text(low))"
        case .range(let low, let high): return "\(name) \(text(low)) ... \(text(high))"
        case .includes(let name?): return "\(self.name) \(name)"
        case .includes(nil): return "anyone"
        }
    }

    /// What the event has instead.
    func found(in event: TraceEvent) -> String {
        guard let value = event.fields[field] else { return "no \(name)" }
        return "\(name) \(text(value))"
    }

    private var isDuration: Bool { field.hasSuffix("Ns") }

    private func text(_ number: Double) -> String { isDuration ? Words.time(Int64(number)) : "\(Int64(number))" }

    private func text(_ value: JSONValue) -> String {
        if isDuration, let nanoseconds = value.int64Value { return Words.time(nanoseconds) }
        switch value {
        case .string(let text): return text
        case .bool(let flag): return flag ? "on" : "off"
        case .integer(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .null: return "nothing"
        case .array(let items): return "[\(items.compactMap(\.stringValue).joined(separator: ", "))]"
        case .object: return "an object"
        }
    }
}
