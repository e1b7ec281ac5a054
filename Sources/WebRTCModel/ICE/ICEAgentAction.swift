public import MeteredRealtime
public import NIOCore
public import NetworkModel

/// What an ``ICEAgent`` wants its owner to do or to know; in order.
public enum ICEAgentAction: Sendable {
    /// A STUN message is to be sent by a local transport.
    case send(ByteBuffer, transport: Int, to: TransportAddress)
    /// There is a pair of this transport and peer now: what it needs may be prepared.
    case pairMade(transport: Int, remote: TransportAddress)
    /// There is no pair of this transport and peer any more.
    case pairForgotten(transport: Int, remote: TransportAddress)
    /// ``ICEAgent/state`` changed.
    case stateChanged(ICEConnectionState)
    /// ``ICEAgent/selectedPair`` is another pair, or none.
    case pairSelected
    /// A pair that carried the data has been given up, and why.
    case pairLost(local: String, remote: String, reason: String)
    /// ``ICEAgent/isWritable`` changed.
    case writableChanged(Bool)
    /// ``ICEAgent/isControlling`` changed: there was a role conflict.
    case roleChanged
    /// Nothing needs the transports of this generation any more.
    case generationEnded(Int)
}

/// What a datagram was.
public enum ICEDatagram: Hashable, Sendable {
    /// STUN: the agent has dealt with it.
    case stun
    /// Application data of a pair that exists.
    case data
    /// Nothing that concerns the agent: an unknown sender.
    case ignored
}
