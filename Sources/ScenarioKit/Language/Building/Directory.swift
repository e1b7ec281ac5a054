/// The names of one kind of thing, with groups, and what they stand for.
struct Directory {
    /// What a name stands for.
    struct Entry {
        /// The name as declared: a group's name for its members.
        var declared: String
        var members: [String]
    }

    /// "host"
    let noun: String
    /// The names as declared, in order.
    private(set) var declared: [String] = []
    private(set) var everyone: [String] = []
    private var entries: [String: Entry] = [:]

    init(_ noun: String) { self.noun = noun }

    /// Adds a name or a group; false if a name exists already.
    mutating func add(_ name: String, members: [String]) -> Bool {
        guard entries[name] == nil, !members.contains(where: { entries[$0] != nil }) else { return false }
        declared.append(name)
        everyone += members
        for member in members where member != name { entries[member] = Entry(declared: name, members: [member]) }
        entries[name] = Entry(declared: name, members: members)
        return true
    }

    subscript(name: String) -> Entry? { entries[name] }

    /// What a list of references stands for, each member once, in the order of mention.
    func resolve(_ references: [(text: String, position: SourcePosition)], _ diagnostics: Diagnostics) -> [Entry] {
        var result: [Entry] = []
        var seen: Set<String> = []
        for (text, position) in references {
            if text == "all" { return declared.compactMap { entries[$0] } }
            guard let entry = entries[text] else {
                let hint = Suggestion.nearest(to: text, among: declared).map { " Did you mean \"\($0)\"?" } ?? Suggestion.list(declared)
                diagnostics.report(position, "there is no \(noun) \"\(text.shortened)\".\(hint)")
                continue
            }
            let key = entry.members.count == 1 ? entry.members[0] : entry.declared
            if seen.insert(key).inserted { result.append(entry) }
        }
        return result
    }

    /// The members of several entries, each once.
    func members(of entries: [Entry]) -> [String] {
        if entries.count == 1 { return entries[0].members }
        if entries.count == declared.count, entries.map(\.declared) == declared,
            entries.allSatisfy({ self.entries[$0.declared]?.members == $0.members })
        {
            return everyone
        }
        var seen: Set<String> = []
        return entries.flatMap(\.members).filter { seen.insert($0).inserted }
    }

    /// Names may hold letters, digits, `-`, `_` and `.`, so that they can stand in traces, peer ids and file names.
    static func problem(with name: String, noun: String) -> String? {
        if ["all", "service", "token-endpoint", "media", "resolver", "resolver64", "timeline", "start", "end"].contains(name) {
            return "\"\(name)\" is a word of the language and cannot be the name of a \(noun)."
        }
        let isGood =
            !name.isEmpty && name.utf8.count <= 64
            && name.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil || "-_.".unicodeScalars.contains($0)
            }
        return isGood
            ? nil : "\"\(name.shortened)\" cannot be the name of a \(noun): use letters, digits, \"-\", \"_\" and \".\", at most 64."
    }

    /// `name`, or `name-001` and so on.
    static func memberNames(_ name: String, count: Int?) -> [String] {
        guard let count else { return [name] }
        let width = max(3, String(count).count)
        return (1...count).map { number in
            let digits = String(number)
            return "\(name)-\(String(repeating: "0", count: width - digits.count))\(digits)"
        }
    }
}
