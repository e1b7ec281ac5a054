import NIOCore
import NetworkModel
import SimulationKernel
import WebRTCModel

/// The STUN and TURN servers of a world, each on a host of its own, and what goes wrong with them.
final class TURNHosts {
    private struct Entry {
        let description: Scenario.TURNServer
        let server: TURNServerHost
        /// Counts faults, so that the end of one does not undo a later one.
        var faults = 0
    }

    private let simulation: Simulation
    private let desk: ICEServerDesk
    private var entries: [Entry] = []

    /// - Parameters:
    ///   - builder: where the hosts are added.
    ///   - desk: what hands out their credentials.
    init(_ builder: NetworkBuilder, desk: ICEServerDesk) throws {
        simulation = builder.network.simulation
        self.desk = desk
        for description in builder.scenario.turnServers {
            let place = builder.scenario.network(description.network).map {
                builder.accessNetwork($0, host: description.name, interface: "eth0")
            }
            let host = builder.network.addServer(description.name, hostNames: [description.hostName], on: place)
            let wallClockAtZero = (simulation.wallClock - simulation.nanoseconds) / 1_000_000_000
            let server = try TURNServerHost(
                on: host, options: TURNServerOptions(description), wallClockAtZero: wallClockAtZero, ports: .init(description))
            entries.append(Entry(description: description, server: server))
        }
    }

    /// Makes something go wrong with a server, for a time or for good.
    func begin(_ fault: Scenario.TURNFault, on name: String, for duration: TimeAmount?) {
        guard let place = entries.firstIndex(where: { $0.description.name == name }) else { return }
        entries[place].faults += 1
        let number = entries[place].faults
        begin(fault, on: entries[place].server)
        guard fault.lasts, let duration else { return }
        simulation.schedule(in: duration) { [weak self] in
            guard let self, entries[place].faults == number else { return }
            end(fault, at: place)
        }
    }

    private func begin(_ fault: Scenario.TURNFault, on server: TURNServerHost) {
        switch fault {
        case .crash: server.host.crash()
        case .die: server.stopProcess()
        case .drain(let alternate): server.server.admission = alternate.flatMap(address).map { .redirecting(to: $0) } ?? .refusing
        case .expireCredentials: server.server.revokedUsers = desk.usernames
        case .quota: server.server.options.quotaPerUser = 0
        case .capacity: server.server.options.capacity = 0
        case .staleNonce: server.server.invalidateNonces()
        case .restart: mustListen { try server.restart() }
        }
    }

    private func end(_ fault: Scenario.TURNFault, at place: Int) {
        let (server, options) = (entries[place].server, TURNServerOptions(entries[place].description))
        switch fault {
        case .crash: server.host.boot()
        case .die: mustListen { try server.start() }
        case .drain: server.server.admission = .open
        case .quota: server.server.options.quotaPerUser = options.quotaPerUser
        case .capacity: server.server.options.capacity = options.capacity
        case .expireCredentials, .staleNonce, .restart: preconditionFailure("\(fault.word) is over at once")
        }
    }

    /// The ports are free: nothing else listens on the host.
    private func mustListen(_ start: () throws -> Void) {
        do { try start() } catch { preconditionFailure("a TURN server cannot listen again: \(error)") }
    }

    /// Where clients of a drained server are sent.
    private func address(of name: String) -> TransportAddress? {
        guard let entry = entries.first(where: { $0.description.name == name }),
            let address = entry.server.host.interfaces[0].addresses.first(where: { $0.family == .v4 })
        else { return nil }
        return TransportAddress(address, UInt16(clamping: entry.description.ports.udp))
    }

    /// Allocations that are there now, of all servers.
    var allocationCount: Int { entries.reduce(0) { $0 + $1.server.server.allocationCount } }
}

extension TURNServerOptions {
    init(_ description: Scenario.TURNServer) {
        self.init(
            realm: description.hostName, sharedSecret: description.isSTUNOnly ? nil : ICEServerDesk.secret,
            defaultLifetime: description.allocationLifetime, maximumLifetime: description.allocationLifetime,
            nonceLifetime: description.nonceLifetime)
        if let quota = description.quota { quotaPerUser = quota }
        if let limit = description.capacity { capacity = limit }
    }
}

extension TURNServerHost.Ports {
    init(_ description: Scenario.TURNServer) {
        func ports(_ transport: Scenario.TURNTransport) -> [UInt16] {
            description.transports.contains(transport) ? [UInt16(clamping: description.ports[transport])] : []
        }
        self.init(udp: ports(.udp), tcp: ports(.tcp), tls: ports(.tls))
    }
}
