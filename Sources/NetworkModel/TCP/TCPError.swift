#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import NIOCore

/// Why a TCP connection failed: the errno that an application would see.
public enum TCPError: String, Error, Hashable, Sendable, CaseIterable {
    /// ECONNREFUSED: a RST or ICMP "port unreachable" answered the SYN.
    case refused = "ECONNREFUSED"
    /// ECONNRESET: the other end sent RST.
    case reset = "ECONNRESET"
    /// ETIMEDOUT: SYNs or data stayed unanswered for too long.
    case timedOut = "ETIMEDOUT"
    /// EHOSTUNREACH: a router said that the host cannot be reached.
    case hostUnreachable = "EHOSTUNREACH"
    /// ENETUNREACH: no route.
    case networkUnreachable = "ENETUNREACH"
    /// ECONNABORTED: the operating system ended the connection.
    case aborted = "ECONNABORTED"
    /// EADDRNOTAVAIL: no local port is free.
    case addressNotAvailable = "EADDRNOTAVAIL"
    /// EADDRINUSE: another socket listens on the port.
    case addressInUse = "EADDRINUSE"

    /// The number of the error on this platform.
    public var errnoCode: CInt {
        switch self {
        case .refused: ECONNREFUSED
        case .reset: ECONNRESET
        case .timedOut: ETIMEDOUT
        case .hostUnreachable: EHOSTUNREACH
        case .networkUnreachable: ENETUNREACH
        case .aborted: ECONNABORTED
        case .addressNotAvailable: EADDRNOTAVAIL
        case .addressInUse: EADDRINUSE
        }
    }

    /// The error as NIO's socket channels report it.
    public func ioError(during call: String) -> IOError { IOError(errnoCode: errnoCode, reason: call) }
}
