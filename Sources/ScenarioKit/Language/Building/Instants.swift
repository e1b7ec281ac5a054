import NIOCore

/// A moment as written: from the start, or from a named instant.
struct MomentExpression {
    /// The instant it refers to; nil is the start.
    var anchor: String?
    var offset: TimeAmount
    var text: String

    /// Reads `30 s`, `doors close`, `doors close + 5 s`, `end - 1 s`, `doors close + 5 s + 500 ms`. A name may hold spaces; what follows a ` + ` or
    /// ` - ` is an offset if it begins with a digit.
    static func parse(_ text: String) -> Result<MomentExpression, QuantityParser.Problem> {
        let text = text.trimmed
        guard let first = text.first else {
            return .failure(.init(message: "an instant is missing, for example \"30 s\" or \"doors close + 5 s\"."))
        }
        var (base, offset) = (text, Int64(0))
        while let (rest, sign, amount) = lastOffset(of: base) {
            switch QuantityParser.parse(amount, .duration) {
            case .failure(let problem): return .failure(problem)
            case .success(let nanoseconds):
                let (sum, overflow) = offset.addingReportingOverflow(sign * nanoseconds)
                guard !overflow else { return .failure(.init(message: "the offsets of \"\(text.shortened)\" are too large.")) }
                (base, offset) = (rest, sum)
            }
        }
        guard first.isNumber || first == "." || first == "-" else {
            return .success(MomentExpression(anchor: base, offset: .nanoseconds(offset), text: text))
        }
        return QuantityParser.parse(base, .duration).flatMap { nanoseconds in
            let (sum, overflow) = offset.addingReportingOverflow(nanoseconds)
            guard !overflow else { return .failure(.init(message: "the offsets of \"\(text.shortened)\" are too large.")) }
            return .success(MomentExpression(anchor: nil, offset: .nanoseconds(sum), text: text))
        }
    }

    /// What stands before the last offset, its sign, and its amount as written.
    private static func lastOffset(of text: String) -> (rest: String, sign: Int64, amount: String)? {
        let places = [(text.lastRange(of: " + "), Int64(1)), (text.lastRange(of: " - "), -1)].compactMap { place, sign in
            place.map { (place: $0, sign: sign) }
        }
        guard let (place, sign) = places.max(by: { $0.place.lowerBound < $1.place.lowerBound }) else { return nil }
        let amount = String(text[place.upperBound...].trimmedStart)
        guard amount.first?.isNumber == true || amount.first == "." else { return nil }
        return (String(text[..<place.lowerBound]).trimmed, sign, amount)
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
            return .failure(
                .init(message: "\"\(expression.text.shortened)\" is more than \(UnitTable.duration.largestText) after the start."))
        }
        guard sum >= 0 else { return .failure(.init(message: "\"\(expression.text.shortened)\" is before the start of the scenario.")) }
        return .success(Instant(time: .nanoseconds(sum), text: expression.text))
    }
}
