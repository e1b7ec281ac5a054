import NIOCore
import SimulationKernel

/// A host's connection to a VPN: a virtual interface that takes the default route, its packets going out by the preferred real interface.
public final class VPNConnection {
    /// What becomes of sockets that exist when the VPN starts and are bound to addresses of real interfaces.
    public enum OldSockets: String, Hashable, Sendable, CaseIterable {
        /// They go on beside the tunnel.
        case kept
        /// A "kill switch": whatever they send is refused with EPERM until the VPN stops.
        case refused
        /// The operating system tells transports that their address has gone, though the interface is up.
        case closed
    }

    /// The virtual interface.
    public let interface: Interface
    private unowned let host: Host
    private let tunnel: VPNTunnel
    private let tunnelEnd: VPNTunnelEnd
    private let socket: UDPSocket
    /// Whether the VPN has not been stopped.
    public private(set) var isActive = true

    init(host: Host, gateway: VPNGateway, interfaceName: String, oldSockets: OldSockets) throws(BindError) {
        guard let remote = gateway.host.interfaces.first?.address(.v4) else {
            preconditionFailure("the gateway '\(gateway.host.name)' has no IPv4 address")
        }
        self.host = host
        socket = try host.udp.bindForSystem(.v4)
        interface = host.interface(interfaceName) ?? host.addInterface(interfaceName, kind: .vpn)
        precondition(interface.kind == .vpn && interface.accessNetwork == nil, "'\(interface.title)' is in use")
        tunnel = VPNTunnel(host: host, socket: socket, gateway: TransportAddress(remote, VPNGateway.port))
        tunnelEnd = VPNTunnelEnd(gateway)
        let old = host.preferredInterfaces.flatMap(\.addresses)
        socket.onTunnelled = { [unowned interface] packet, _ in interface.accept(packet, from: nil) }
        interface.attach(to: gateway.exit, through: tunnel, receivingFrom: tunnelEnd)
        switch oldSockets {
        case .kept: break
        case .refused: host.tunnelPort = socket.local.port
        case .closed: for address in old { host.onAddressRemoved.forEach { $0(address) } }
        }
    }

    /// Takes the virtual interface down; sockets bound to its addresses lose them.
    public func stop() {
        guard isActive else { return }
        isActive = false
        host.tunnelPort = nil
        socket.close()
        interface.detach()
    }
}

/// The client's side of a tunnel: wraps each packet into a datagram to the gateway.
final class VPNTunnel: PacketEntrance {
    private unowned let host: Host
    private unowned let socket: UDPSocket
    private let gateway: TransportAddress

    init(host: Host, socket: UDPSocket, gateway: TransportAddress) {
        self.host = host
        self.socket = socket
        self.gateway = gateway
    }

    /// Goes out by the real interface preferred at this moment: the tunnel survives a roam.
    func send(_ packet: IPPacket) {
        let real = host.preferredInterfaces.first { $0.kind != .vpn && $0.address(gateway.address.family) != nil }
        guard let source = real?.address(gateway.address.family) else { return host.network.drop(packet, at: host.name, .noRoute) }
        let datagram = UDPDatagram(sourcePort: socket.local.port, destinationPort: gateway.port, tunnelled: TunnelledPacket(packet))
        _ = host.send(IPPacket(source: source, destination: gateway.address, payload: .udp(datagram)))
    }
}

extension Host {
    /// Connects to a VPN at once, over IPv4.
    public func startVPN(
        through gateway: VPNGateway, interfaceName: String = "vpn", oldSockets: VPNConnection.OldSockets = .kept
    ) throws(BindError) -> VPNConnection {
        try VPNConnection(host: self, gateway: gateway, interfaceName: interfaceName, oldSockets: oldSockets)
    }

    /// With a VPN's kill switch on: whether a packet is the tunnel's own or goes into it.
    func passesKillSwitch(_ packet: IPPacket, on interface: Interface) -> Bool {
        guard let tunnelPort, interface.kind != .vpn else { return true }
        guard case .udp(let datagram) = packet.payload else { return false }
        return datagram.tunnelled != nil && datagram.sourcePort == tunnelPort
    }
}
