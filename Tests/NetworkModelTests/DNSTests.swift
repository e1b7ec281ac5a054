import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite("DNS")
struct DNSTests {
    /// A client and resolvers; what lookups returned and when.
    private final class Scene {
        let world = NetworkWorld()
        let client: Host
        private(set) var results: [(time: TimeAmount, result: Result<[IPAddress], DNSError>)] = []

        init(profile: HostProfile = .linux, network: AccessProfile = .fibre) {
            world.network.addResolvers()
            client = world.network.addClient("client", profile: profile, on: [("eth0", network)])
        }

        func resolve(_ name: String, _ family: IPFamily = .v4) {
            client.resolve(name, family: family) { [weak self, simulation = world.simulation] in
                self?.results.append((simulation.now.sinceStart, $0))
            }
        }

        var queries: [TimeAmount] {
            world.events.compactMap { if case .dns(.query) = $0.kind { $0.time.sinceStart } else { nil } }
        }
    }

    @Test("a name has the addresses of its server, per family, after one round trip")
    func lookup() throws {
        let scene = Scene()
        let server = scene.world.network.addServer("sfu", hostNames: ["rms.example"])
        scene.resolve("RMS.example")
        scene.resolve("rms.example", .v6)
        scene.world.run(for: .seconds(1))
        let addresses = server.interfaces[0].addresses
        #expect(try scene.results.map { try $0.result.get() } == [[addresses[0]], [addresses[1]]])
        #expect(scene.results[0].time > .milliseconds(11) && scene.results[0].time < .milliseconds(14))
    }

    @Test("an address needs no query, and is an empty answer for the other family")
    func literal() throws {
        let scene = Scene()
        scene.resolve("192.0.2.9")
        scene.resolve("192.0.2.9", .v6)
        #expect(scene.results.isEmpty, "never before the call returns")
        scene.world.run(for: .seconds(1))
        #expect(try scene.results.map { try $0.result.get() } == [[ip("192.0.2.9")], []])
        #expect(scene.queries.isEmpty)
    }

    @Test("localhost is this host")
    func localhost() throws {
        let scene = Scene()
        scene.resolve("localhost")
        scene.world.run(for: .seconds(1))
        #expect(try scene.results.first?.result.get() == [ip("127.0.0.1")])
    }

    @Test(
        "what is not a name fails at once",
        arguments: ["", "a..b", ".", String(repeating: "x", count: 64) + ".example", String(repeating: "abc.", count: 64) + "d"])
    func invalidName(name: String) {
        let scene = Scene()
        scene.resolve(name)
        scene.world.run(for: .milliseconds(1))
        #expect(scene.results.first?.result == .failure(.invalidName(name)))
    }

