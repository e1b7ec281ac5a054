import Yams

/// Text to a tree of nodes. Refuses what could make a small file large or deep before the parser sees it.
enum YAMLReader {
    /// Deeper than any scenario, shallower than any stack.
    static let deepestNesting = 40
    /// Leading columns that a line may have; bounds the nesting of block style.
    static let deepestIndentation = 160

    static func parse(_ text: String, file: String) -> Result<SourceNode, Diagnostic> {
        if let problem = precheck(text, file: file) { return .failure(problem) }
        do {
            guard let root = try Yams.compose(yaml: text, .default, .default, .utf8) else {
                return .failure(Diagnostic(SourcePosition(file: file), "the file is empty. A scenario begins with \"faultline: 1\"."))
            }
            return convert(root, file: file, depth: 0, fallback: SourcePosition(file: file, line: 1, column: 1))
        } catch let error as YamlError {
            return .failure(describe(error, text, file: file))
        } catch {
            return .failure(Diagnostic(SourcePosition(file: file), "this is not YAML: \(error)"))
        }
    }

    private static func convert(_ node: Node, file: String, depth: Int, fallback: SourcePosition) -> Result<SourceNode, Diagnostic> {
        let position = node.mark.map { SourcePosition(file: file, line: $0.line, column: $0.column) } ?? fallback
        guard depth <= deepestNesting else {
            return .failure(Diagnostic(position, "this is nested more than \(deepestNesting) levels deep."))
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return .success(SourceNode(position: position, content: .scalar(scalar.string, isPlain: isPlain)))
        case .sequence(let sequence):
            var items: [SourceNode] = []
            for item in sequence {
                switch convert(item, file: file, depth: depth + 1, fallback: position) {
                case .success(let node): items.append(node)
                case .failure(let problem): return .failure(problem)
                }
            }
            return .success(SourceNode(position: position, content: .sequence(items)))
        case .mapping(let mapping):
            var members: [SourceNode.Member] = []
            for (key, value) in mapping {
                let keyPosition = key.mark.map { SourcePosition(file: file, line: $0.line, column: $0.column) } ?? position
                guard case .scalar(let name) = key else {
                    return .failure(Diagnostic(keyPosition, "a key must be a word, not a list or mapping."))
                }
                switch convert(value, file: file, depth: depth + 1, fallback: keyPosition) {
                case .success(let node): members.append(.init(key: name.string, keyPosition: keyPosition, value: node))
                case .failure(let problem): return .failure(problem)
                }
            }
            return .success(SourceNode(position: position, content: .mapping(members)))
        case .alias:
            return .failure(Diagnostic(position, aliasMessage))
        }
    }

    private static let aliasMessage = "anchors and aliases are not part of the language. Use \"parameters\" or \"extends\"."

    // MARK: - Before parsing

    /// The parser recurses and expands aliases in place, so depth and aliases are bounded on the raw text: brackets that stay open, deep
    /// indentation, and names that occur both as `&name` and as `*name`.
    private static func precheck(_ text: String, file: String) -> Diagnostic? {
        var openBrackets = 0
        var line = 1
        var indentation = 0
        var isLeading = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                indentation = 0
                isLeading = true
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: "\t"):
                if isLeading { indentation += 1 }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                openBrackets += 1
                isLeading = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                openBrackets = max(0, openBrackets - 1)
                isLeading = false
            case 0:
                return Diagnostic(SourcePosition(file: file, line: line), "this is not text: it contains a NUL character.")
            default:
                isLeading = false
            }
            if openBrackets > deepestNesting || indentation > deepestIndentation {
                return Diagnostic(SourcePosition(file: file, line: line), "this is nested more than \(deepestNesting) levels deep.")
            }
        }
        return alias(in: text, file: file)
    }

    private static func alias(in text: String, file: String) -> Diagnostic? {
        var anchors: Set<Substring> = []
        var aliases: [(name: Substring, line: Int)] = []
        var line = 1
        var previous = UInt8(ascii: "\n")
        let bytes = text.utf8
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") { line += 1 }
            let next = bytes.index(after: index)
            if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), separators.contains(previous) {
                let end = bytes[next...].firstIndex { separators.contains($0) } ?? bytes.endIndex
                let name = text[next..<end]
                if byte == UInt8(ascii: "&") { anchors.insert(name) } else if aliases.count < 100_000 { aliases.append((name, line)) }
            }
            previous = byte
            index = next
        }
        guard let first = aliases.first(where: { anchors.contains($0.name) }) else { return nil }
        return Diagnostic(SourcePosition(file: file, line: first.line), aliasMessage)
    }

    private static let separators: Set<UInt8> = Set(" \n\r\t,[]{}:\"'-?".utf8)

    // MARK: - Errors of the parser

    private static func describe(_ error: YamlError, _ text: String, file: String) -> Diagnostic {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let words = [context.map { "\($0.text)".trimmed }, problem.trimmed].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
            // The mistake that parameters invite.
            let line = text.split(separator: "\n", maxSplits: mark.line, omittingEmptySubsequences: false).dropFirst(max(0, mark.line - 1)).first ?? ""
            let hint = line.utf8.contains(UInt8(ascii: "$")) ? " Within { } and [ ] a parameter stands in quotes: \"${name}\"." : ""
            return Diagnostic(SourcePosition(file: file, line: mark.line, column: mark.column), "this is not YAML: \(words).\(hint)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let position = SourcePosition(file: file, line: context.mark.line, column: context.mark.column)
            return Diagnostic(position, "the key \"\(duplicates.first ?? "")\" is given twice.")
        case .reader(let problem, _, _, _):
            return Diagnostic(SourcePosition(file: file), "this is not YAML: \(problem).")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return Diagnostic(SourcePosition(file: file), "this is not YAML.")
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var view = self[...]
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
