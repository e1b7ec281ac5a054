import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Determinism and scale")
struct DeterminismTests {
    /// A busy world with loss, jitter, NATs, lookups, faults and a roam; everything that it did, as text.
    private func history(seed: UInt64) -> [String] {
        let world = NetworkWorld(seed: seed)
        world.network.addResolvers()
        let server = Endpoint(world.network.addServer("rms.example"))
        server.socket.onReceive = { [socket = server.socket] in socket.send($0.payload, to: $0.source) }
        let profiles: [AccessProfile] = [.homeWiFi, AccessProfile(.busyWiFi), .lte, AccessProfile(.regular3G), AccessProfile(.poor4G)]
        var clients: [Endpoint] = []
        for (index, profile) in profiles.enumerated() {
            let host = world.network.addClient("client-\(index)", profile: .darwin, on: [("net", profile), ("backup", .lte)])
            host.resolve("rms.example", family: .v4) { _ in }
            clients.append(Endpoint(host))
        }
        for client in clients { client.send(count: 100, every: .milliseconds(37), to: server.address) }
        world.at(.seconds(1)) { clients[0].host.blackout(name: "b").end(after: .seconds(1)) }
        world.at(.milliseconds(1_500)) {
            let host = clients[1].host
            host.roam(from: host.interfaces[0], to: host.interfaces[1], deadWindow: .milliseconds(300))
        }
        world.at(.seconds(2)) { world.network.accessNetwork("client-2-net")?.rebindNAT(newAddress: true) }
        world.run(for: .seconds(200))
        return world.events.map { "\($0)" } + clients.map { "\($0.numbers)" }
    }

    @Test("the same seed gives the same events, another seed others")
    func sameSeed() {
        let first = history(seed: 5)
        #expect(first.count > 100)
        #expect(first == history(seed: 5))
        #expect(first != history(seed: 6))
    }

    @Test("ten thousand clients on networks of their own live in one world")
    func tenThousand() {
        let simulation = Simulation(seed: 1)
        let network = Network(simulation: simulation)
        let server = network.addServer("server")
        let echo = Endpoint(server)
        echo.socket.onReceive = { [socket = echo.socket] in socket.send($0.payload, to: $0.source) }
        var answers = 0
        var clients: [UDPSocket] = []
        for number in 0..<10_000 {
            let host = network.addClient("client-\(number)", on: [("eth", .fibre)])
            guard let socket = try? host.bindUDP() else { continue }
            socket.onReceive = { _ in answers += 1 }
            clients.append(socket)
        }
        for client in clients { client.send(ByteBuffer(integer: 1), to: echo.address) }
        simulation.run(until: .uptimeNanoseconds(1_000_000_000))
        // The server's receive buffer takes a burst of 212,992 / 8 datagrams; jitter spreads them.
        #expect(answers == 10_000)
        simulation.shutdown()
    }
}
