import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Captive portal")
struct CaptivePortalTests {
    /// A phone on hotel Wi-Fi with a portal, and a server outside. TCP is played by hand: what answers a SYN.
    private final class Scene {
        let world = NetworkWorld()
        let phone: Host
        let portal: Host
        let server: Host
        let hotel: AccessNetwork
        private(set) var segmentsAtPhone: [(TransportAddress, TCPSegment.Flags)] = []
        private var dns: DNSServer?

        init() throws {
            world.network.addResolvers()
            hotel = world.network.addAccessNetwork("hotel", .homeWiFi)
            phone = world.network.addHost("phone")
            phone.addInterface("wifi", on: hotel)
            portal = world.network.addHost("portal")
            portal.addInterface("eth0", on: hotel)
            server = world.network.addServer("server", hostNames: ["rms.example"])
            dns = try DNSServer(on: portal, mode: .always(portal.interfaces[0].addresses[0]))
            phone.setReceiver(for: .tcp) { [weak self] packet in
                if case .tcp(let segment) = packet.payload { self?.segmentsAtPhone.append((packet.sourceTransportAddress, segment.flags)) }
            }
            for host in [portal, server] { Self.answerSYNs(host) }
        }

        private static func answerSYNs(_ host: Host) {
            host.setReceiver(for: .tcp) { [weak host] packet in
                guard case .tcp(let segment) = packet.payload else { return }
                let answer = TCPSegment(
                    sourcePort: segment.destinationPort, destinationPort: segment.sourcePort, sequenceNumber: 0, flags: [.syn, .ack])
                _ = host?.send(IPPacket(source: packet.destination, destination: packet.source, payload: .tcp(answer)))
            }
        }

        func syn(port: UInt16) {
            let syn = TCPSegment(sourcePort: 50_000, destinationPort: port, sequenceNumber: 1, flags: .syn)
            _ = phone.send(
                IPPacket(
                    source: phone.interfaces[0].addresses[0], destination: server.interfaces[0].addresses[0], payload: .tcp(syn)))
            world.run(for: .seconds(1))
        }

        var serverAddress: IPAddress { server.interfaces[0].addresses[0] }
    }

    @Test("TCP to port 80 is answered by the portal in the server's name")
    func http() throws {
        let scene = try Scene()
        var reachedServer = false
        scene.server.setReceiver(for: .tcp) { _ in reachedServer = true }
        scene.hotel.captivePortal(CaptivePortalProfile(), portal: scene.portal, name: "portal")
        scene.syn(port: 80)
        #expect(!reachedServer)
        #expect(scene.segmentsAtPhone.map(\.0) == [TransportAddress(scene.serverAddress, 80)])
    }

    @Test(
        "TCP to port 443 hangs, is reset, or ends at the portal",
        arguments: [(.hangs, []), (.reset, [[.rst, .ack]]), (.wrongCertificate, [[.syn, .ack]])]
            as [(CaptivePortalProfile.Secure, [TCPSegment.Flags])])
    func https(secure: CaptivePortalProfile.Secure, answer: [TCPSegment.Flags]) throws {
        let scene = try Scene()
        var reachedServer = false
        scene.server.setReceiver(for: .tcp) { _ in reachedServer = true }
        scene.hotel.captivePortal(CaptivePortalProfile(secure: secure), portal: scene.portal, name: "portal")
        scene.syn(port: 443)
        #expect(!reachedServer)
        #expect(scene.segmentsAtPhone.map(\.1) == answer)
        #expect(scene.segmentsAtPhone.allSatisfy { $0.0 == TransportAddress(scene.serverAddress, 443) })
    }

    @Test("names are real or the portal's own", arguments: CaptivePortalProfile.Names.allCases)
    func names(names: CaptivePortalProfile.Names) throws {
        let scene = try Scene()
        scene.hotel.captivePortal(CaptivePortalProfile(names: names), portal: scene.portal, name: "portal")
        var answer: Result<[IPAddress], DNSError>?
        scene.phone.resolve("rms.example", family: .v4) { answer = $0 }
        scene.world.run(for: .seconds(1))
        let expected = names == .real ? scene.serverAddress : scene.portal.interfaces[0].addresses[0]
        #expect(try answer?.get() == [expected])
    }

    @Test("UDP is dropped in silence while the path stays satisfied, until the user has signed in")
    func udp() throws {
        let scene = try Scene()
        let (phone, server) = (Endpoint(scene.phone), Endpoint(scene.server))
        let fault = scene.hotel.captivePortal(CaptivePortalProfile(), portal: scene.portal, name: "portal")
        #expect(phone.send("x", to: server.address) == .sent)
        scene.world.run(for: .seconds(1))
        #expect(server.received.isEmpty && phone.failures.isEmpty)
        #expect(scene.world.drops == [.captivePortal(fault: "portal")])
        #expect(scene.phone.path.isSatisfied)
        fault.end()
        phone.send("y", to: server.address)
        scene.world.run(for: .seconds(1))
        #expect(server.texts == ["y"])
    }

    @Test("a connection from before the portal hangs")
    func establishedConnection() throws {
        let scene = try Scene()
        scene.syn(port: 443)
        #expect(scene.segmentsAtPhone.count == 1)
        scene.hotel.captivePortal(CaptivePortalProfile(secure: .wrongCertificate), portal: scene.portal, name: "portal")
        let data = TCPSegment(sourcePort: 50_000, destinationPort: 443, sequenceNumber: 2, flags: [.ack, .psh])
        _ = scene.phone.send(
            IPPacket(source: scene.phone.interfaces[0].addresses[0], destination: scene.serverAddress, payload: .tcp(data)))
        scene.world.run(for: .seconds(1))
        #expect(scene.segmentsAtPhone.count == 1)
        #expect(scene.world.drops == [.captivePortal(fault: "portal")])
    }
}
