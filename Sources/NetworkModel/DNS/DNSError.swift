/// Why a name could not be looked up.
public enum DNSError: Error, Hashable, Sendable {
    /// NXDOMAIN: the name does not exist.
    case nameNotFound(String)
    /// SERVFAIL or another error code of the server.
    case serverFailure(String)
    /// No server answered in time.
    case timeout(String)
    /// No query could be sent: no interface is up, or none has a resolver.
    case networkUnreachable(String)
    /// The text is not a name: empty, a label over 63 bytes, or over 253 bytes in all (RFC 1035 section 2.3.4).
    case invalidName(String)
    /// The lookup ended because the application's sockets were closed by the operating system.
    case cancelled(String)
}
