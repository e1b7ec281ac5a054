import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Hosts and interfaces")
struct HostTests {
    private func phone(_ world: NetworkWorld) -> Host {
        world.network.addClient("phone", profile: .darwin, on: [("lte", .lte), ("wifi", .homeWiFi)])
    }

    @Test("Wi-Fi is preferred to LTE, and LTE takes over when it goes")
    func preference() throws {
        let world = NetworkWorld()
        let phone = phone(world)
        let wifi = try #require(phone.interface("wifi"))
        #expect(phone.sourceAddress(for: ip("203.0.113.1")) == wifi.addresses.first)
        wifi.setUp(false)
        #expect(phone.sourceAddress(for: ip("203.0.113.1")) == phone.interface("lte")?.addresses.first)
        #expect(phone.path.kind == .cellular)
    }

    @Test("the application learns of a new path after the system's delay, with the addresses that went")
    func pathEvents() throws {
        let world = NetworkWorld()
        let phone = phone(world)
        let wifi = try #require(phone.interface("wifi"))
        let old = wifi.addresses
        world.run(for: .seconds(1))
        var seen: [(TimeAmount, NetworkPath)] = []
        phone.observePath { seen.append((world.simulation.now.sinceStart, $0)) }
        world.at(.seconds(2)) { wifi.setUp(false) }
        world.run(for: .seconds(5))
        #expect(seen.count == 1)
        #expect(seen.first?.0 == .seconds(2) + phone.profile.pathEventDelay)
        #expect(seen.first?.1.interface == "lte")
        #expect(seen.first?.1.goneAddresses == old)
    }

    @Test("without any interface the path is unsatisfied and sending fails with no route")
    func unsatisfied() throws {
        let world = NetworkWorld()
        let host = world.network.addClient("laptop", on: [("wifi", .homeWiFi)])
        let endpoint = Endpoint(host)
        host.interfaces[0].setUp(false)
        world.run(for: .seconds(1))
        #expect(!host.path.isSatisfied)
        #expect(endpoint.send("x", to: TransportAddress(ip("203.0.113.1"), 1)) == .noRoute)
    }

    @Test("a socket bound to an address that has gone fails with no address while another network is up")
    func goneAddress() throws {
        let world = NetworkWorld()
        let phone = phone(world)
        let wifi = try #require(phone.interface("wifi"))
        let endpoint = Endpoint(phone, wifi.addresses.first)
        wifi.setUp(false)
        #expect(endpoint.send("x", to: TransportAddress(ip("203.0.113.1"), 1)) == .noAddress)
    }

    @Test("a host firewall refuses with EPERM, a router's policy drops in silence")
    func whereTheDropIs() throws {
        let world = NetworkWorld()
        let server = Endpoint(world.network.addServer("server"))
        let client = Endpoint(world.network.addClient("client", on: [("eth0", .fibre)]))
        client.host.firewall.rules = [.init(.outgoing, transportProtocol: .udp, remotePort: 9)]
        #expect(client.send("x", to: TransportAddress(server.address.address, 9)) == .notPermitted)
        let network = try #require(world.network.accessNetwork("client-eth0"))
        network.block([.init(.outgoing, transportProtocol: .udp)], name: "strict office")
        #expect(client.send("x", to: server.address) == .sent)
        world.run(for: .seconds(1))
        #expect(server.received.isEmpty && client.failures.isEmpty)
        #expect(world.drops == [.blocked(fault: "strict office")])
    }

    @Test("a policy that answers makes the sender's socket fail")
    func answeringPolicy() throws {
        let world = NetworkWorld()
        let server = Endpoint(world.network.addServer("server"))
        let client = Endpoint(world.network.addClient("client", on: [("eth0", .fibre)]))
        world.network.accessNetwork("client-eth0")?.block([.init(.outgoing, transportProtocol: .udp)], answers: true, name: "office")
        client.send("x", to: server.address)
        world.run(for: .seconds(1))
        #expect(client.failures == [.unreachable(server.address, .administrativelyProhibited)])
    }

    @Test("transports hear of each address that an interface loses")
    func addressRemoved() throws {
        let world = NetworkWorld()
        let phone = phone(world)
        var removed: [IPAddress] = []
        phone.onAddressRemoved.append { removed.append($0) }
        let wifi = try #require(phone.interface("wifi"))
        let addresses = wifi.addresses
        wifi.setUp(false)
        #expect(removed == addresses)
        #expect(wifi.addresses.isEmpty)
    }

    @Test("an interface that comes back has another address, unless it only lost its carrier")
    func newAddress() throws {
        let world = NetworkWorld()
        let phone = phone(world)
        let wifi = try #require(phone.interface("wifi"))
        let first = wifi.addresses
        wifi.linkDown(name: "walk away").end()
        #expect(wifi.addresses.count == first.count && wifi.addresses != first)
        let second = wifi.addresses
        wifi.linkDown(keepsAddresses: true, name: "flap").end()
        #expect(wifi.addresses == second)
    }

    @Test("a datagram to a port without a socket comes back as port unreachable, from a host that answers")
    func portUnreachable() {
        let world = NetworkWorld()
        let server = world.network.addServer("server")
        let client = Endpoint(world.network.addClient("client", on: [("wifi", .homeWiFi)]))
        let nowhere = TransportAddress(server.interfaces[0].addresses[0], 999)
        client.send("x", to: nowhere)
        world.run(for: .seconds(1))
        #expect(client.failures == [.unreachable(nowhere, .port)])
        server.answersUnknown = false
        client.send("x", to: nowhere)
        world.run(for: .seconds(1))
        #expect(client.failures.count == 1)
    }

    @Test("a host reaches itself by its own address and by loopback")
    func loopback() throws {
        let world = NetworkWorld()
        let host = world.network.addServer("server")
        let endpoint = Endpoint(host)
        let other = Endpoint(host, port: 5_000)
        endpoint.send("a", to: other.address)
        endpoint.send("b", to: TransportAddress(ip("127.0.0.1"), 5_000))
        #expect(other.received.isEmpty)
        world.run(for: .seconds(1))
        #expect(other.texts == ["a", "b"])
    }

    @Test("datagrams that an application does not read are dropped once the buffer is full")
    func receiveBuffer() {
        let world = NetworkWorld()
        let (left, right) = world.pair(.ideal)
        world.run(for: .milliseconds(1))
        right.host.suspendApp()
        left.send(count: 200, bytes: 1_428, to: right.address)
        world.run(for: .seconds(1))
        #expect(right.received.isEmpty)
        right.host.resumeApp()
        world.run(for: .seconds(1))
        #expect(right.received.count == 212_992 / 1_400)
        #expect(world.drops.allSatisfy { $0 == .receiveBufferFull })
    }

    @Test("a port is bound once, and ephemeral ports come from the system's range")
    func binding() throws {
        let world = NetworkWorld()
        let host = world.network.addServer("server")
        _ = try host.bindUDP(port: 53)
        #expect(throws: BindError.addressInUse(TransportAddress(.anyV4, 53))) { try host.bindUDP(port: 53) }
        #expect(throws: BindError.addressNotAvailable(ip("1.2.3.4"))) { try host.bindUDP(ip("1.2.3.4")) }
        #expect(throws: Never.self) { try host.bindUDP(.anyV6, port: 53) }
        #expect(host.profile.ephemeralPorts.contains(try host.bindUDP().local.port))
    }
}
