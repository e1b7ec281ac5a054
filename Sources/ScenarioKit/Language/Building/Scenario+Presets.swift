import NetworkModel

// The network model's presets in the terms of the language.

extension Scenario.Network {
    /// IPv4 alone, as most networks that a scenario does not describe.
    init(_ preset: NetworkPreset) {
        self.init(
            name: preset.name, down: Scenario.LinkDirection(preset.down), up: Scenario.LinkDirection(preset.up),
            mtu: DataSize(bytes: 1_500),
            nat: preset.nat.map(Scenario.NAT.init), ipVersions: .ipv4Only)
    }
}

extension Scenario.LinkDirection {
    fileprivate init(_ direction: NetworkPreset.Direction) {
        self.init(
            rate: direction.rate, delay: direction.delay, jitter: direction.jitter, loss: direction.loss,
            meanBurstLength: direction.meanBurstLength, queue: DataSize(bytes: direction.queueBytes), reordering: 0, duplication: 0)
    }
}

extension Scenario.NAT {
    init(_ profile: NATProfile) {
        self.init(
            mapping: Behaviour(profile.mapping), filtering: Behaviour(profile.filtering), udpTimeout: profile.udpIdleTimeout,
            tcpTimeout: profile.tcpEstablishedTimeout)
    }
}

extension Scenario.NAT.Behaviour {
    fileprivate init(_ dependence: NATDependence) {
        switch dependence {
        case .endpointIndependent: self = .endpointIndependent
        case .addressDependent: self = .addressDependent
        case .addressAndPortDependent: self = .addressAndPortDependent
        }
    }
}
