// Faults of what an access network or a resolver does for its users.

extension Network {
    /// Lookups of a name (of every name if nil) fail, at every resolver that answers from the directory.
    @discardableResult
    public func dnsFailure(_ failure: NameDirectory.Failure, of hostName: String? = nil, name: String) -> Fault {
        let mark = makeFaultMark(name)
        names.begin(mark, failure, of: hostName)
        return Fault(mark, what: "DNS \(failure.rawValue) of \(hostName ?? "every name")", network: self) { [unowned self] in
            names.end(mark)
        }
    }
}

extension AccessNetwork {
    /// The router forgets its translations, as if restarted: IPv4 NAT, NAT64 and IPv6 firewall alike.
    ///
    /// - Parameters:
    ///   - newAddress: whether it gets other public addresses too.
    ///   - newPorts: whether it chooses random ports from now on; otherwise one that preserves ports makes the same mappings again.
    public func rebindNAT(newAddress: Bool, newPorts: Bool = true) {
        for nat in [nat, nat64, firewall] { nat?.rebind(newAddress: newAddress, newPorts: newPorts) }
    }

    /// Puts a captive portal before the network until the fault ends. One at a time.
    ///
    /// - Parameter portal: the host that answers, attached to this network. It must listen on TCP 80 (and 443 for `wrongCertificate`) by itself;
    ///   for `spoofed` names it needs a `DNSServer` with mode `.always`.
    @discardableResult
    public func captivePortal(_ profile: CaptivePortalProfile, portal: Host, name: String) -> Fault {
        precondition(self.portal == nil, "'\(self.name)' has a captive portal already")
        let address = portal.interfaces.first { $0.accessNetwork === self }?.address(.v4)
        guard let address else { preconditionFailure("the portal '\(portal.name)' has no IPv4 address in '\(self.name)'") }
        let mark = network.makeFaultMark(name)
        self.portal = CaptivePortal(mark, profile, portalAddress: address, network: network)
        return Fault(mark, what: "captive portal of \(self.name)", network: network) { [unowned self] in self.portal = nil }
    }
}

/// Traffic that an access network refuses: UDP in a strict office, everything but the web in a hotel.
struct PolicyBlock {
    let mark: FaultMark
    let filter: Firewall
    let answers: Bool
}

extension AccessNetwork {
    /// Refuses what rules refuse, seen from the subscribers, until the fault ends: the first that matches decides.
    ///
    /// - Parameter answers: whether senders get ICMP "administratively prohibited"; otherwise silence.
    @discardableResult
    public func block(_ rules: [Firewall.Rule], answers: Bool = false, name: String) -> Fault {
        let mark = network.makeFaultMark(name)
        blocks.append(PolicyBlock(mark: mark, filter: Firewall(rules: rules), answers: answers))
        return Fault(mark, what: "block in \(self.name)", network: network) { [unowned self] in blocks.removeAll { $0.mark == mark } }
    }
}

extension Host {
    /// The resolvers that this host asks fail for it alone; what it has in its cache is not asked for.
    @discardableResult
    public func dnsFailure(_ failure: NameDirectory.Failure, name: String) -> Fault {
        let mark = network.makeFaultMark(name)
        resolver.begin(mark, failure)
        return Fault(mark, what: "DNS \(failure.rawValue) for \(self.name)", network: network) { [unowned self] in resolver.end(mark) }
    }
}
