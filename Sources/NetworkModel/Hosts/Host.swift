import NIOCore
import SimulationKernel

/// A machine with interfaces, an operating system and one application.
///
/// The application runs on `eventLoop`, the operating system's timers on `systemLoop`. What arrives is handled by the operating system at once.
public final class Host: IPStack {
    /// Unique in its network.
    public let name: String
    /// What its operating system does.
    public let profile: HostProfile
    /// Where its application runs; frozen while the application is suspended or the machine sleeps.
    public let eventLoop: SimulatedEventLoop
    /// Where its operating system's timers run; frozen while the machine sleeps.
    public let systemLoop: SimulatedEventLoop
    /// In order of creation.
    @exclusivity(unchecked) public private(set) var interfaces: [Interface] = []
    /// The host's own packet filter.
    @exclusivity(unchecked) public var firewall = Firewall()
    /// Whether its operating system answers a segment or datagram that nobody takes (RST, port unreachable). Many servers sit behind filters that do not.
    public var answersUnknown = true

    /// See `IPStack`.
    public var onAddressRemoved: [(IPAddress) -> Void] = []
    /// See `IPStack`.
    public var onLifecycle: [(HostLifecycleEvent) -> Void] = []

    let identifier: HostIdentifier
    unowned let network: Network
    @exclusivity(unchecked) var power = HostPower()
    @exclusivity(unchecked) var outages = HostOutages()
    /// The tunnel's own port while a VPN refuses everything beside the tunnel.
    @exclusivity(unchecked) var tunnelPort: UInt16?
    private var receivers: [IPProtocol: (IPPacket) -> Void] = [:]
    private(set) lazy var udp = UDPPorts(host: self)
    /// The application's UDP sockets that are open.
    public var udpSocketCount: Int { udp.applicationSocketCount }
    /// Its TCP: sockets, listeners, channels.
    public private(set) lazy var tcp = TCPStack(on: self, profile: profile.tcp, ephemeralPorts: profile.ephemeralPorts)
    private(set) lazy var paths = PathMonitor(host: self)
    private(set) lazy var resolver = StubResolver(host: self)

    init(name: String, number: Int, profile: HostProfile, network: Network) {
        self.name = name
        self.identifier = HostIdentifier(number: Int32(number))
        self.profile = profile
        self.network = network
        self.eventLoop = network.simulation.makeEventLoop(name: name)
        self.systemLoop = network.simulation.makeEventLoop(name: "\(name)/system")
        // Before the first segment arrives: a host without a listener answers too.
        _ = tcp
    }

    /// The simulation that the host lives in.
    public var simulation: Simulation { network.simulation }

    // MARK: Interfaces

    /// Adds an interface and attaches it to an access network. The kind is the network's; names are unique on the host.
    @discardableResult
    public func addInterface(
        _ name: String, on accessNetwork: AccessNetwork, preference: Int? = nil, isUp: Bool = true, requesting requested: [IPAddress] = []
    ) -> Interface {
        let added = addInterface(name, kind: accessNetwork.profile.kind, preference: preference)
        if !isUp { added.setUp(false) }
        added.attach(to: accessNetwork, requesting: requested)
        return added
    }

    func addInterface(_ name: String, kind: InterfaceKind, preference: Int? = nil) -> Interface {
        precondition(interface(name) == nil, "'\(self.name)' has an interface '\(name)' already")
        let added = Interface(name: name, kind: kind, preference: preference ?? Interface.usualPreference(kind), host: self)
        interfaces.append(added)
        return added
    }

    /// The interface of that name.
    public func interface(_ name: String) -> Interface? { interfaces.first { $0.name == name } }

