/// A file with parameters and perhaps a matrix: the scenarios it stands for.
struct ScenarioFamily {
    /// One member with every parameter in place.
    struct Variant {
        var root: SourceNode
        var values: [Scenario.ParameterValue]
        var nameSuffix: String

        /// The member as a file of its own.
        func yaml(name: String) -> String {
            guard case .mapping(let members) = root.content else { return "" }
            let named = members.map { member in
                guard member.key == "name" else { return member }
                return SourceNode.Member(
                    key: "name", keyPosition: member.keyPosition,
                    value: SourceNode(position: member.value.position, content: .scalar(name, isPlain: true)))
            }
            return YAMLWriter.write(SourceNode(position: root.position, content: .mapping(named)))
        }
    }

    /// The file without `extends`, `parameters` and `matrix`.
    let root: SourceNode
    private let defaults: [String: SourceNode]
    private let parameterNames: [String]
    /// The lists of the matrix in the order of the file.
    private let axes: [(name: String, position: SourcePosition, values: [SourceNode])]
    let variantCount: Int
    /// The lists whose values the name does not mention.
    private let axesInSuffix: Set<String>

    /// Nil if parameters or matrix are unusable.
    init?(_ file: SourceNode, _ diagnostics: Diagnostics) {
        guard let members = file.members else { return nil }
        var defaults: [String: SourceNode] = [:]
        var names: [String] = []
        var axes: [(name: String, position: SourcePosition, values: [SourceNode])] = []
        for member in members where member.key == "parameters" && !member.value.isNull {
            for parameter in Self.entries(member, diagnostics) {
                defaults[parameter.key] = parameter.value
                names.append(parameter.key)
            }
        }
        var count = 1
        for member in members where member.key == "matrix" && !member.value.isNull {
            for axis in Self.entries(member, diagnostics) {
                guard case .sequence(let values) = axis.value.content, !values.isEmpty else {
                    diagnostics.report(axis.value.position, "\"\(axis.key)\" of a matrix is a list of values, for example [1 s, 10 s].")
                    return nil
                }
                // The product is checked at each step, so it cannot overflow.
                count *= values.count
                guard count <= ScenarioLoader.mostVariants else {
                    diagnostics.report(member.keyPosition, "this matrix has more than 1,000 members, the most that one file makes.")
                    return nil
                }
                axes.append((axis.key, axis.keyPosition, values))
                if defaults[axis.key] == nil { names.append(axis.key) }
            }
        }
        root = SourceNode(position: file.position, content: .mapping(members.filter { !["extends", "parameters", "matrix"].contains($0.key) }))
        self.defaults = defaults
        parameterNames = names
        self.axes = axes
        variantCount = count
        let nameText = root.member("name")?.value.text ?? ""
        axesInSuffix = Set(axes.map(\.name).filter { name in !Substitution.mentions(nameText, name) })
        for axis in axes where !Substitution.mentions(root, axis.name) {
            diagnostics.report(axis.position, "nothing uses \"${\(axis.name)}\", so the members of this matrix would be alike.")
        }
    }

    private static func entries(_ member: SourceNode.Member, _ diagnostics: Diagnostics) -> [SourceNode.Member] {
        guard case .mapping(let entries) = member.value.content else {
            diagnostics.report(member.value.position, "\"\(member.key)\" is a mapping of names, not \(member.value.kindInWords).")
            return []
        }
        for entry in entries where !Substitution.isName(entry.key) {
            diagnostics.report(entry.keyPosition, "\"\(entry.key.shortened)\" cannot name a parameter: use letters, digits, \"-\" and \"_\".")
        }
        return entries
    }

    /// The member with that number; the last list of the matrix changes fastest.
    func variant(_ index: Int, _ diagnostics: Diagnostics) -> Variant? {
        var rest = index
        var chosen: [(name: String, value: SourceNode)] = []
        for axis in axes.reversed() {
            chosen.append((axis.name, axis.values[rest % axis.values.count]))
            rest /= axis.values.count
        }
        chosen.reverse()
        var values = defaults
        for (name, value) in chosen { values[name] = value }
        var substitution = Substitution(values: values, known: parameterNames, diagnostics: diagnostics)
        guard let root = substitution.apply(to: root) else { return nil }
        let suffix = chosen.filter { axesInSuffix.contains($0.name) }.map { "\($0.name) \($0.value.flowText)" }.joined(separator: ", ")
        return Variant(
            root: root, values: chosen.map { .init(name: $0.name, value: $0.value.text ?? $0.value.flowText) },
            nameSuffix: suffix.isEmpty ? "" : " (\(suffix.prefix(150)))")
    }
}
