/// Something that takes packets out of a pipe: a host's interface or a router.
protocol PacketSink: AnyObject {
    /// Takes a packet that came out of `pipe`, or from a tunnel if nil.
    func accept(_ packet: IPPacket, from pipe: Pipe?)
}

/// The near end of a way to somewhere: a pipe or a tunnel.
protocol PacketEntrance: AnyObject {
    func send(_ packet: IPPacket)
}

/// The node at the entrance of a pipe, which answers for packets that do not fit into it.
protocol ICMPOrigin: AnyObject {
    /// Sends an ICMP error to the sender of `packet`.
    func sendError(_ kind: ICMPMessage.Kind, about packet: IPPacket)
}

extension Pipe: PacketEntrance {}
