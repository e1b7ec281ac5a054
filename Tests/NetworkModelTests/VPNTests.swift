import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("VPN")
struct VPNTests {
    private final class Scene {
        let world = NetworkWorld()
        let laptop: Host
        let server: Endpoint
        let gateway: VPNGateway

        init() throws {
            world.network.addResolvers()
            laptop = world.network.addClient("laptop", on: [("wifi", .homeWiFi), ("lte", .lte)])
            server = Endpoint(world.network.addServer("server", hostNames: ["rms.example"]))
            gateway = try VPNGateway(on: world.network.addServer("gateway"))
            server.socket.onReceive = { [weak self, socket = server.socket] in
                self?.sources.append($0.source.address)
                socket.send($0.payload, to: $0.source)
            }
        }

        private(set) var sources: [IPAddress] = []
        var wifi: Interface { laptop.interface("wifi")! }
    }

    @Test("the tunnel takes the default route, and the server sees the gateway's exit")
    func defaultRoute() throws {
        let scene = try Scene()
        let before = Endpoint(scene.laptop)
        let vpn = try scene.laptop.startVPN(through: scene.gateway)
        #expect(scene.laptop.path.kind == .vpn)
        before.send("x", to: scene.server.address)
        scene.world.run(for: .seconds(1))
        #expect(scene.sources == scene.gateway.exit.nat?.publicAddresses)
        #expect(before.texts == ["x"])
        vpn.stop()
        #expect(scene.laptop.path.kind == .wifi)
        before.send("y", to: scene.server.address)
        scene.world.run(for: .seconds(1))
        #expect(scene.sources.last == scene.world.network.accessNetwork("laptop-wifi")?.nat?.publicAddresses.first)
    }

    @Test("sockets of real addresses go on beside the tunnel, unless a kill switch refuses them")
    func oldSockets() throws {
        for (policy, expected) in [(VPNConnection.OldSockets.kept, SendResult.sent), (.refused, .notPermitted)] {
            let scene = try Scene()
            let old = Endpoint(scene.laptop, scene.wifi.addresses[0])
            let vpn = try scene.laptop.startVPN(through: scene.gateway, oldSockets: policy)
            #expect(old.send("x", to: scene.server.address) == expected)
            let new = Endpoint(scene.laptop, port: 4_001)
            new.send("y", to: scene.server.address)
            scene.world.run(for: .seconds(1))
            #expect(new.texts == ["y"])
            vpn.stop()
            #expect(old.send("z", to: scene.server.address) == .sent)
        }
    }

    @Test("a VPN that closes old sockets says that their addresses have gone")
    func closesOldSockets() throws {
        let scene = try Scene()
        let addresses = scene.laptop.preferredInterfaces.flatMap(\.addresses)
        var removed: [IPAddress] = []
        scene.laptop.onAddressRemoved.append { removed.append($0) }
        _ = try scene.laptop.startVPN(through: scene.gateway, oldSockets: .closed)
        #expect(removed == addresses)
    }

    @Test("the tunnel survives a roam of the interface below it")
    func roam() throws {
        let scene = try Scene()
        let vpn = try scene.laptop.startVPN(through: scene.gateway)
        let socket = Endpoint(scene.laptop, vpn.interface.addresses[0])
        socket.send("before", to: scene.server.address)
        scene.world.run(for: .seconds(1))
        scene.wifi.setUp(false)
        socket.send("after", to: scene.server.address)
        scene.world.run(for: .seconds(1))
        #expect(socket.texts == ["before", "after"])
        #expect(scene.sources.count == 2 && scene.sources[0] == scene.sources[1])
    }

    @Test("a blackout of the real interfaces is one of the tunnel")
    func blackout() throws {
        let scene = try Scene()
        _ = try scene.laptop.startVPN(through: scene.gateway)
        let socket = Endpoint(scene.laptop)
        scene.laptop.blackout(name: "elevator")
        #expect(socket.send("x", to: scene.server.address) == .sent)
        scene.world.run(for: .seconds(1))
        #expect(scene.sources.isEmpty)
    }

    @Test("a packet that fits no tunnel is refused, and one on its way back is reported to its sender")
    func mtu() throws {
        let scene = try Scene()
        _ = try scene.laptop.startVPN(through: scene.gateway)
        let socket = Endpoint(scene.laptop)
        let long = String(repeating: "x", count: 1_400)
        #expect(socket.send(long, to: scene.server.address) == .messageTooLong(maximumTransmissionUnit: 1_420))
        socket.send("x", to: scene.server.address)
        scene.world.run(for: .seconds(1))
        let back = TransportAddress(scene.sources[0], 4_000)
        scene.server.send(long, to: back)
        scene.world.run(for: .seconds(1))
        #expect(scene.server.failures == [.tooBig(back, maximumTransmissionUnit: 1_420)])
    }

    @Test("names are looked up through the tunnel")
    func names() throws {
        let scene = try Scene()
        _ = try scene.laptop.startVPN(through: scene.gateway)
        var answer: Result<[IPAddress], DNSError>?
        scene.laptop.resolve("rms.example", family: .v4) { answer = $0 }
        scene.world.run(for: .seconds(1))
        #expect(try answer?.get().count == 1)
        #expect(scene.gateway.exit.nat?.mappingCount == 1)
    }
}
