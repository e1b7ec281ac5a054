/// A tree written as a scenario file: block style where a line would become long, flow style where it fits.
enum YAMLWriter {
    static let longestLine = 120

    static func write(_ root: SourceNode) -> String {
        guard case .mapping(let members) = root.content else { return root.flowText + "\n" }
        var lines: [String] = []
        mapping(members, indentation: 0, isTop: true, &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func mapping(_ members: [SourceNode.Member], indentation: Int, isTop: Bool, _ lines: inout [String]) {
        let margin = String(repeating: " ", count: indentation)
        for member in members {
            let key = margin + YAMLText.scalar(member.key) + ":"
            // Sections of a file are easier to compare when every entry has its line.
            if isTop, member.key != "spec", member.key != "seeds", let lines2 = block(member.value, indentation: indentation + 2) {
                lines.append(key)
                lines += lines2
            } else {
                append(key, member.value, indentation, &lines)
            }
        }
    }

    private static func append(_ head: String, _ value: SourceNode, _ indentation: Int, _ lines: inout [String]) {
        let flow = value.flowText
        if head.count + 1 + flow.count > longestLine, let block = block(value, indentation: indentation + 2) {
            lines.append(head)
            lines += block
        } else {
            lines.append(head + " " + flow)
        }
    }

    /// Nil for what has no block style: single values and what is empty.
    private static func block(_ node: SourceNode, indentation: Int) -> [String]? {
        var lines: [String] = []
        switch node.content {
        case .scalar: return nil
        case .mapping(let members):
            guard !members.isEmpty else { return nil }
            mapping(members, indentation: indentation, isTop: false, &lines)
        case .sequence(let items):
            guard !items.isEmpty else { return nil }
            let margin = String(repeating: " ", count: indentation)
            for item in items {
                let flow = item.flowText
                if indentation + 2 + flow.count > longestLine, case .mapping(let members) = item.content, !members.isEmpty {
                    var inner: [String] = []
                    mapping(members, indentation: indentation + 2, isTop: false, &inner)
                    inner[0] = margin + "- " + inner[0].dropFirst(indentation + 2)
                    lines += inner
                } else {
                    lines.append(margin + "- " + flow)
                }
            }
        }
        return lines
    }
}
