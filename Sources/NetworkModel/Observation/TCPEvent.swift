import NIOCore

/// Something that happened to one TCP connection.
public struct TCPEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A SYN was sent; `attempt` counts from 1.
        case synSent(attempt: Int)
        /// The handshake is complete.
        case established
        /// A segment was sent again; `timeout` is the retransmission timeout that expired, or nil for a fast retransmission.
        case retransmitted(timeout: TimeAmount?)
        /// A RST was sent.
        case resetSent
        /// A RST was received.
        case resetReceived
        /// The connection was given up.
        case timedOut
        /// The connection has ended; `error` is the errno name, nil for an orderly end.
        case closed(error: String?)
    }

    /// What happened.
    public var kind: Kind
    /// This host's end.
    public var local: TransportAddress
    /// The other end.
    public var remote: TransportAddress

    /// Makes an event of a connection.
    public init(_ kind: Kind, local: TransportAddress, remote: TransportAddress) {
        self.kind = kind
        self.local = local
        self.remote = remote
    }
}
