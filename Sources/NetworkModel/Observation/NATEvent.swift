/// A change of the state of a NAT or stateful firewall.
public enum NATEvent: Hashable, Sendable {
    /// A mapping from inside to outside was made.
    case created(IPProtocol, inside: TransportAddress, outside: TransportAddress)
    /// A mapping was idle for too long, or its TCP connections have ended.
    case expired(IPProtocol, inside: TransportAddress, outside: TransportAddress)
    /// All mappings were lost; `addresses` are the public ones from now on (none for a firewall).
    case rebound(lostMappings: Int, addresses: [IPAddress])
}
