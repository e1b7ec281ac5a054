/// "Did you mean": the nearest of the known words.
enum Suggestion {
    /// The word nearest to `word`, if it is near: a slip of the finger in about every third letter, another spelling, or the beginning.
    static func nearest(to word: String, among known: [String]) -> String? {
        let target = folded(word)
        guard !target.isEmpty, target.count <= 60 else { return nil }
        var best: (distance: Int, word: String)?
        for candidate in known {
            let other = folded(candidate)
            if other == target { return candidate }
            let allowed = max(1, min(target.count, other.count) / 3)
            guard abs(other.count - target.count) <= allowed, other.count <= 60 else { continue }
            let distance = editDistance(target, other)
            if distance <= allowed, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        if let best { return best.word }
        guard target.count >= 3 else { return nil }
        let beginnings = known.filter { folded($0).starts(with: target) }
        return beginnings.count == 1 ? beginnings[0] : nil
    }

    /// The end of a message: ` Did you mean "x"?`, or what is known if that is short, or nothing.
    static func hint(for word: String, among known: [String], label: String = "Known here") -> String {
        if let nearest = nearest(to: word, among: known) { return " Did you mean \"\(nearest)\"?" }
        return list(known, label: label)
    }

    /// ` Known here: a, b, c.`
    static func list(_ known: [String], label: String = "Known here", most: Int = 16) -> String {
        guard !known.isEmpty else { return "" }
        let shown = known.prefix(most).joined(separator: ", ")
        return " \(label): \(shown)\(known.count > most ? ", ..." : "")."
    }

    /// Letters and digits in lower case: `tokenLifeTime`, `token-lifetime` and `token_lifetime` are one word.
    private static func folded(_ word: String) -> [Character] {
        Array(word.prefix(80).lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " })
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
    private static func editDistance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other { cost = min(cost, beforeLast[column - 1] + 1) }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
