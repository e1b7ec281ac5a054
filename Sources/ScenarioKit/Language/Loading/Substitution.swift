/// Puts parameters in the place of `${name}`. A value that is nothing but `${name}` becomes the parameter's value, whatever that is; within longer text
/// a single value is inserted. What is inserted is not looked at again.
struct Substitution {
    /// Nodes that one scenario may have after substitution.
    static let mostNodes = 200_000
    static let longestText = 20_000

    let values: [String: SourceNode]
    let known: [String]
    let diagnostics: Diagnostics
    private var nodes = 0

    init(values: [String: SourceNode], known: [String], diagnostics: Diagnostics) {
        self.values = values
        self.known = known
        self.diagnostics = diagnostics
    }

    /// Nil if the result is too large.
    mutating func apply(to node: SourceNode) -> SourceNode? {
        nodes += 1
        guard nodes <= Self.mostNodes else {
            diagnostics.report(node.position, "the scenario has more than 200,000 values.")
            return nil
        }
        switch node.content {
        case .scalar(let text, let isPlain): return scalar(text, isPlain, node)
        case .sequence(let items):
            var result: [SourceNode] = []
            for item in items {
                guard let item = apply(to: item) else { return nil }
                result.append(item)
            }
            return SourceNode(position: node.position, content: .sequence(result))
        case .mapping(let members):
            var result: [SourceNode.Member] = []
            for member in members {
                guard let value = apply(to: member.value) else { return nil }
                result.append(.init(key: member.key, keyPosition: member.keyPosition, value: value))
            }
            return SourceNode(position: node.position, content: .mapping(result))
        }
    }

    private mutating func scalar(_ text: String, _ isPlain: Bool, _ node: SourceNode) -> SourceNode? {
        let parts = Self.parts(text)
        guard parts.contains(where: \.isParameter) else { return node }
        if parts.count == 1, let value = value(parts[0].text, node) {
            nodes += value.count
            guard nodes <= Self.mostNodes else {
                diagnostics.report(node.position, "the scenario has more than 200,000 values.")
                return nil
            }
            return value
        }
        var result = ""
        for part in parts {
            guard part.isParameter else {
                result += part.text
                continue
            }
            guard let value = value(part.text, node) else { return node }
            guard let inserted = value.text else {
                diagnostics.reportFinal(node.position, "\"${\(part.text)}\" is \(value.kindInWords) and cannot stand within text.")
                return node
            }
            result += inserted
            guard result.utf8.count <= Self.longestText else {
                diagnostics.report(node.position, "this text is longer than 20,000 bytes with its parameters.")
                return node
            }
        }
        return SourceNode(position: node.position, content: .scalar(result, isPlain: isPlain))
    }

    private func value(_ name: String, _ node: SourceNode) -> SourceNode? {
        if let value = values[name] { return value }
        let hint = known.isEmpty ? " The scenario has no \"parameters\"." : Suggestion.hint(for: name, among: known)
        diagnostics.reportFinal(node.position, "there is no parameter \"\(name.shortened)\".\(hint)")
        return nil
    }

    // MARK: - Text

    private struct Part {
        var text: String
        var isParameter: Bool
    }

    /// Text in pieces: literal text and names of parameters. An unfinished `${` is literal.
    private static func parts(_ text: String) -> [Part] {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return [Part(text: text, isParameter: false)] }
        var result: [Part] = []
        var literal = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            if after.first == "{", let close = after.firstIndex(of: "}"), isName(String(after[..<close].dropFirst()).trimmed) {
                if !literal.isEmpty { result.append(Part(text: literal, isParameter: false)) }
                literal = ""
                result.append(Part(text: String(after[..<close].dropFirst()).trimmed, isParameter: true))
                rest = after[after.index(after: close)...]
            } else {
                literal += "$"
                rest = after
            }
        }
        literal += rest
        if !literal.isEmpty || result.isEmpty { result.append(Part(text: literal, isParameter: false)) }
        return result
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && name.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-" || $0 == "_" }
    }

    static func mentions(_ text: String, _ name: String) -> Bool { parts(text).contains { $0.isParameter && $0.text == name } }

    static func mentions(_ node: SourceNode, _ name: String) -> Bool {
        switch node.content {
        case .scalar(let text, _): mentions(text, name)
        case .sequence(let items): items.contains { mentions($0, name) }
        case .mapping(let members): members.contains { mentions($0.value, name) }
        }
    }
}