    @Test("an unknown name is not found, a failing server is said to fail")
    func failures() {
        let scene = Scene()
        scene.resolve("nobody.example")
        scene.world.run(for: .seconds(1))
        let fault = scene.world.network.dnsFailure(.serverFailure, name: "resolver broken")
        scene.resolve("nobody.example")
        scene.world.run(for: .seconds(1))
        fault.end()
        #expect(
            scene.results.map(\.result) == [.failure(.nameNotFound("nobody.example")), .failure(.serverFailure("nobody.example"))])
    }

    @Test("glibc asks at 0 and 5 s and gives up at 10 s")
    func glibcTimeout() {
        let scene = Scene()
        scene.world.network.dnsFailure(.noAnswer, name: "silence")
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(20))
        #expect(scene.queries == [.zero, .seconds(5)])
        #expect(scene.results.map(\.time) == [.seconds(10)])
        #expect(scene.results.first?.result == .failure(.timeout("rms.example")))
    }

    @Test("Darwin asks at 0, 1, 4 and 13 s and gives up at 30 s")
    func darwinTimeout() {
        let scene = Scene(profile: .darwin)
        scene.world.network.dnsFailure(.noAnswer, name: "silence")
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(40))
        #expect(scene.queries == [.zero, .seconds(1), .seconds(4), .seconds(13)])
        #expect(scene.results.map(\.time) == [.seconds(30)])
    }

    @Test("a lost query is repeated, and the answer to the second serves")
    func retransmission() throws {
        let scene = Scene()
        scene.world.network.addServer("sfu", hostNames: ["rms.example"])
        scene.client.blackout(name: "tunnel").end(after: .seconds(2))
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(20))
        #expect(scene.queries.count == 2)
        #expect(try !scene.results[0].result.get().isEmpty)
        #expect(scene.results[0].time > .seconds(5) && scene.results[0].time < .milliseconds(5_014))
    }

    @Test("answers are kept for their time to live where the system keeps them")
    func cache() throws {
        let scene = Scene(profile: .darwin)
        scene.world.network.names.set("rms.example", to: [ip("203.0.113.77")], timeToLive: .seconds(30))
        for second in [0, 10, 29, 31] as [Int64] { scene.world.at(.seconds(second)) { scene.resolve("rms.example") } }
        scene.world.run(for: .seconds(60))
        #expect(scene.queries == [.zero, .seconds(31)])
        #expect(try scene.results.allSatisfy { try $0.result.get() == [ip("203.0.113.77")] })
    }

    @Test("without a network no query is sent")
    func noNetwork() {
        let scene = Scene()
        scene.client.interfaces[0].setUp(false)
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(1))
        #expect(scene.results.first?.result == .failure(.networkUnreachable("rms.example")))
        #expect(scene.queries.isEmpty)
    }

    @Test("a dead resolver machine is silence, a stopped resolver process fails the lookup without waiting")
    func deadResolver() throws {
        let scene = Scene()
        let resolver = try #require(scene.world.network.host("resolver"))
        resolver.exitProcess()
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(1))
        #expect(scene.results.first?.result == .failure(.timeout("rms.example")))
        resolver.crash()
        scene.resolve("rms.example")
        scene.world.run(for: .seconds(1))
        #expect(scene.results.count == 1)
    }

    @Test("an IPv6-only host reaches an IPv4-only server by DNS64 and NAT64")
    func nat64() throws {
        let scene = Scene(network: .lteIPv6Only)
        let v4Only = AccessProfile(kind: .ethernet, access: .ideal, ipv4: .publicAddresses)
        let network = scene.world.network.addAccessNetwork("old", v4Only)
        let server = Endpoint(scene.world.network.addServer("old.example", on: network))
        scene.resolve("old.example", .v6)
        scene.world.run(for: .seconds(1))
        let address = try #require(try scene.results[0].result.get().first)
        #expect(IPPrefix("64:ff9b::/96")!.contains(address))
        let client = Endpoint(scene.client, .anyV6)
        #expect(client.send("ping", to: TransportAddress(address, 4_000)) == .sent)
        scene.world.run(for: .seconds(1))
        #expect(server.texts == ["ping"])
        #expect(server.received[0].datagram.source.address.family == .v4)
        server.send("pong", to: server.received[0].datagram.source)
        client.send("x", to: TransportAddress(address, 9))
        scene.world.run(for: .seconds(1))
        #expect(client.received.map(\.datagram.source) == [TransportAddress(address, 4_000)])
        #expect(client.failures == [.unreachable(TransportAddress(address, 9), .port)])
        #expect(client.send("x", to: TransportAddress(ip("203.0.113.1"), 9)) == .noRoute)
    }

    @Test("a lookup goes on while the application is suspended, and the answer waits for it")
    func suspended() throws {
        let scene = Scene()
        scene.world.network.addServer("rms.example")
        scene.resolve("rms.example")
        scene.client.suspendApp()
        scene.world.run(for: .seconds(3))
        #expect(scene.results.isEmpty)
        scene.client.resumeApp()
        scene.world.run(for: .seconds(1))
        #expect(scene.results.map(\.time) == [.seconds(3)])
    }

    @Test("messages survive their own bytes, and other bytes are refused without harm")
    func codec() {
        var message = DNSMessage(identifier: 7, isResponse: true, name: "a.b-c.example", family: .v6)
        message.answers = [.init(address: ip("2001:db8::1"), timeToLiveSeconds: 60), .init(address: ip("192.0.2.1"), timeToLiveSeconds: 1)]
        let bytes = message.encoded()
        #expect(DNSMessage(bytes) == message)
        let seed: UInt64 = 99
        let random = RandomStream(seed: seed, name: "fuzz")
        for _ in 0..<5_000 {
            var damaged = Array(bytes.readableBytesView)
            for _ in 0..<3 { damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next()) }
            _ = DNSMessage(ByteBuffer(bytes: damaged.prefix(Int(random.next() % UInt64(damaged.count + 1)))))
        }
        for length in 0..<bytes.readableBytes { #expect(DNSMessage(bytes.getSlice(at: 0, length: length)!) == nil) }
    }
}
