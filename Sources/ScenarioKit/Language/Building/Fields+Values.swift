import NIOCore

/// Single values.
extension Fields {
    func text(_ key: String) -> String? {
        guard let text = scalar(key) else { return nil }
        guard !text.trimmed.isEmpty else {
            report(key, "\"\(key)\" is empty.")
            return nil
        }
        return text
    }

    func duration(_ key: String) -> TimeAmount? { scalar(key).flatMap { parsed(key, QuantityParser.parse($0, .duration)) }.map { .nanoseconds($0) } }

    func signedDuration(_ key: String) -> TimeAmount? {
        guard let text = scalar(key)?.trimmed else { return nil }
        let isNegative = text.hasPrefix("-")
        let magnitude = isNegative || text.hasPrefix("+") ? String(text.dropFirst()).trimmed : text
        return parsed(key, QuantityParser.parse(magnitude, .duration)).map { .nanoseconds(isNegative ? -$0 : $0) }
    }

    /// A duration of more than nothing.
    func interval(_ key: String) -> TimeAmount? {
        guard let amount = duration(key) else { return nil }
        guard amount.nanoseconds > 0 else {
            report(key, "\"\(key)\" must be more than 0 s.")
            return nil
        }
        return amount
    }

    func size(_ key: String) -> DataSize? { scalar(key).flatMap { parsed(key, QuantityParser.parse($0, .size)) }.map { DataSize(bytes: Int($0)) } }

    func integer(_ key: String) -> Int? {
        guard case .integer(let range)? = shape.field(key)?.type else { preconditionFailure("\(key) of \(shape.noun) is not an integer") }
        return scalar(key).flatMap { Self.integer($0, in: range, what: key, at: node(key)?.position ?? position, diagnostics) }
    }

    static func integer(_ text: String, in range: ClosedRange<Int>, what: String, at position: SourcePosition, _ diagnostics: Diagnostics) -> Int? {
        let text = text.trimmed
        guard let number = Int(text.filter { $0 != "_" }), text.utf8.count < 25 else {
            diagnostics.report(position, "\"\(text.shortened)\" is not a whole number, which \"\(what)\" must be.")
            return nil
        }
        guard range.contains(number) else {
            diagnostics.report(position, "\"\(what)\" is \(number); it must be from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    func flag(_ key: String) -> Bool? {
        guard let text = scalar(key) else { return nil }
        guard let value = Self.flags[text.trimmed.lowercased()] else {
            report(key, "\"\(text.shortened)\" is neither on nor off.")
            return nil
        }
        return value
    }

    static let flags = ["on": true, "yes": true, "true": true, "off": false, "no": false, "false": false]

    func factor(_ key: String) -> Double? {
        guard case .factor(let range)? = shape.field(key)?.type else { preconditionFailure("\(key) of \(shape.noun) is not a factor") }
        return scalar(key).flatMap { Self.factor($0, in: range, what: key, at: node(key)?.position ?? position, diagnostics) }
    }

    static func factor(_ text: String, in range: ClosedRange<Double>, what: String, at position: SourcePosition, _ diagnostics: Diagnostics) -> Double? {
        guard let number = DecimalNumber(text.trimmed) else {
            diagnostics.report(position, "\"\(text.shortened)\" is not a plain number of 0 or more, which \"\(what)\" must be.")
            return nil
        }
        guard range.contains(number.doubleValue) else {
            let (low, high) = (plain(range.lowerBound), plain(range.upperBound))
            diagnostics.report(position, "\"\(what)\" is \(text.trimmed); it must be from \(low) to \(high).")
            return nil
        }
        return number.doubleValue
    }

    private static func plain(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }

    func choice<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Word.Type) -> Word? {
        guard let text = scalar(key) else { return nil }
        return Self.choice(text, type, what: key, at: node(key)?.position ?? position, diagnostics)
    }

    static func choice<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ type: Word.Type, what: String, at position: SourcePosition, _ diagnostics: Diagnostics
    ) -> Word? {
        if let word = Word(rawValue: text.trimmed) { return word }
        let known = Word.allCases.map(\.rawValue)
        diagnostics.report(position, "\"\(text.shortened)\" is not a value of \"\(what)\".\(Suggestion.hint(for: text, among: known, label: "Its values"))")
        return nil
    }

    /// One of the words that the vocabulary lists for the key.
    func word(_ key: String) -> String? {
        guard case .choice(let known)? = shape.field(key)?.type else { preconditionFailure("\(key) of \(shape.noun) is not a choice") }
        guard let text = scalar(key) else { return nil }
        if known.contains(text.trimmed) { return text.trimmed }
        report(key, "\"\(text.shortened)\" is not a value of \"\(key)\".\(Suggestion.hint(for: text, among: known, label: "Its values"))")
        return nil
    }

    func choices<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Word.Type) -> [Word] {
        items(key).compactMap { item in
            guard let text = item.text else {
                diagnostics.report(item.position, "\"\(key)\" holds words, not \(item.kindInWords).")
                return nil
            }
            return Self.choice(text, type, what: key, at: item.position, diagnostics)
        }
    }

    /// The texts of one value or a list.
    func texts(_ key: String) -> [(text: String, position: SourcePosition)] {
        items(key).compactMap { item in
            guard let text = item.text, !text.trimmed.isEmpty else {
                diagnostics.report(item.position, "\"\(key)\" holds words, not \(item.kindInWords).")
                return nil
            }
            return (text.trimmed, item.position)
        }
    }

    private func parsed(_ key: String, _ result: Result<Int64, QuantityParser.Problem>) -> Int64? {
        switch result {
        case .success(let value): return value
        case .failure(let problem):
            report(key, problem.message)
            return nil
        }
    }
}

/// Values that may differ by direction.
extension Fields {
    /// One value for both directions, or `{ down, up }`.
    func perDirection<Value>(_ key: String, _ parse: (SourceNode) -> Value?) -> (down: Value?, up: Value?) {
        guard let node = node(key) else { return (nil, nil) }
        guard case .mapping(let members) = node.content else {
            let value = parse(node)
            return (value, value)
        }
        var result: (down: Value?, up: Value?) = (nil, nil)
        for member in members {
            switch member.key {
            case "down": result.down = parse(member.value)
            case "up": result.up = parse(member.value)
            default: diagnostics.report(member.keyPosition, "\"\(member.key.shortened)\" is not a direction. The directions are down and up.")
            }
        }
        return result
    }

    func quantity(_ node: SourceNode, _ table: UnitTable) -> Int64? {
        guard let text = node.text else {
            diagnostics.report(node.position, "a \(table.noun) is a single value, not \(node.kindInWords).")
            return nil
        }
        switch QuantityParser.parse(text, table) {
        case .success(let value): return value
        case .failure(let problem):
            diagnostics.report(node.position, problem.message)
            return nil
        }
    }
}
