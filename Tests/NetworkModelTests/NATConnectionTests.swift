import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("NAT and TCP")
struct NATConnectionTests {
    /// Segments by hand between a client behind a NAT and a server, so that each flag is under control.
    private final class Scene {
        let world = NetworkWorld()
        let client: Host
        let server: Host
        private(set) var atServer: [(source: TransportAddress, flags: TCPSegment.Flags)] = []
        private(set) var atClient: [TCPSegment.Flags] = []

        init(_ profile: NATProfile) {
            let access = AccessProfile(kind: .wifi, access: .ideal, ipv4: .translated(profile))
            client = world.network.addClient("client", on: [("wifi", access)])
            server = world.network.addServer("server")
            client.setReceiver(for: .tcp) { [weak self] in
                if case .tcp(let segment) = $0.payload { self?.atClient.append(segment.flags) }
            }
            server.setReceiver(for: .tcp) { [weak self] in
                if case .tcp(let segment) = $0.payload { self?.atServer.append(($0.sourceTransportAddress, segment.flags)) }
            }
        }

        var nat: NAT { world.network.accessNetwork("client-wifi")!.nat! }
        private var serverAddress: IPAddress { server.interfaces[0].addresses[0] }

        func out(_ flags: TCPSegment.Flags) {
            let segment = TCPSegment(sourcePort: 40_000, destinationPort: 443, sequenceNumber: 1, flags: flags)
            _ = client.send(IPPacket(source: client.interfaces[0].addresses[0], destination: serverAddress, payload: .tcp(segment)))
            world.run(for: .milliseconds(10))
        }

        func back(_ flags: TCPSegment.Flags, to outside: TransportAddress, port: UInt16 = 443) {
            let segment = TCPSegment(sourcePort: port, destinationPort: outside.port, sequenceNumber: 1, flags: flags)
            _ = server.send(IPPacket(source: serverAddress, destination: outside.address, payload: .tcp(segment)))
            world.run(for: .milliseconds(10))
        }

        func handshake() -> TransportAddress {
            out(.syn)
            let outside = atServer.last!.source
            back([.syn, .ack], to: outside)
            out(.ack)
            return outside
        }
    }

    @Test("an open connection lives as long as RFC 5382 says, one that is opening or closed 4 minutes")
    func timeouts() {
        for (flags, minutes) in [([], 124), ([TCPSegment.Flags.rst], 4), ([.fin], 124)] as [([TCPSegment.Flags], Int64)] {
            let scene = Scene(NATProfile())
            _ = scene.handshake()
            flags.forEach { scene.out($0) }
            scene.world.run(for: .minutes(minutes) - .seconds(1))
            #expect(scene.nat.mappingCount == 1)
            scene.world.run(for: .seconds(2))
            #expect(scene.nat.mappingCount == 0)
        }
    }

    @Test("a connection closed from both sides is forgotten after 4 minutes")
    func bothFins() {
        let scene = Scene(NATProfile())
        let outside = scene.handshake()
        scene.out([.fin, .ack])
        scene.back([.fin, .ack], to: outside)
        scene.world.run(for: .minutes(4) - .seconds(1))
        #expect(scene.nat.mappingCount == 1)
        scene.world.run(for: .seconds(2))
        #expect(scene.nat.mappingCount == 0)
    }

    @Test("segments of other connections do not get in, and a stray SYN only where the filter admits it")
    func filtering() {
        for (filtering, admitted) in [
            (NATDependence.endpointIndependent, true), (.addressDependent, true), (.addressAndPortDependent, false),
        ] {
            let scene = Scene(NATProfile(filtering: filtering))
            let outside = scene.handshake()
            let before = scene.atClient.count
            scene.back(.ack, to: outside, port: 444)
            #expect(scene.atClient.count == before)
            scene.back(.syn, to: outside, port: 445)
            #expect(scene.atClient.count == before + (admitted ? 1 : 0))
        }
    }

    @Test("after a rebinding a segment of an old connection is dropped, reset or adopted", arguments: NATProfile.OutOfState.allCases)
    func outOfState(option: NATProfile.OutOfState) {
        let scene = Scene(NATProfile(outOfState: option))
        let outside = scene.handshake()
        scene.world.network.accessNetwork("client-wifi")?.rebindNAT(newAddress: false, newPorts: false)
        let (atServer, atClient) = (scene.atServer.count, scene.atClient.count)
        scene.out([.ack, .psh])
        switch option {
        case .drop:
            #expect(scene.atServer.count == atServer && scene.atClient.count == atClient)
            #expect(scene.world.drops == [.outOfState])
        case .reset:
            #expect(scene.atServer.count == atServer)
            #expect(scene.atClient.last == .rst)
        case .adopt:
            #expect(scene.atServer.last?.source == outside)
            scene.back(.ack, to: outside)
            #expect(scene.atClient.count == atClient + 1)
        }
    }

    @Test("after a rebinding the server's segments find nothing")
    func inboundAfterRebinding() {
        let scene = Scene(NATProfile())
        let outside = scene.handshake()
        scene.world.network.accessNetwork("client-wifi")?.rebindNAT(newAddress: true)
        scene.back(.ack, to: outside)
        #expect(scene.world.drops == [.noRoute])
    }

    @Test("a machine that forgot its connections answers with RST, or not at all", arguments: [true, false])
    func halfOpen(answers: Bool) throws {
        let world = NetworkWorld()
        let client = world.network.addClient("client", on: [("wifi", .homeWiFi)])
        let server = world.network.addServer("server")
        _ = try server.tcp.listen(port: 443) { _ in }
        let owner = Owner()
        let socket = try client.tcp.connect(to: TransportAddress(server.interfaces[0].addresses[0], 443))
        socket.owner = owner
        world.run(for: .seconds(1))
        #expect(owner.isConnected)
        server.forgetConnections(answersUnknown: answers)
        var bytes = ByteBuffer(string: "anyone there?")
        socket.write(&bytes)
        world.run(for: .seconds(10))
        #expect(owner.error == (answers ? .reset : nil))
    }

    private final class Owner: TCPSocketOwner {
        private(set) var isConnected = false
        private(set) var error: TCPError?
        func socketConnected() { isConnected = true }
        func socketReceived(_ bytes: ByteBuffer) {}
        func socketReachedEndOfFile() {}
        func socketBecameWritable() {}
        func socketFailed(_ error: TCPError) { self.error = error }
    }
}
