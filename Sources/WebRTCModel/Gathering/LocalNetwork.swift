import NetworkModel

/// One address of a host that candidates are gathered on.
struct LocalNetwork: Hashable {
    /// Nil for the "any" address.
    let interface: String?
    let kind: InterfaceKind?
    /// What sockets bind to.
    let address: IPAddress
    /// What the host candidate shows: `address`, or for the "any" address that of the preferred interface at the time.
    let shown: IPAddress
}

extension Host {
    /// The addresses to gather on, those of the preferred interface first. Loopback and link-local ones do not count (RFC 8445 section 5.1.1.1).
    func localNetworks(maximumIPv6Networks: Int) -> [LocalNetwork] {
        var networks: [LocalNetwork] = []
        var ipv6Networks = 0
        for interface in preferredInterfaces {
            for address in interface.addresses where !address.isLoopback && !address.isLinkLocal {
                if address.family == .v6 {
                    guard ipv6Networks < maximumIPv6Networks else { continue }
                    ipv6Networks += 1
                }
                networks.append(LocalNetwork(interface: interface.name, kind: interface.kind, address: address, shown: address))
            }
        }
        return networks
    }

    /// The "any" addresses of the families that have a route.
    var anyNetworks: [LocalNetwork] {
        IPFamily.allCases.compactMap { family in
            let shown = preferredInterfaces.flatMap(\.addresses).first { $0.family == family }
            return shown.map { LocalNetwork(interface: nil, kind: nil, address: .any(family), shown: $0) }
        }
    }
}
