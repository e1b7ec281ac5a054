/// A dictionary that is walked in the order of insertion, with removal in constant time (amortised), so that a room of any size is
/// deterministic and cheap.
struct JoinOrderedTable<Key: Hashable, Value>: Sequence {
    private var entries: [(key: Key, value: Value)?] = []
    private var places: [Key: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    subscript(key: Key) -> Value? {
        get { places[key].flatMap { entries[$0]?.value } }
        set {
            switch (places[key], newValue) {
            case (let place?, let value?): entries[place] = (key, value)
            case (nil, let value?):
                places[key] = entries.count
                entries.append((key, value))
            case (let place?, nil):
                entries[place] = nil
                places[key] = nil
                compactIfHalfEmpty()
            case (nil, nil): break
            }
        }
    }

    mutating func removeAll() {
        entries = []
        places = [:]
    }

    private mutating func compactIfHalfEmpty() {
        guard entries.count > 16, places.count * 2 < entries.count else { return }
        entries.removeAll { $0 == nil }
        for (place, entry) in entries.enumerated() {
            if let entry { places[entry.key] = place }
        }
    }

    /// Like a loop over the sequence, without its iterator's cost: broadcasts run through here.
    func forEach(_ body: ((key: Key, value: Value)) throws -> Void) rethrows {
        for case let entry? in entries { try body(entry) }
    }

    func makeIterator() -> AnyIterator<(key: Key, value: Value)> {
        var rest = entries.makeIterator()
        return AnyIterator {
            while let entry = rest.next() {
                if let entry { return entry }
            }
            return nil
        }
    }
}
