import NIOCore

/// A scenario, complete and checked: every reference resolves, every default is filled in, every instant is absolute, parameters are
/// substituted, groups of hosts and peers are expanded. The text of the file it came from is no longer needed to run it.
public struct Scenario: Sendable {
    /// The file it was read from.
    public var file: String
    /// Where the name stands.
    public var namePosition: SourcePosition
    /// Where the list of rules stands; the name's place if there is none.
    public var specPosition: SourcePosition
    /// Its name, unique in the file: for a member of a matrix it tells the member.
    public var name: String
    /// The values a matrix gave this member, in the order of the file; empty without a matrix.
    public var variant: [ParameterValue]
    /// What happens and what should come of it, for a person.
    public var story: String
    /// The rules of the specification it exercises, for example `SIG-01`.
    public var spec: [String]
    /// The seeds it runs with, 1 to 10,000 of them, no two alike, in the order of the file.
    public var seeds: [UInt64]
    /// How long the simulated world runs.
    public var duration: TimeAmount
    /// The access networks in use, presets included, in the order of first mention.
    public var networks: [Network]
    /// The devices, groups expanded.
    public var hosts: [Host]
    /// The realtime service.
    public var service: Service
    /// Where applications fetch their tokens.
    public var tokenEndpoint: TokenEndpoint
    /// The STUN and TURN servers, in the order of the file.
    public var turnServers: [TURNServer]
    /// The clients, groups expanded.
    public var peers: [Peer]
    /// What happens, by time; entries of one instant keep the order of the file.
    public var timeline: [TimelineEntry]
    /// What must come of it, in the order of the file.
    public var expectations: [Expectation]

    /// The value of one parameter.
    public struct ParameterValue: Hashable, Sendable {
        /// The parameter.
        public var name: String
        /// Its value as written.
        public var value: String
    }

    /// The network of that name.
    public func network(_ name: String) -> Network? { networks.first { $0.name == name } }
    /// The host of that name.
    public func host(_ name: String) -> Host? { hosts.first { $0.name == name } }
    /// The TURN server of that name.
    public func turnServer(_ name: String) -> TURNServer? { turnServers.first { $0.name == name } }
    /// The peer of that name.
    public func peer(_ name: String) -> Peer? { peers.first { $0.name == name } }

    /// Every id by which the service knows these peers in the course of the timeline: their names, and what ``Action/newID(peer:id:)`` gives them.
    func ids(of peers: [String]) -> [String] {
        let given = timeline.compactMap { entry -> String? in
            guard case .newID(let peer, let id) = entry.action, peers.contains(peer) else { return nil }
            return id
        }
        return given.isEmpty ? peers : peers + given
    }
}
