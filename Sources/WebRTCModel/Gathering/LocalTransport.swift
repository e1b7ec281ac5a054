import NIOCore
import NetworkModel

/// What ended or limited a local transport.
public enum LocalTransportFailure: Hashable, Sendable {
    /// It carries nothing any more: its socket was closed by the operating system, or its TCP or TLS connection to the TURN server ended.
    case closed(String)
    /// The TURN allocation is lost: nothing can be sent, what arrives may still be used.
    case allocationLost(code: STUNErrorCode?)
    /// The TURN server refuses to relay to this peer, or did not answer when asked to.
    case peerRefused(TransportAddress, code: STUNErrorCode?)
    /// An ICMP error came back about a datagram to this address.
    case unreachable(TransportAddress)
}

/// A way for an ICE agent to send and receive: a UDP socket of the host, or an allocation on a TURN server.
///
/// Server-reflexive candidates have the transport of their base. All calls come on the host's `eventLoop`.
public protocol LocalTransport: AnyObject {
    /// Unique among the transports of one gatherer, counted from 1 over all generations.
    var id: Int { get }
    /// The host or relayed candidate that the transport stands for.
    var candidate: ICELocalCandidate { get }
    /// Called with every datagram from a peer and its sender. STUN from STUN and TURN servers has been taken out.
    var onReceive: ((ByteBuffer, TransportAddress) -> Void)? { get set }
    /// Called when something ends or limits the transport.
    var onFailure: ((LocalTransportFailure) -> Void)? { get set }

    /// Sends a datagram. A relayed one goes as Send indication or ChannelData, with what permissions it needs.
    @discardableResult
    func send(_ bytes: ByteBuffer, to remote: TransportAddress) -> SendResult
    /// The agent has a pair with this peer: a relayed transport asks for the permission now if the profile does so.
    func prepare(for remote: TransportAddress)
    /// The agent has no pair with this peer any more: a relayed transport lets its permission and channel expire.
    func forget(_ remote: TransportAddress)
    /// Gives the socket or allocation back. Nothing is called afterwards.
    func close()
}

extension LocalTransport {
    /// A socket needs no permission.
    public func prepare(for remote: TransportAddress) {}
    /// A socket remembers no peers.
    public func forget(_ remote: TransportAddress) {}
}
