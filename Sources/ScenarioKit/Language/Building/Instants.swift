import NIOCore

/// A moment as written: from the start, or from a named instant.
struct MomentExpression {
    /// The instant it refers to; nil is the start.
    var anchor: String?
    var offset: TimeAmount
    var text: String

    /// Reads `30 s`, `doors close`, `doors close + 5 s`, `end - 1 s`. A name may hold spaces; what follows the last ` + ` or ` - ` is the offset
    /// if it begins with a digit.
    static func parse(_ text: String) -> Result<MomentExpression, QuantityParser.Problem> {
        let text = text.trimmed
        guard let first = text.first else { return .failure(.init(message: "an instant is missing, for example \"30 s\" or \"doors close + 5 s\".")) }
        if first.isNumber || first == "." || first == "-" {
            return QuantityParser.parse(text, .duration).map { MomentExpression(anchor: nil, offset: .nanoseconds($0), text: text) }
        }
        for (separator, sign) in [(" + ", Int64(1)), (" - ", -1)] {
            guard let place = text.lastRange(of: separator) else { continue }
            let offset = text[place.upperBound...].trimmedStart
            guard offset.first?.isNumber == true || offset.first == "." else { continue }
            let name = String(text[..<place.lowerBound]).trimmed
            return QuantityParser.parse(String(offset), .duration).map { MomentExpression(anchor: name, offset: .nanoseconds(sign * $0), text: text) }
        }
        return .success(MomentExpression(anchor: text, offset: .zero, text: text))
    }
}

/// The named instants of a scenario.
struct Instants {
    private(set) var names: [String] = ["start"]
    private var times: [String: TimeAmount] = ["start": .zero]
    /// The time of `end`, once it is known.
    var end: TimeAmount?

    mutating func define(_ name: String, _ time: TimeAmount) {
        names.append(name)
        times[name] = time
    }

    func time(of name: String) -> TimeAmount? { name == "end" ? end : times[name] }

    func resolve(_ expression: MomentExpression) -> Result<Instant, QuantityParser.Problem> {
        var base = TimeAmount.zero
        if let anchor = expression.anchor {
            if anchor == "end", end == nil {
                return .failure(.init(message: "\"end\" is known here only if the scenario states its \"duration\"."))
            }
            guard let time = time(of: anchor) else {
                return .failure(.init(message: "there is no instant \"\(anchor.shortened)\".\(Suggestion.list(names))"))
            }
            base = time
        }
        let (sum, overflow) = base.nanoseconds.addingReportingOverflow(expression.offset.nanoseconds)
        guard !overflow, sum <= UnitTable.duration.largest else {
            return .failure(.init(message: "\"\(expression.text.shortened)\" is more than \(UnitTable.duration.largestText) after the start."))
        }
        guard sum >= 0 else { return .failure(.init(message: "\"\(expression.text.shortened)\" is before the start of the scenario.")) }
        return .success(Instant(time: .nanoseconds(sum), text: expression.text))
    }
}
