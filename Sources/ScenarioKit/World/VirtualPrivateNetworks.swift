import NetworkModel

/// The tunnels of the world's hosts, all to one gateway in the datacentre.
final class VirtualPrivateNetworks {
    private let network: Network
    private var gateway: VPNGateway?
    private var connections: [String: VPNConnection] = [:]

    init(network: Network) { self.network = network }

    /// Switches a host's VPN on or off; connections that are open stay on the way they were made.
    func set(_ isOn: Bool, on host: Host) {
        if isOn, connections[host.name] == nil {
            do {
                connections[host.name] = try host.startVPN(through: gatewayInUse())
            } catch {
                preconditionFailure("a tunnel could not be made: \(error)")
            }
        } else if !isOn {
            connections.removeValue(forKey: host.name)?.stop()
        }
    }

    private func gatewayInUse() throws(BindError) -> VPNGateway {
        if let gateway { return gateway }
        let made = try VPNGateway(on: network.addServer("vpn-gateway"))
        gateway = made
        return made
    }
}
