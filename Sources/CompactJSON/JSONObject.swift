/// The members of a JSON object in the order in which they were first set.
///
/// Look-up is a scan up to eight members and an index from there on, so that a hostile object of many members costs linear time.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
    /// The members in order.
    public private(set) var members: [(key: String, value: JSONValue)] = []
    private var index: [String: Int] = [:]
    private static let scanLimit = 8

    /// An empty object.
    public init() {}

    /// An object of these members; of a repeated key the last value wins, at the place of the first.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// An object of these members, taken as they are. Their keys must all differ; only debug builds check it.
    public init(uniqueMembers members: [(key: String, value: JSONValue)]) {
        self.members = members
        if members.count > Self.scanLimit { rebuildIndex() }
        assert(Set(members.map(\.key)).count == members.count, "a member is named twice")
    }

    /// See ``init(_:)``.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// The value of a member. Setting nil removes it; setting a new key appends it.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    private func position(of key: String) -> Int? {
        if members.count > Self.scanLimit { return index[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if members.count == Self.scanLimit + 1 {
            rebuildIndex()
        } else if members.count > Self.scanLimit {
            index[key] = members.count - 1
        }
    }

    private mutating func remove(at place: Int) {
        members.remove(at: place)
        rebuildIndex()
    }

    private mutating func rebuildIndex() {
        index.removeAll(keepingCapacity: true)
        guard members.count > Self.scanLimit else { return }
        for (place, member) in members.enumerated() { index[member.key] = place }
    }
}

extension JSONObject: Sequence {
    /// Iterates over the members in order.
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> { members.makeIterator() }
}

extension JSONObject: Hashable {
    /// Equal when the same members stand in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }

    /// Feeds the members in order.
    public func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}
