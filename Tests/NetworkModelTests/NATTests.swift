import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("NAT")
struct NATTests {
    /// A client behind a NAT, and servers A and B; A has two sockets.
    private final class Scene {
        let world = NetworkWorld()
        let client: Endpoint
        let a1: Endpoint
        let a2: Endpoint
        let b: Endpoint

        init(_ profile: NATProfile) {
            let access = AccessProfile(kind: .wifi, access: .ideal, ipv4: .translated(profile))
            client = Endpoint(world.network.addClient("client", on: [("wifi", access)]))
            let serverA = world.network.addServer("a")
            a1 = Endpoint(serverA, port: 1_001)
            a2 = Endpoint(serverA, port: 1_002)
            b = Endpoint(world.network.addServer("b"), port: 1_001)
        }

        var nat: NAT { world.network.accessNetwork("client-wifi")!.nat! }
        func run(_ time: TimeAmount = .milliseconds(10)) { world.run(for: time) }

        /// The outside address that an endpoint saw last.
        func outside(at endpoint: Endpoint) -> TransportAddress { endpoint.received.last!.datagram.source }
    }

    @Test(
        "mapping: the outside port is the same for remotes that the kind does not tell apart (RFC 4787 section 4.1)",
        arguments: [
            (NATDependence.endpointIndependent, true, true), (.addressDependent, true, false), (.addressAndPortDependent, false, false),
        ])
    func mapping(kind: NATDependence, sameForOtherPort: Bool, sameForOtherAddress: Bool) {
        let scene = Scene(NATProfile(mapping: kind))
        for server in [scene.a1, scene.a2, scene.b] { scene.client.send("x", to: server.address) }
        scene.run()
        #expect((scene.outside(at: scene.a1) == scene.outside(at: scene.a2)) == sameForOtherPort)
        #expect((scene.outside(at: scene.a1) == scene.outside(at: scene.b)) == sameForOtherAddress)
    }

    @Test(
        "filtering: a mapping admits the remotes that the kind does not tell apart (RFC 4787 section 5)",
        arguments: [
            (NATDependence.endpointIndependent, ["a1", "a2", "b"]), (.addressDependent, ["a1", "a2"]), (.addressAndPortDependent, ["a1"]),
        ])
    func filtering(kind: NATDependence, admitted: [String]) {
        let scene = Scene(NATProfile(filtering: kind))
        scene.client.send("x", to: scene.a1.address)
        scene.run()
        let outside = scene.outside(at: scene.a1)
        scene.a1.send("a1", to: outside)
        scene.a2.send("a2", to: outside)
        scene.b.send("b", to: outside)
        scene.run()
        #expect(scene.client.texts == admitted)
        #expect(scene.world.drops == Array(repeating: .filtered, count: 3 - admitted.count))
    }

    @Test("what nobody asked for does not get in")
    func unsolicited() {
        let scene = Scene(.fullCone)
        scene.b.send("x", to: TransportAddress(scene.nat.publicAddresses[0], 4_000))
        scene.run()
        #expect(scene.world.drops == [.noMapping])
    }

    @Test("the inside port is preserved while it is free")
    func portPreservation() {
        let scene = Scene(NATProfile())
        scene.client.send("x", to: scene.a1.address)
        scene.run()
        #expect(scene.outside(at: scene.a1).port == 4_000)
        let second = scene.world.network.addHost("second")
        second.addInterface("wifi", on: scene.world.network.accessNetwork("client-wifi")!)
        Endpoint(second).send("y", to: scene.a1.address)
        scene.run()
        #expect(scene.outside(at: scene.a1).port != 4_000)
        #expect(scene.nat.mappingCount == 2)
    }

    @Test("an idle UDP mapping ends exactly after its timeout, and traffic keeps it")
    func expiry() {
        let scene = Scene(NATProfile(udpIdleTimeout: .seconds(30)))
        scene.client.send("x", to: scene.a1.address)
        scene.run(.seconds(20))
        scene.client.send("x", to: scene.a1.address)
        scene.run(.seconds(29))
        #expect(scene.nat.mappingCount == 1)
        scene.run(.seconds(2))
        #expect(scene.nat.mappingCount == 0)
        let expired = scene.world.events.last { if case .nat(.expired) = $0.kind { true } else { false } }
        #expect(expired?.time.sinceStart == .seconds(50))
    }

    @Test("inbound traffic keeps a mapping only if the NAT says so", arguments: [true, false])
    func inboundRefresh(refreshes: Bool) {
        let scene = Scene(NATProfile(udpIdleTimeout: .seconds(30), isRefreshedByInbound: refreshes))
        scene.client.send("x", to: scene.a1.address)
        scene.run(.seconds(20))
        scene.a1.send("y", to: scene.outside(at: scene.a1))
        scene.run(.seconds(20))
        #expect(scene.nat.mappingCount == (refreshes ? 1 : 0))
    }

