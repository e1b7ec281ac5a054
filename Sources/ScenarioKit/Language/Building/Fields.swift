import NIOCore

/// The keys of one mapping, checked against its shape. Reading a key parses it by the type that the vocabulary gives it and reports what is
/// wrong; every reader returns nil for a key that is absent or wrong, so that one mistake never hides another.
final class Fields {
    let shape: Shape
    /// Where the mapping begins.
    let position: SourcePosition
    let diagnostics: Diagnostics
    private var members: [String: SourceNode.Member] = [:]
    private(set) var keysInOrder: [String] = []
    /// Whether keys were left out because the shape does not have them.
    private(set) var hadUnknownKeys = false

    /// Nil if the value is no mapping and the shape has no shorthand for it.
    init?(_ node: SourceNode, _ shapeName: ShapeName, _ diagnostics: Diagnostics) {
        let shape = Vocabulary.shape(shapeName)
        self.shape = shape
        self.diagnostics = diagnostics
        position = node.position
        switch node.content {
        case .mapping(let content):
            for member in content { add(member) }
        case .scalar, .sequence:
            guard let shorthand = shape.shorthand, !node.isNull else {
                if node.isNull, !shape.fields.contains(where: \.isRequired) { return }
                let keys = Suggestion.list(shape.fields.map(\.key), label: "Its keys")
                diagnostics.report(node.position, "\(shape.noun) is a mapping, not \(node.kindInWords).\(keys)")
                return nil
            }
            add(SourceNode.Member(key: shorthand, keyPosition: node.position, value: node))
        }
        for field in shape.fields where field.isRequired && members[field.key] == nil {
            diagnostics.report(position, "\(shape.noun) needs \"\(field.key)\". \(field.explanation)")
        }
    }

    private func add(_ member: SourceNode.Member) {
        guard shape.field(member.key) != nil else {
            hadUnknownKeys = true
            let known = shape.fields.map(\.key)
            // A wrong action is the mistake people make most; it deserves its own words.
            let what = shape.noun == Vocabulary.timelineEntry.noun ? "is not a fault or action" : "is not a key of \(shape.noun)"
            let hint = Suggestion.nearest(to: member.key, among: known).map { " Did you mean \"\($0)\"?" } ?? Suggestion.list(known, label: "Known", most: 40)
            diagnostics.report(member.keyPosition, "\"\(member.key.shortened)\" \(what).\(hint)")
            return
        }
        guard members[member.key] == nil else {
            diagnostics.report(member.keyPosition, "the key \"\(member.key)\" is given twice.")
            return
        }
        members[member.key] = member
        keysInOrder.append(member.key)
    }

    /// The value of a key; keys without a value count as absent.
    func node(_ key: String) -> SourceNode? {
        guard let member = member(key) else { return nil }
        return member.value
    }

    func member(_ key: String) -> SourceNode.Member? {
        precondition(shape.field(key) != nil, "the vocabulary has no key \(key) for \(shape.noun)")
        guard let member = members[key] else { return nil }
        return member.value.isNull ? nil : member
    }

    /// The key even if it has no value: `going-away:` is an action without settings.
    func rawMember(_ key: String) -> SourceNode.Member? { members[key] }

    func has(_ key: String) -> Bool { node(key) != nil }

    func report(_ key: String, _ message: String) {
        diagnostics.report(member(key)?.value.position ?? position, message)
    }

    /// Where a key stands; the mapping if it is absent.
    func keyPosition(_ key: String) -> SourcePosition { members[key]?.keyPosition ?? position }

    /// The value as text, if it is a single value.
    func scalar(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.text else {
            diagnostics.report(node.position, "\"\(key)\" is a single value, not \(node.kindInWords).")
            return nil
        }
        return text
    }

    /// The items of a list, or the single value as a list of one.
    func items(_ key: String) -> [SourceNode] {
        guard let node = node(key) else { return [] }
        if case .sequence(let items) = node.content { return items }
        return [node]
    }

    /// The items of what must be a list.
    func list(_ key: String) -> [SourceNode] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node.content else {
            diagnostics.report(node.position, "\"\(key)\" is a list, not \(node.kindInWords).")
            return []
        }
        return items
    }

    /// The members of what must be a mapping of names.
    func named(_ key: String) -> [SourceNode.Member] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let members) = node.content else {
            diagnostics.report(node.position, "\"\(key)\" is a mapping of names, not \(node.kindInWords).")
            return []
        }
        return members
    }

    func fields(_ key: String, _ shape: ShapeName) -> Fields? { node(key).flatMap { Fields($0, shape, diagnostics) } }
}

extension String {
    /// For messages: at most 60 characters.
    var shortened: String { count > 60 ? prefix(57) + "..." : self }
}
