import NIOCore
import SimulationKernel

/// What became of a packet at the moment a host tried to send it. Whatever is lost later is silence to the sender.
public enum SendResult: Hashable, Sendable {
    /// The packet left the host. It may still be lost on its way.
    case sent
    /// ENETUNREACH: no interface that is up leads to the destination.
    case noRoute
    /// EADDRNOTAVAIL: no interface has the source address of the packet (any more).
    case noAddress
    /// EPERM: the host's own firewall refuses the packet.
    case notPermitted
    /// EMSGSIZE: the packet may not be fragmented and is longer than the interface's MTU, in bytes.
    case messageTooLong(maximumTransmissionUnit: Int)
}

/// The seam between the IP layer and what is built on it (TCP, UDP): one host's view of its network.
///
/// Everything is called on the simulation's thread. A receiver is called in the context of the host's operating system kernel, not of its
/// application: hand application-facing work to `eventLoop`. Timers of a transport protocol belong on `systemLoop`, which freezes only when the
/// machine sleeps; `eventLoop` freezes also when the application is suspended.
public protocol IPStack: AnyObject {
    /// The name of the host, for events and traces.
    var name: String { get }
    /// The simulation that the host lives in.
    var simulation: Simulation { get }
    /// Where the host's application runs.
    var eventLoop: SimulatedEventLoop { get }
    /// Where the host's operating system runs: timers of transport protocols.
    var systemLoop: SimulatedEventLoop { get }

    /// Sends a packet from the interface that has its source address.
    func send(_ packet: IPPacket) -> SendResult
    /// The address that a new socket to `destination` would have: that of the preferred interface that is up and has the family; nil if none.
    func sourceAddress(for destination: IPAddress) -> IPAddress?
    /// Whether an interface that is up leads to destinations of the family.
    func hasRoute(_ family: IPFamily) -> Bool
    /// The largest IP packet in bytes that the interface of the given address takes.
    func maximumTransmissionUnit(from source: IPAddress) -> Int

    /// Sets who gets the packets of a protocol that are addressed to this host. One receiver per protocol; TCP also gets the ICMP errors that quote TCP.
    func setReceiver(for transportProtocol: IPProtocol, _ receive: @escaping (IPPacket) -> Void)
    /// Called when an interface went down or lost the address, after the address has gone.
    var onAddressRemoved: [(IPAddress) -> Void] { get set }
    /// Called on sleep, suspension, crash and what ends them.
    var onLifecycle: [(HostLifecycleEvent) -> Void] { get set }

    /// Looks up the addresses of a name by DNS over this host's network; an IP literal is answered without a query.
    ///
    /// `completion` is called exactly once, never before this function returns, on `eventLoop`. An empty list means that the name exists without addresses of the family.
    func resolve(_ name: String, family: IPFamily, completion: @escaping (Result<[IPAddress], DNSError>) -> Void)

    /// Whether a segment or datagram that nobody takes is answered (RST, ICMP port unreachable), or met with silence.
    var answersUnknown: Bool { get }

    /// Tells the network's observer about something that this host's transport did.
    func report(_ kind: NetworkEvent.Kind)
}

extension IPStack {
    /// As most machines: answered.
    public var answersUnknown: Bool { true }
}