    @Test("a rebinding forgets all mappings; the next packet has a new port, and a new address if asked", arguments: [true, false])
    func rebinding(newAddress: Bool) {
        let scene = Scene(NATProfile())
        scene.client.send("x", to: scene.a1.address)
        scene.run()
        let before = scene.outside(at: scene.a1)
        scene.world.network.accessNetwork("client-wifi")?.rebindNAT(newAddress: newAddress)
        scene.a1.send("late", to: before)
        scene.run()
        #expect(scene.client.received.isEmpty)
        scene.client.send("y", to: scene.a1.address)
        scene.run()
        let after = scene.outside(at: scene.a1)
        #expect(after.port != before.port)
        #expect((after.address != before.address) == newAddress)
        scene.a1.send("now", to: after)
        scene.run()
        #expect(scene.client.texts == ["now"])
    }

    @Test("hairpinning lets two inside hosts meet at their outside addresses, and is refused without", arguments: [true, false])
    func hairpinning(isOn: Bool) throws {
        let scene = Scene(NATProfile(filtering: .endpointIndependent, isHairpinning: isOn))
        let second = scene.world.network.addHost("second")
        second.addInterface("wifi", on: try #require(scene.world.network.accessNetwork("client-wifi")))
        let other = Endpoint(second, port: 4_444)
        scene.client.send("x", to: scene.a1.address)
        other.send("x", to: scene.a1.address)
        scene.run()
        let (outsideClient, outsideOther) = (scene.a1.received[0].datagram.source, scene.a1.received[1].datagram.source)
        other.send("hello", to: outsideClient)
        scene.run()
        #expect(scene.client.texts == (isOn ? ["hello"] : []))
        // RFC 4787 REQ-9: the source is the outside address.
        #expect(scene.client.received.first?.datagram.source == (isOn ? outsideOther : nil))
    }

    @Test("an ICMP error is translated back to the socket that it concerns")
    func icmp() throws {
        let scene = Scene(.symmetric)
        let dead = TransportAddress(scene.a1.address.address, 7_777)
        scene.client.send("x", to: dead)
        scene.run()
        #expect(scene.client.failures == [.unreachable(dead, .port)])
    }

    @Test("an inside host's own ICMP error reaches the outside sender, about the address it knows")
    func icmpOutbound() {
        let scene = Scene(NATProfile())
        scene.client.send("x", to: scene.a1.address)
        scene.run()
        let outside = scene.outside(at: scene.a1)
        scene.client.socket.close()
        scene.a1.send("y", to: outside)
        scene.run()
        #expect(scene.a1.failures == [.unreachable(outside, .port)])
    }

    @Test("two NATs in a row translate both ways: a home behind a carrier's NAT")
    func carrierGrade() {
        let world = NetworkWorld()
        let carrier = world.network.addAccessNetwork("carrier", .lte)
        let home = world.network.addAccessNetwork("home", .homeWiFi.withoutIPv6, below: carrier)
        let host = world.network.addHost("laptop")
        host.addInterface("wifi", on: home)
        let client = Endpoint(host)
        let server = Endpoint(world.network.addServer("server"))
        client.send("ping", to: server.address)
        world.run(for: .seconds(1))
        #expect(home.nat?.publicAddresses.first.map { IPPrefix("100.64.0.0/10")!.contains($0) } == true)
        #expect(carrier.nat?.publicAddresses.contains(server.received[0].datagram.source.address) == true)
        server.send("pong", to: server.received[0].datagram.source)
        world.run(for: .seconds(1))
        #expect(client.texts == ["pong"])
        #expect(client.received.first?.datagram.source == server.address)
    }

    @Test("an inside address always gets the same of several public addresses (paired)")
    func pairing() {
        let scene = Scene(NATProfile(mapping: .addressAndPortDependent, portAllocation: .random, publicAddressCount: 4))
        for server in [scene.a1, scene.a2, scene.b] { scene.client.send("x", to: server.address) }
        scene.run()
        let seen = [scene.a1, scene.a2, scene.b].map { scene.outside(at: $0).address }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    @Test("an IPv6 firewall admits answers only")
    func ipv6Firewall() throws {
        let world = NetworkWorld()
        let host = world.network.addClient("client", on: [("wifi", .homeWiFi)])
        let server = world.network.addServer("server")
        let client = Endpoint(host, .anyV6)
        let far = Endpoint(server, .anyV6)
        let here = TransportAddress(try #require(host.interfaces[0].addresses.first { $0.family == .v6 }), 4_000)
        let there = TransportAddress(try #require(server.interfaces[0].addresses.first { $0.family == .v6 }), 4_000)
        far.send("uninvited", to: here)
        world.run(for: .seconds(1))
        #expect(client.received.isEmpty)
        client.send("question", to: there)
        world.run(for: .seconds(1))
        far.send("answer", to: far.received[0].datagram.source)
        world.run(for: .seconds(1))
        #expect(client.texts == ["answer"])
        #expect(far.received[0].datagram.source == here)
    }
}

extension AccessProfile {
    var withoutIPv6: AccessProfile {
        var changed = self
        changed.ipv6 = .none
        return changed
    }
}
