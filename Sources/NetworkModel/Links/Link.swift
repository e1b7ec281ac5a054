/// The two directions of a link, seen from the side that is further from the core.
public enum LinkDirection: String, Hashable, Sendable, CaseIterable {
    /// From a host towards the core.
    case up
    /// From the core towards a host.
    case down
    /// Both.
    case both

    var includesUp: Bool { self != .down }
    var includesDown: Bool { self != .up }
}

/// Two pipes between a host's interface and its access network, or between an access network and what is above it.
public final class Link {
    /// "phone/wifi" or "home/uplink".
    public let name: String
    /// Towards the core.
    public let up: Pipe
    /// Towards the host.
    public let down: Pipe

    init(name: String, up: Pipe, down: Pipe) {
        self.name = name
        self.up = up
        self.down = down
    }

    /// The pipes of a direction.
    func pipes(_ direction: LinkDirection) -> [Pipe] {
        switch direction {
        case .up: [up]
        case .down: [down]
        case .both: [up, down]
        }
    }
}

/// The conditions of a link in both directions.
public struct LinkProfile: Hashable, Sendable {
    /// Towards the core.
    public var up: LinkConditions
    /// Towards the host.
    public var down: LinkConditions

    /// No rate, delay or loss either way.
    public static let ideal = LinkProfile(.ideal)

    /// Conditions for each direction.
    public init(up: LinkConditions, down: LinkConditions) {
        self.up = up
        self.down = down
    }

    /// The same conditions both ways.
    public init(_ both: LinkConditions) {
        self.init(up: both, down: both)
    }
}
