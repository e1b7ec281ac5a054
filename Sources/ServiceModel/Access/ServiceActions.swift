/// What a key or token lets its bearer do.
public struct ServiceActions: OptionSet, Hashable, Sendable {
    /// The actions as bits.
    public let rawValue: UInt8
    /// Actions from bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Subscribe to channels and be listed in them.
    public static let subscribe = ServiceActions(rawValue: 1)
    /// Publish to channels.
    public static let publish = ServiceActions(rawValue: 2)
    /// Send to single peers.
    public static let send = ServiceActions(rawValue: 4)
    /// Everything.
    public static let all: ServiceActions = [.subscribe, .publish, .send]

    private static let named: [(name: String, action: ServiceActions)] = [
        ("subscribe", .subscribe), ("publish", .publish), ("send", .send),
    ]

    /// The actions by name; a name that is not known allows nothing.
    public init(names: [String]) {
        self = Self.named.filter { names.contains($0.name) }.reduce(into: []) { $0.insert($1.action) }
    }

    /// The names, as a token's `permissions` lists them.
    public var names: [String] { Self.named.filter { contains($0.action) }.map(\.name) }
}
