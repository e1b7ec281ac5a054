import NIOCore

/// A packet as it was seen at one place, for packet captures.
public struct CapturedPacket: Sendable {
    /// What happened to the packet there.
    public enum Fate: Hashable, Sendable {
        /// The host at this interface sent it.
        case sent
        /// The host at this interface received it.
        case received
        /// It was dropped here.
        case dropped(DropReason)
    }

    /// When, in the simulation's own time.
    public var time: NIODeadline
    /// "phone/wifi" for an interface; the name of the link, router or host for a drop.
    public var place: String
    /// The packet as it looked there.
    public var packet: IPPacket
    /// What happened to it there.
    public var fate: Fate
}