    /// The interfaces that are up, the preferred first.
    public var preferredInterfaces: [Interface] {
        // Stable: interfaces of one preference stay in order of creation.
        interfaces.enumerated().filter { $0.element.isUp }
            .sorted { ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset) }.map(\.element)
    }

    func interfaceChanged(_ interface: Interface, gone: [IPAddress]) {
        network.report(name, .interface(name: interface.name, isUp: interface.isUp, addresses: interface.addresses))
        interfacesChanged(gone: gone)
    }

    func interfacesChanged(gone: [IPAddress]) {
        for address in gone { onAddressRemoved.forEach { $0(address) } }
        paths.interfacesChanged(gone: gone)
    }

    // MARK: Sending

    /// See `IPStack`. Every result other than `.sent` is what a socket call of the host reports.
    public func send(_ packet: IPPacket) -> SendResult {
        guard power.isRunning else { return .noRoute }
        guard firewall.permits(packet, .outgoing) else { return .notPermitted }
        if isOwn(packet.destination) { return sendToSelf(packet) }
        guard let interface = interface(with: packet.source) else { return hasRoute(packet.destination.family) ? .noAddress : .noRoute }
        guard passesKillSwitch(packet, on: interface) else { return .notPermitted }
        let limit = interface.maximumTransmissionUnit
        let mayFragment = packet.source.family == .v4 && !packet.dontFragment
        guard mayFragment || packet.wireBytes <= limit else { return .messageTooLong(maximumTransmissionUnit: limit) }
        var packet = packet
        packet.origin = identifier
        network.record(packet, at: interface.title, .sent)
        if let outage = outages.up.first {
            network.drop(packet, at: interface.title, .blackout(fault: outage.name))
        } else {
            interface.send(packet)
        }
        return .sent
    }

    private func interface(with address: IPAddress) -> Interface? { interfaces.first { $0.isUp && $0.addresses.contains(address) } }

    func isOwn(_ address: IPAddress) -> Bool { address.isLoopback || interface(with: address) != nil }

    private func sendToSelf(_ packet: IPPacket) -> SendResult {
        systemLoop.schedule(at: systemLoop.now) { [weak self] in self?.deliver(packet) }
        return .sent
    }

    /// See `IPStack`.
    public func sourceAddress(for destination: IPAddress) -> IPAddress? {
        if isOwn(destination) { return destination }
        for interface in preferredInterfaces {
            if let address = interface.address(destination.family) { return address }
        }
        return nil
    }

    /// See `IPStack`.
    public func hasRoute(_ family: IPFamily) -> Bool { interfaces.contains { $0.isUp && $0.address(family) != nil } }

    /// See `IPStack`.
    public func maximumTransmissionUnit(from source: IPAddress) -> Int { interface(with: source)?.maximumTransmissionUnit ?? 1_500 }

    // MARK: Receiving

    /// See `IPStack`.
    public func setReceiver(for transportProtocol: IPProtocol, _ receive: @escaping (IPPacket) -> Void) {
        receivers[transportProtocol] = receive
    }

    func receive(_ packet: IPPacket, on interface: Interface) {
        if let reason = refusal(of: packet, on: interface) { return network.drop(packet, at: interface.title, reason) }
        network.record(packet, at: interface.title, .received)
        deliver(packet)
    }

    private func refusal(of packet: IPPacket, on interface: Interface) -> DropReason? {
        if let reason = power.refusal { return reason }
        guard interface.isUp, interface.addresses.contains(packet.destination) else { return .interfaceDown }
        if let outage = outages.down.first { return .blackout(fault: outage.name) }
        if let partition = outages.partition(from: packet.origin) { return .partition(fault: partition.name) }
        return firewall.permits(packet, .incoming) ? nil : .firewall
    }

    private func deliver(_ packet: IPPacket) {
        switch packet.payload {
        case .udp(let datagram): udp.receive(packet, datagram)
        case .tcp: hand(packet, to: .tcp)
        case .icmp(let message):
            switch message.quoted.transportProtocol {
            case .udp: udp.receive(message)
            case .tcp: hand(packet, to: .tcp)
            case .icmp: break
            }
        }
    }

    private func hand(_ packet: IPPacket, to transportProtocol: IPProtocol) {
        guard let receive = receivers[transportProtocol] else { return network.drop(packet, at: name, .noReceiver) }
        receive(packet)
    }

    // MARK: Names and reports

    /// See `IPStack`.
    public func resolve(_ name: String, family: IPFamily, completion: @escaping (Result<[IPAddress], DNSError>) -> Void) {
        resolver.resolve(name, family: family, completion: completion)
    }

    /// See `IPStack`.
    public func report(_ kind: NetworkEvent.Kind) { network.report(name, kind) }
}
