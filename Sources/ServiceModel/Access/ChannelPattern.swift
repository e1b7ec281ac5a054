/// Which channels a key or token opens: a name in which `*` stands for any run of characters, itself included.
public struct ChannelPattern: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The pattern as written.
    public let text: String
    private let scalars: [Unicode.Scalar]

    /// A pattern such as `room:*`.
    public init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    /// See ``init(_:)``.
    public init(stringLiteral text: String) { self.init(text) }

    /// Whether the whole name fits the pattern. Backs up to the latest `*` only, so the cost is at most the product of the two lengths.
    public func matches(_ channel: String) -> Bool {
        let name = Array(channel.unicodeScalars)
        var inPattern = 0
        var inName = 0
        var retry: (inPattern: Int, inName: Int)?
        while inName < name.count {
            if inPattern < scalars.count, scalars[inPattern] == "*" {
                retry = (inPattern + 1, inName)
                inPattern += 1
            } else if inPattern < scalars.count, scalars[inPattern] == name[inName] {
                inPattern += 1
                inName += 1
            } else if let last = retry {
                retry = (last.inPattern, last.inName + 1)
                inPattern = last.inPattern
                inName = last.inName + 1
            } else {
                return false
            }
        }
        return scalars[inPattern...].allSatisfy { $0 == "*" }
    }
}
