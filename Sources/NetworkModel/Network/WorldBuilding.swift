/// The short way to a usual world: servers in a datacentre with names, a resolver, clients each on networks of their own.
extension Network {
    /// The datacentre where `addServer` puts servers; made when first asked for.
    public var datacentre: AccessNetwork {
        accessNetwork("datacentre") ?? addAccessNetwork("datacentre", .datacentre)
    }

    /// Adds a server with public addresses, and a name for them that resolvers know.
    ///
    /// - Parameters:
    ///   - name: of the host.
    ///   - hostNames: its names in the DNS; the host's own name if empty.
    ///   - address: its IPv4 address; by default the next of 203.0.113.0/24.
    ///   - accessNetwork: by default `datacentre`.
    @discardableResult
    public func addServer(
        _ name: String, hostNames: [String] = [], address: IPAddress? = nil, on accessNetwork: AccessNetwork? = nil,
        profile: HostProfile = .linux
    ) -> Host {
        let host = addHost(name, profile: profile)
        let place = accessNetwork ?? datacentre
        if let address { takeServerAddress(address) }
        let interface = host.addInterface("eth0", on: place, requesting: [address ?? nextServerAddress()])
        for hostName in hostNames.isEmpty ? [name] : hostNames { names.set(hostName, to: interface.addresses) }
        return host
    }

    /// Adds a public resolver, and one with DNS64, on hosts of their own.
    public func addResolvers() {
        let resolver = addServer("resolver", address: .v4(0xCB00_7135))
        let resolver64 = addServer("resolver64", address: .v4(0xCB00_7140))
        for (host, mode) in [(resolver, DNSServer.Mode.directory), (resolver64, .directoryWithDNS64)] {
            do {
                dnsServers.append(try DNSServer(on: host, mode: mode))
            } catch { preconditionFailure("port 53 of a new host is taken: \(error)") }
        }
        resolvers = resolver.interfaces[0].addresses
        dns64Resolvers = resolver64.interfaces[0].addresses
    }

    /// Adds a host with one interface per access network given, each a network of the host's own named "host-interface".
    ///
    /// The first listed is preferred only if the kinds say so: VPN, cable, Wi-Fi, mobile.
    @discardableResult
    public func addClient(_ name: String, profile: HostProfile = .linux, on networks: [(interface: String, profile: AccessProfile)]) -> Host
    {
        let host = addHost(name, profile: profile)
        for network in networks {
            host.addInterface(network.interface, on: addAccessNetwork("\(name)-\(network.interface)", network.profile))
        }
        return host
    }
}
