/// A packet filter, a host's own or an access network's: rules in order, the first that matches decides, and what none matches passes.
public struct Firewall: Sendable {
    /// Which packets of the host a rule is about.
    public enum Direction: String, Hashable, Sendable {
        /// Packets that the host sends: refused ones fail with EPERM.
        case outgoing
        /// Packets that arrive: refused ones vanish.
        case incoming
    }

    /// Matches packets; what is nil matches everything.
    public struct Rule: Hashable, Sendable {
        /// Which way.
        public var direction: Direction
        /// Whether matching packets pass.
        public var isPermitting: Bool
        /// The transport protocol.
        public var transportProtocol: IPProtocol?
        /// The other side's address.
        public var remote: IPPrefix?
        /// The other side's port.
        public var remotePort: UInt16?
        /// This host's port.
        public var localPort: UInt16?

        /// A rule that refuses (or permits) what matches.
        public init(
            _ direction: Direction, isPermitting: Bool = false, transportProtocol: IPProtocol? = nil, remote: IPPrefix? = nil,
            remotePort: UInt16? = nil, localPort: UInt16? = nil
        ) {
            self.direction = direction
            self.isPermitting = isPermitting
            self.transportProtocol = transportProtocol
            self.remote = remote
            self.remotePort = remotePort
            self.localPort = localPort
        }

        func matches(_ packet: IPPacket, _ direction: Direction) -> Bool {
            guard self.direction == direction else { return false }
            let (source, destination) = (packet.sourceTransportAddress, packet.destinationTransportAddress)
            let (local, remote) = direction == .outgoing ? (source, destination) : (destination, source)
            return transportProtocol.map { $0 == packet.transportProtocol } != false
                && self.remote.map { $0.contains(remote.address) } != false
                && remotePort.map { $0 == remote.port } != false && localPort.map { $0 == local.port } != false
        }
    }

    /// The rules, in order.
    public var rules: [Rule]

    /// A filter with the given rules.
    public init(rules: [Rule] = []) {
        self.rules = rules
    }

    func permits(_ packet: IPPacket, _ direction: Direction) -> Bool {
        if rules.isEmpty { return true }
        return rules.first { $0.matches(packet, direction) }?.isPermitting ?? true
    }
}
