import NIOCore
import NetworkModel
import SimulationKernel

/// Turns the networks and hosts of a scenario into those of the network model.
struct NetworkBuilder {
    let scenario: Scenario
    let network: Network

    /// Builds every host; the access networks follow from their interfaces.
    func build() -> [Host] { scenario.hosts.map(build) }

    private func build(_ description: Scenario.Host) -> Host {
        let host = network.addHost(description.name, profile: profile(of: description))
        for (place, interface) in description.interfaces.enumerated() {
            // An interface that is off for good is in no network.
            guard let name = interface.network, let properties = scenario.network(name) else { continue }
            let access = accessNetwork(properties, host: description.name, interface: interface.name)
            host.addInterface(interface.name, on: access, preference: 10 * (place + 1), isUp: interface.isUp)
        }
        if description.wallClockOffset != .zero { host.jumpWallClock(by: description.wallClockOffset) }
        return host
    }

    private func profile(of description: Scenario.Host) -> HostProfile {
        var profile: HostProfile
        switch description.tcp {
        case .linux, .linuxBefore6_5:
            profile = .linux
            profile.resolver = .caching
            if description.tcp == .linuxBefore6_5 { profile.tcp = .linuxBefore6_5 }
        case .darwin: profile = .darwin
        }
        profile.sleepClock = description.clock.clock
        if let resolver = description.resolver {
            profile.resolver = ResolverProfile(
                waits: Array(repeating: resolver.timeout, count: resolver.attempts), isCaching: resolver.cacheLifetime > .zero)
        }
        return profile
    }

    /// A preset is a network of the host's own; one that the scenario describes is a place, shared by all who are there.
    func accessNetwork(_ properties: Scenario.Network, host: String, interface: String) -> AccessNetwork {
        let name = properties.isShared ? properties.name : "\(host)-\(interface)"
        if let built = network.accessNetwork(name) { return built }
        let profile = AccessProfile(properties, kind: InterfaceKind(interfaceName: interface), number: network.accessNetworks.count)
        return network.addAccessNetwork(name, profile)
    }
}

extension InterfaceKind {
    /// What the names of interfaces usually mean.
    init(interfaceName: String) {
        let name = interfaceName.lowercased()
        if name.hasPrefix("wi") || name.hasPrefix("wlan") {
            self = .wifi
        } else if name.hasPrefix("eth") || name.hasPrefix("en") {
            self = .ethernet
        } else if name.hasPrefix("vpn") || name.hasPrefix("tun") {
            self = .vpn
        } else {
            self = .cellular
        }
    }
}

extension AccessProfile {
    /// - Parameter number: tells networks apart, so that a host has different private addresses in two of them.
    init(_ properties: Scenario.Network, kind: InterfaceKind, number: Int) {
        let nat = properties.nat.map(NATProfile.init)
        let link = LinkProfile(
            up: LinkConditions(properties.up, maximumTransmissionUnit: properties.mtu.bytes),
            down: LinkConditions(properties.down, maximumTransmissionUnit: properties.mtu.bytes))
        let ipv4: IPv4Service
        let ipv6: IPv6Service
        switch properties.ipVersions {
        case .ipv4Only: (ipv4, ipv6) = (nat.map(IPv4Service.translated) ?? .publicAddresses, .none)
        case .dual: (ipv4, ipv6) = (nat.map(IPv4Service.translated) ?? .publicAddresses, nat.map(IPv6Service.firewalled) ?? .routed)
        case .ipv6WithNAT64: (ipv4, ipv6) = (.none, nat.map(IPv6Service.firewalled) ?? .routed)
        }
        self.init(
            kind: kind, access: link, ipv4: ipv4, ipv6: ipv6, nat64: properties.ipVersions == .ipv6WithNAT64 ? nat ?? NATProfile() : nil,
            privatePrefix: IPPrefix(.v4(0x0A00_0000 | UInt32(number & 0xFF) << 16), length: 16))
    }
}

extension LinkConditions {
    init(_ direction: Scenario.LinkDirection, maximumTransmissionUnit: Int) {
        self.init(
            rate: direction.rate, queueBytes: direction.queue.bytes, delay: direction.delay, furtherDelay: direction.jitter,
            loss: LossModel(share: direction.loss, meanBurstLength: direction.meanBurstLength))
        duplicationPercent = direction.duplication * 100
        reordering = Reordering(share: direction.reordering, delay: direction.delay)
        self.maximumTransmissionUnit = maximumTransmissionUnit
    }
}

extension LinkConditions.Reordering {
    /// Held back by the link's delay, at least 5 ms: long enough that the packets behind overtake.
    init?(share: Double, delay: TimeAmount) {
        guard share > 0 else { return nil }
        self.init(percent: share * 100, holdBack: max(delay, .milliseconds(5)))
    }
}

extension NATProfile {
    init(_ nat: Scenario.NAT) {
        self.init(
            mapping: nat.mapping.dependence, filtering: nat.filtering.dependence, udpIdleTimeout: nat.udpTimeout,
            tcpEstablishedTimeout: nat.tcpTimeout)
    }
}

extension Scenario.NAT.Behaviour {
    fileprivate var dependence: NATDependence {
        switch self {
        case .endpointIndependent: return .endpointIndependent
        case .addressDependent: return .addressDependent
        case .addressAndPortDependent: return .addressAndPortDependent
        }
    }
}

extension Scenario.SleepClock {
    var clock: SimulatedEventLoop.SleepClock {
        switch self {
        case .stopsInSleep: return .stopsDuringSleep
        case .runsInSleep: return .continuesDuringSleep
        }
    }
}
