import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite("Routing")
struct RoutingTests {
    @Test("the longest prefix that contains an address wins, whatever the order of insertion")
    func longestPrefix() {
        let routes = [
            ("0.0.0.0/0", "default"), ("10.0.0.0/8", "ten"), ("10.1.0.0/16", "ten-one"), ("10.1.2.3/32", "host"), ("::/0", "six"),
        ]
        for rotation in routes.indices {
            var table = RoutingTable<String>()
            for (prefix, value) in routes[rotation...] + routes[..<rotation] { table[IPPrefix(prefix)!] = value }
            #expect(table.lookUp(ip("10.1.2.3")) == "host")
            #expect(table.lookUp(ip("10.1.2.4")) == "ten-one")
            #expect(table.lookUp(ip("10.2.0.0")) == "ten")
            #expect(table.lookUp(ip("11.0.0.0")) == "default")
            #expect(table.lookUp(ip("2001:db8::1")) == "six")
            table[IPPrefix("10.1.0.0/16")!] = nil
            #expect(table.lookUp(ip("10.1.2.4")) == "ten")
        }
    }

    @Test("a pool hands out every address once before it repeats, and none twice at a time")
    func pool() {
        var pool = AddressPool(IPPrefix("192.0.2.0/29")!, reserved: 1)
        let all = (0..<5).compactMap { _ in pool.lease() }
        #expect(all.map(\.description) == ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"])
        #expect(pool.lease() == nil)
        pool.release(ip("192.0.2.4"))
        #expect(pool.lease() == ip("192.0.2.4"))
    }

    @Test("two homes with the same private addresses do not disturb each other")
    func overlappingPrivateAddresses() {
        let world = NetworkWorld()
        let server = Endpoint(world.network.addServer("server"))
        let alice = Endpoint(world.network.addClient("alice", on: [("wifi", .homeWiFi)]))
        let bob = Endpoint(world.network.addClient("bob", on: [("wifi", .homeWiFi)]))
        #expect(alice.address == bob.address)
        alice.send("alice", to: server.address)
        bob.send("bob", to: server.address)
        world.run(for: .seconds(1))
        for datagram in server.received.map(\.datagram) { server.socket.send(datagram.payload, to: datagram.source) }
        world.run(for: .seconds(1))
        #expect(alice.texts == ["alice"] && bob.texts == ["bob"])
    }

    @Test("hosts of one network reach each other without its uplink")
    func local() throws {
        let world = NetworkWorld()
        let home = world.network.addAccessNetwork("home", .homeWiFi)
        let (a, b) = (world.network.addHost("a"), world.network.addHost("b"))
        for host in [a, b] { host.addInterface("wifi", on: home) }
        world.network.blackout(of: home.uplink, name: "provider down")
        let (here, there) = (Endpoint(a), Endpoint(b))
        here.send("x", to: there.address)
        world.run(for: .seconds(1))
        #expect(there.texts == ["x"])
    }

    @Test("a path between two networks can have its own delay and faults")
    func widePath() throws {
        let world = NetworkWorld()
        let far = world.network.addAccessNetwork("far", .ideal)
        let near = world.network.addAccessNetwork("near", .ideal)
        let client = Endpoint(world.network.addServer("client", on: near))
        let server = Endpoint(world.network.addServer("server", on: far))
        let path = world.network.core.setPath(from: near, to: far, LinkProfile(LinkConditions(delay: .milliseconds(70))))
        client.send("x", to: server.address)
        server.send("y", to: client.address)
        world.run(for: .seconds(1))
        #expect(server.received.map(\.time) == [.milliseconds(70)])
        #expect(client.received.map(\.time) == [.milliseconds(70)])
        world.network.blackout(of: path, .down, name: "cable")
        client.send("x", to: server.address)
        server.send("y", to: client.address)
        world.run(for: .seconds(1))
        #expect(server.received.count == 2 && client.received.count == 1)
    }

    @Test("an address that nobody has is silence")
    func noRoute() {
        let world = NetworkWorld()
        let client = Endpoint(world.network.addClient("client", on: [("eth0", .fibre)]))
        client.send("x", to: TransportAddress(ip("8.8.8.8"), 1))
        client.send("x", to: TransportAddress(ip("192.168.1.200"), 1))
        world.run(for: .seconds(1))
        #expect(world.drops == [.noRoute, .noRoute])
        #expect(client.failures.isEmpty)
    }

    @Test("a packet that goes in circles dies of its hop limit")
    func hopLimit() {
        let world = NetworkWorld()
        let host = world.network.addClient("client", on: [("eth0", .ethernet)])
        let server = world.network.addServer("server")
        let source = host.interfaces[0].addresses[0]
        let datagram = UDPDatagram(sourcePort: 1, destinationPort: 2, payload: ByteBuffer())
        _ = host.send(IPPacket(source: source, destination: server.interfaces[0].addresses[0], hopLimit: 2, payload: .udp(datagram)))
        world.run(for: .seconds(1))
        #expect(world.drops == [.hopLimitExceeded])
    }

    @Test("every preset carries a datagram there and back", arguments: NetworkPreset.all.map(\.name))
    func presets(name: String) throws {
        let world = NetworkWorld()
        world.network.addResolvers()
        world.network.addServer("server.example")
        let server = Endpoint(try #require(world.network.host("server.example")), .anyV6)
        let server4 = Endpoint(server.host)
        let host = world.network.addClient("client", on: [("net", AccessProfile(try #require(NetworkPreset.named(name))))])
        let family: IPFamily = host.hasRoute(.v4) ? .v4 : .v6
        let client = Endpoint(host, .any(family))
        for endpoint in [server, server4] {
            endpoint.socket.onReceive = { [socket = endpoint.socket] in socket.send($0.payload, to: $0.source) }
        }
        let there = try #require(server.host.interfaces[0].addresses.first { $0.family == family })
        client.send(count: 50, every: .milliseconds(100), to: TransportAddress(there, 4_000))
        world.run(for: .seconds(20))
        #expect(client.received.count > 30)
    }
}
