import Foundation

/// `extends`: a file that starts from another. Mappings merge key by key; lists and single values replace; a key without a value removes.
struct Inheritance {
    var readText: @Sendable (String) -> Result<String, Diagnostic>

    /// The tree of a file with everything it inherits.
    func resolve(_ path: String, _ diagnostics: Diagnostics) -> SourceNode? {
        var chain: [SourceNode] = []
        var visited: Set<String> = []
        var next: String? = path
        var reference: SourcePosition?
        while let path = next {
            guard visited.insert(canonical(path)).inserted else {
                diagnostics.report(reference ?? SourcePosition(file: path), "this file extends itself, directly or through others.")
                return nil
            }
            guard visited.count <= ScenarioLoader.deepestInheritance else {
                diagnostics.report(reference ?? SourcePosition(file: path), "more than \(ScenarioLoader.deepestInheritance) files extend each other.")
                return nil
            }
            guard let node = read(path, reference, diagnostics) else { return nil }
            chain.append(node)
            (next, reference) = base(of: node, path, diagnostics)
        }
        guard var result = chain.last else { return nil }
        for node in chain.dropLast().reversed() { result = Self.merge(node, over: result) }
        return result
    }

    private func read(_ path: String, _ reference: SourcePosition?, _ diagnostics: Diagnostics) -> SourceNode? {
        switch readText(path).flatMap({ YAMLReader.parse($0, file: path) }) {
        case .success(let node):
            guard case .mapping = node.content else {
                let words = node.isNull ? "the file is empty." : "a scenario is a mapping, not \(node.kindInWords)."
                diagnostics.report(node.isNull ? SourcePosition(file: path) : node.position, "\(words) It begins with \"faultline: 1\".")
                return nil
            }
            return node
        case .failure(let problem):
            if let reference, problem.position.line == 0 {
                diagnostics.report(reference, "\"\(path)\": \(problem.message)")
            } else {
                diagnostics.report(problem.position, problem.message)
            }
            return nil
        }
    }

    /// The file that a file extends, relative to it.
    private func base(of node: SourceNode, _ path: String, _ diagnostics: Diagnostics) -> (path: String?, position: SourcePosition?) {
        guard let member = node.member("extends"), !member.value.isNull else { return (nil, nil) }
        guard let name = member.value.text?.trimmed, name.hasSuffix(".yaml") || name.hasSuffix(".yml") else {
            diagnostics.report(member.value.position, "\"extends\" is the name of one .yaml file.")
            return (nil, nil)
        }
        if name.hasPrefix("/") { return (name, member.value.position) }
        guard let slash = path.lastIndex(of: "/") else { return (name, member.value.position) }
        return (path[...slash] + name, member.value.position)
    }

    private func canonical(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// `node` over `base`.
    static func merge(_ node: SourceNode, over base: SourceNode) -> SourceNode {
        guard case .mapping(let upper) = node.content, case .mapping(let lower) = base.content else { return node }
        var members: [SourceNode.Member] = []
        for member in lower {
            guard let override = upper.first(where: { $0.key == member.key }) else {
                members.append(member)
                continue
            }
            if override.value.isNull { continue }
            members.append(.init(key: member.key, keyPosition: override.keyPosition, value: merge(override.value, over: member.value)))
        }
        members += upper.filter { member in !lower.contains { $0.key == member.key } }
        return SourceNode(position: node.position, content: .mapping(members))
    }
}
