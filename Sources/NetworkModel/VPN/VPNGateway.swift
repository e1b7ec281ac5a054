import NIOCore
import SimulationKernel

/// A VPN server in the manner of WireGuard: UDP, one datagram per packet, and clients may change their address at any time.
///
/// Packets leave it from an access network of its own behind a NAT. Keys and handshakes are not modelled: a tunnel works as soon as it exists.
public final class VPNGateway {
    /// WireGuard's usual port.
    public static let port: UInt16 = 51_820

    /// The machine that the gateway runs on.
    public let host: Host
    /// Where the clients' packets come out, and from which they have their addresses.
    public let exit: AccessNetwork

    private var sockets: [IPFamily: UDPSocket] = [:]
    private var clientEndpoints: [IPAddress: TransportAddress] = [:]

    /// Starts a gateway on a host, with an exit network beside it.
    public init(on host: Host) throws(BindError) {
        guard let place = host.interfaces.first?.accessNetwork else { preconditionFailure("the gateway '\(host.name)' has no network") }
        self.host = host
        let profile = AccessProfile(
            kind: .vpn, access: .ideal, ipv4: .translated(.homeRouter), privatePrefix: IPPrefix(.v4(0x0A40_0000), length: 16))
        exit = host.network.addAccessNetwork("\(host.name)/exit", profile, below: place)
        for family in IPFamily.allCases {
            let socket = try host.udp.bindForSystem(family, port: Self.port)
            socket.onTunnelled = { [unowned self] in arrived($0, from: $1) }
            sockets[family] = socket
        }
    }

    private func arrived(_ packet: IPPacket, from endpoint: TransportAddress) {
        clientEndpoints[packet.source] = endpoint
        exit.accept(packet, from: nil)
    }

    /// Sends a packet for the client with the inner address to where that client was seen last.
    fileprivate func sendToClient(_ packet: IPPacket) {
        guard packet.wireBytes <= TunnelledPacket.maximumTransmissionUnit else {
            return exit.sendError(.packetTooBig(maximumTransmissionUnit: TunnelledPacket.maximumTransmissionUnit), about: packet)
        }
        guard let endpoint = clientEndpoints[packet.destination], let socket = sockets[endpoint.address.family] else {
            return host.network.drop(packet, at: host.name, .noRoute)
        }
        let datagram = UDPDatagram(sourcePort: Self.port, destinationPort: endpoint.port, tunnelled: TunnelledPacket(packet))
        _ = socket.send(datagram, to: endpoint.address)
    }
}

/// A gateway's side of a client's tunnel: the way down from the exit network.
final class VPNTunnelEnd: PacketEntrance {
    private unowned let gateway: VPNGateway

    init(_ gateway: VPNGateway) {
        self.gateway = gateway
    }

    func send(_ packet: IPPacket) { gateway.sendToClient(packet) }
}
