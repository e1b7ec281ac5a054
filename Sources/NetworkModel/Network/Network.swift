import NIOCore
import SimulationKernel

/// A simulated internet: hosts on access networks around one core. Everything in it lives on one simulation's thread.
///
/// The network owns its hosts, links and routers; keep it until the simulation has been shut down.
public final class Network {
    /// Whose time and random streams the network uses.
    public let simulation: Simulation
    /// Gets every event of every model, in order. Leave it nil where nobody looks: events are not even made then.
    @exclusivity(unchecked) public var observe: ((NetworkEvent) -> Void)?
    /// Gets every packet that a host sends or receives, and every one that is dropped on the way.
    @exclusivity(unchecked) public var capture: ((CapturedPacket) -> Void)?
    /// In order of creation.
    public private(set) var hosts: [Host] = []
    /// In order of creation.
    public private(set) var accessNetworks: [AccessNetwork] = []
    /// What the access networks connect to.
    public private(set) lazy var core = Core(network: self)
    /// What resolvers know.
    public let names = NameDirectory()
    /// The addresses that access networks tell their subscribers to ask: a plain resolver's.
    public var resolvers: [IPAddress] = []
    /// The addresses of a resolver with DNS64, for access networks with NAT64.
    public var dns64Resolvers: [IPAddress] = []

    private var hostsByName: [String: Host] = [:]
    private var accessNetworksByName: [String: AccessNetwork] = [:]
    private var publicPool = AddressPool(AddressPlan.publicV4)
    private var serverPool = AddressPool(AddressPlan.servers)
    /// Keeps the resolvers of `addResolvers` alive.
    var dnsServers: [DNSServer] = []
    private var nextFaultNumber: UInt64 = 0

    /// An empty network.
    public init(simulation: Simulation) {
        self.simulation = simulation
    }

    // MARK: Building

    /// Adds an access network below the core, or below another access network (a home behind a carrier's NAT). Names are unique.
    @discardableResult
    public func addAccessNetwork(_ name: String, _ profile: AccessProfile, below parent: AccessNetwork? = nil) -> AccessNetwork {
        precondition(accessNetworksByName[name] == nil, "there is an access network '\(name)' already")
        let upstream: any Upstream = parent ?? core
        let added = AccessNetwork(name: name, number: accessNetworks.count, profile: profile, network: self, upstream: upstream)
        accessNetworks.append(added)
        accessNetworksByName[name] = added
        return added
    }

    /// Adds a host without interfaces. Names are unique.
    @discardableResult
    public func addHost(_ name: String, profile: HostProfile = .linux) -> Host {
        precondition(hostsByName[name] == nil, "there is a host '\(name)' already")
        let host = Host(name: name, number: hosts.count, profile: profile, network: self)
        hosts.append(host)
        hostsByName[name] = host
        return host
    }

    /// The host of that name.
    public func host(_ name: String) -> Host? { hostsByName[name] }

    /// The access network of that name.
    public func accessNetwork(_ name: String) -> AccessNetwork? { accessNetworksByName[name] }

    // MARK: Addresses

    func leasePublicV4() -> IPAddress {
        guard let address = publicPool.lease() else { preconditionFailure("all of \(publicPool.prefix) is taken") }
        return address
    }

    func nextServerAddress() -> IPAddress { serverPool.lease() ?? leasePublicV4() }

    func takeServerAddress(_ address: IPAddress) { _ = serverPool.take(address) }

    func releasePublicV4(_ address: IPAddress) { publicPool.release(address) }

    // MARK: Faults

    func makeFaultMark(_ name: String) -> FaultMark {
        nextFaultNumber += 1
        return FaultMark(name: name, number: nextFaultNumber)
    }

    // MARK: Reporting

    func report(_ subject: @autoclosure () -> String, _ kind: @autoclosure () -> NetworkEvent.Kind) {
        guard let observe else { return }
        observe(NetworkEvent(time: simulation.now, subject: subject(), kind: kind()))
    }

    func drop(_ packet: IPPacket, at place: String, _ reason: DropReason) {
        report(place, .packetDropped(PacketSummary(packet), reason))
        record(packet, at: place, .dropped(reason))
    }

    func record(_ packet: IPPacket, at place: @autoclosure () -> String, _ fate: CapturedPacket.Fate) {
        guard let capture else { return }
        capture(CapturedPacket(time: simulation.now, place: place(), packet: packet, fate: fate))
    }
}
