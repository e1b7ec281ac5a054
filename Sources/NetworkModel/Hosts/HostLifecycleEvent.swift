/// What happens to a host as a whole; transport protocols act on it at once, as the operating system's kernel would.
public enum HostLifecycleEvent: Hashable, Sendable {
    /// The machine sleeps: nothing runs, the network adapter drops what arrives.
    case slept
    /// The machine runs again. If `socketsReclaimed`, the operating system has closed all sockets: report an error to their owners, send nothing.
    case woke(socketsReclaimed: Bool)
    /// The application is suspended. The kernel goes on: it acknowledges segments and keeps retransmitting.
    case appSuspended
    /// The application runs again. If `socketsReclaimed`, its sockets are dead: report an error to their owners, send nothing.
    case appResumed(socketsReclaimed: Bool)
    /// The process died: the kernel closes its sockets (a TCP connection with unread data or with listeners gone: RST; else FIN) and lets UDP ports answer with ICMP.
    case processExited
    /// The machine lost power or crashed: all connections are gone, nothing is sent.
    case crashed
    /// The machine runs again with no memory of earlier connections: a segment of one is answered with RST (or with silence, by the host's setting).
    case booted
}
