/// A step of a DNS lookup.
public enum DNSEvent: Hashable, Sendable {
    /// A query was sent; `attempt` counts from 1.
    case query(name: String, family: IPFamily, server: IPAddress, attempt: Int)
    /// The lookup succeeded.
    case answer(name: String, family: IPFamily, addresses: [IPAddress], fromCache: Bool)
    /// The lookup failed.
    case failure(DNSError, family: IPFamily)
}
