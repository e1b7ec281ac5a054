import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite struct HostConnectingTests {
    /// A client at home and a server with a name, which answers every message with "re: ...".
    final class Setting {
        let world = NetworkWorld()
        let client: Host
        let server: Host
        private(set) var channel: (any Channel)?
        private(set) var error: ConnectError?
        let inbox = Inbox()

        init(clientProfile: HostProfile = .linux) throws {
            world.network.addResolvers()
            server = world.network.addServer("rms", hostNames: ["rms.example"])
            client = world.network.addClient("alice", profile: clientProfile, on: [("en0", .homeWiFi)])
            try serve()
        }

        func serve() throws {
            _ = try server.listen(port: 443, tls: true) { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering()) }
            }
        }

        func connect() {
            client.connect(host: "rms.example", port: 443, tls: true).assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let opened):
                    channel = opened
                    do { try opened.pipeline.syncOperations.addHandler(inbox) } catch { Issue.record(error) }
                case .failure(let failure): error = failure as? ConnectError
                }
            }
        }

        func send(_ text: String) { channel?.writeAndFlush(ByteBuffer(string: text), promise: nil) }
    }

    @Test("a client at home reaches a server by name, over NAT and TLS")
    func reaches() throws {
        let setting = try Setting()
        setting.connect()
        setting.world.run(for: .seconds(2))
        setting.send("hello")
        setting.world.run(for: .seconds(1))
        #expect(setting.inbox.text == "re: hello")
    }

    @Test("an unknown name is a DNS failure")
    func unknown() throws {
        let setting = try Setting()
        var error: ConnectError?
        setting.client.connect(host: "nowhere.example", port: 443, tls: true).assumeIsolated().whenFailure { error = $0 as? ConnectError }
        setting.world.run(for: .seconds(30))
        #expect(error == .dnsFailure(.nameNotFound("nowhere.example")))
    }

    @Test("a blackout of 5 s delays a message and breaks nothing")
    func blackout() throws {
        let setting = try Setting()
        setting.connect()
        setting.world.run(for: .seconds(2))
        let fault = setting.client.blackout(name: "elevator")
        setting.send("from the elevator")
        setting.world.run(for: .seconds(5))
        #expect(setting.inbox.text.isEmpty)
        fault.end()
        setting.world.run(for: .seconds(5))
        #expect(setting.inbox.text == "re: from the elevator")
        #expect(setting.inbox.errors.isEmpty)
    }

    @Test("a restarted server answers the old connection with a reset and takes new ones")
    func restart() throws {
        let setting = try Setting()
        setting.connect()
        setting.world.run(for: .seconds(2))
        setting.server.forgetConnections()
        try setting.serve()
        setting.send("still there?")
        setting.world.run(for: .seconds(1))
        #expect(setting.inbox.isInactive)
        setting.connect()
        setting.world.run(for: .seconds(2))
        #expect(setting.channel?.isActive == true)
    }

    @Test("a captive portal with its own certificate fails TLS")
    func captivePortal() throws {
        let setting = try Setting()
        let portal = setting.world.network.addHost("portal")
        let access = try #require(setting.client.interfaces[0].accessNetwork)
        portal.addInterface("eth0", on: access)
        _ = try portal.tcp.listen(port: 443, tls: TLSServerOptions(certificate: .names(["portal.hotel.example"]))) {
            $0.eventLoop.makeSucceededVoidFuture()
        }
        access.captivePortal(CaptivePortalProfile(secure: .wrongCertificate), portal: portal, name: "hotel")
        setting.connect()
        setting.world.run(for: .seconds(15))
        guard case .tls(.certificateNameMismatch("rms.example", ["portal.hotel.example"]), _)? = setting.error else {
            Issue.record("\(String(describing: setting.error))")
            return
        }
    }

    @Test("an interface that goes away ends the connection of an iPhone at once, and leaves that of a Linux machine hanging")
    func interfaceLost() throws {
        for (profile, isEnded) in [(HostProfile.darwin, true), (.linux, false)] {
            let setting = try Setting(clientProfile: profile)
            setting.connect()
            setting.world.run(for: .seconds(2))
            setting.client.interfaces[0].setUp(false)
            setting.world.run(for: .seconds(1))
            #expect(setting.inbox.isInactive == isEnded)
        }
    }

    @Test("a machine that slept for a minute goes on with its connection")
    func sleep() throws {
        let setting = try Setting()
        setting.connect()
        setting.world.run(for: .seconds(2))
        setting.client.sleep()
        setting.world.run(for: .seconds(60))
        setting.client.wake()
        setting.send("good morning")
        setting.world.run(for: .seconds(5))
        #expect(setting.inbox.text == "re: good morning")
    }
}

final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private(set) var text = ""
    private(set) var errors: [any Error] = []
    private(set) var isInactive = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
    func channelInactive(context: ChannelHandlerContext) { isInactive = true }
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "re: " + String(buffer: unwrapInboundIn(data)))), promise: nil)
    }
}
