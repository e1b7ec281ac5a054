import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite struct ChannelTests {
    @Test("a plain connection is there after one round trip, with TLS 1.3 after two, with TLS 1.2 after three")
    func roundTrips() throws {
        for (tls, version, trips) in [(false, TLSVersion.tls13, 1), (true, .tls13, 2), (true, .tls12, 3)] {
            let world = try ChannelPair(tls: tls ? TLSServerOptions(version: version) : nil, version: version)
            #expect(world.openedAt == .milliseconds(20 * Int64(trips)))
        }
    }

    @Test("what one pipeline writes the other one reads", arguments: [false, true])
    func echo(tls: Bool) throws {
        let world = try ChannelPair(tls: tls ? TLSServerOptions() : nil)
        world.write("hello")
        world.run(for: .milliseconds(20))
        #expect(world.client.text == "HELLO")
    }

    @Test("a million bytes pass both ways unchanged", arguments: [false, true])
    func bulk(tls: Bool) throws {
        let world = try ChannelPair(tls: tls ? TLSServerOptions() : nil)
        let text = String(repeating: "abcdefghijklmnopqrstuvwxyz", count: 40_000)
        world.write(text)
        world.run(for: .seconds(20))
        #expect(world.client.text.utf8.count == text.utf8.count)
        #expect(world.client.text == text.uppercased())
    }

    @Test("a close by the server ends the client's channel without an error", arguments: [false, true])
    func serverCloses(tls: Bool) throws {
        let world = try ChannelPair(tls: tls ? TLSServerOptions() : nil)
        world.serverChannel?.close(promise: nil)
        world.run(for: .milliseconds(20))
        #expect(world.client.isInactive)
        #expect(world.client.errors.isEmpty)
    }

    @Test("a reset is an error, then the end", arguments: [false, true])
    func reset(tls: Bool) throws {
        let world = try ChannelPair(tls: tls ? TLSServerOptions() : nil)
        (world.serverChannel as? SimulatedChannel)?.closesAbortively = true
        world.serverChannel?.close(promise: nil)
        world.run(for: .milliseconds(20))
        #expect(world.client.isInactive)
        #expect((world.client.errors.first as? IOError)?.errnoCode == TCPError.reset.errnoCode)
    }

    @Test("a process that dies cuts a TLS stream short, which is an error")
    func uncleanShutdown() throws {
        let world = try ChannelPair(tls: TLSServerOptions())
        for observer in world.hosts.right.onLifecycle { observer(.processExited) }
        world.run(for: .milliseconds(20))
        #expect(world.client.errors.first as? TLSError == .uncleanShutdown)
        #expect(world.client.isInactive)
    }

    @Test("a certificate for another name fails the connect with a typed error")
    func certificate() throws {
        let world = try ChannelPair(tls: TLSServerOptions(certificate: .names(["portal.example"])))
        guard case .tls(.certificateNameMismatch("10.0.0.2", ["portal.example"]), _)? = world.connectError else {
            Issue.record("\(String(describing: world.connectError))")
            return
        }
    }

    @Test("TLS to a server that does not speak it fails the connect")
    func notTLS() throws {
        let world = try ChannelPair(tls: nil, clientUsesTLS: true)
        world.run(for: .seconds(1))
        guard case .tls? = world.connectError else {
            Issue.record("\(String(describing: world.connectError))")
            return
        }
    }

    @Test("a connect to a silent host fails when the caller's patience ends, and its SYNs stop")
    func timeout() throws {
        let hosts = BackToBackHosts(seed: 1, oneWayDelay: .milliseconds(10))
        var syns = 0
        hosts.filter = { _, _ in
            syns += 1
            return .drop
        }
        var error: ConnectError?
        hosts.left.tcp.connect(host: "10.0.0.2", port: 443, tls: true).assumeIsolated().whenFailure { error = $0 as? ConnectError }
        hosts.run(until: .seconds(100))
        #expect(error == .timedOut(after: .seconds(10)))
        #expect(syns == 7)
        #expect(hosts.left.tcp.socketCount == 0)
    }

    @Test("an unknown name fails the connect")
    func unknownName() throws {
        let hosts = BackToBackHosts(seed: 1, oneWayDelay: .milliseconds(10))
        var error: ConnectError?
        hosts.left.tcp.connect(host: "nowhere.example", port: 443, tls: true).assumeIsolated().whenFailure { error = $0 as? ConnectError }
        hosts.run(until: .seconds(1))
        #expect(error == .dnsFailure(.nameNotFound("nowhere.example")))
    }

    @Test("a channel that does not read closes the window of its peer, and loses nothing", arguments: [false, true])
    func backpressure(tls: Bool) throws {
        let world = try ChannelPair(tls: tls ? TLSServerOptions() : nil)
        try world.serverChannel?.syncOptions?.setOption(ChannelOptions.autoRead, value: false)
        let text = String(repeating: "0123456789", count: 60_000)
        world.write(text)
        world.run(for: .seconds(5))
        #expect(world.client.text.utf8.count < 100_000)
        #expect(world.clientChannel?.isWritable == false)
        try world.serverChannel?.syncOptions?.setOption(ChannelOptions.autoRead, value: true)
        world.run(for: .seconds(20))
        #expect(world.client.text == text)
        #expect(world.clientChannel?.isWritable == true)
    }

    @Test("a blackout during a call shows as nothing until the other end's timeout, then as ETIMEDOUT")
    func blackout() throws {
        let world = try ChannelPair(tls: nil, profile: .linux(retries: 5))
        world.hosts.filter = { _, _ in .drop }
        world.write("hello?")
        world.run(for: .seconds(60))
        #expect((world.client.errors.first as? IOError)?.errnoCode == TCPError.timedOut.errnoCode)
        #expect(world.client.isInactive)
    }
}

/// A client and a server whose pipeline answers in capitals, 20 ms apart.
private final class ChannelPair {
    let hosts: BackToBackHosts
    let client = Recorder()
    private(set) var clientChannel: (any Channel)?
    private(set) var serverChannel: (any Channel)?
    private(set) var connectError: ConnectError?
    private(set) var openedAt: TimeAmount?

    init(tls: TLSServerOptions?, version: TLSVersion = .tls13, clientUsesTLS: Bool? = nil, profile: TCPProfile = .linux) throws {
        hosts = BackToBackHosts(seed: 1, oneWayDelay: .milliseconds(10), profile: profile)
        _ = try hosts.right.tcp.listen(port: 443, tls: tls) { [unowned self] channel in
            serverChannel = channel
            return channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Capitals()) }
        }
        let options = ConnectOptions(tlsVersion: version)
        hosts.left.tcp.connect(host: "10.0.0.2", port: 443, tls: clientUsesTLS ?? (tls != nil), options: options)
            .assumeIsolated().whenComplete { [unowned self] in finished($0) }
        run(for: .milliseconds(200))
    }

    private func finished(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            openedAt = hosts.simulation.now - .uptimeNanoseconds(0)
            clientChannel = channel
            do { try channel.pipeline.syncOperations.addHandler(client) } catch { Issue.record(error) }
        case .failure(let error):
            connectError = error as? ConnectError
        }
    }

    func run(for time: TimeAmount) { hosts.simulation.run(until: hosts.simulation.now + time) }
    func write(_ text: String) { clientChannel?.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    deinit { hosts.simulation.shutdown() }
}

private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private(set) var text = ""
    private(set) var errors: [any Error] = []
    private(set) var isInactive = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
    func channelInactive(context: ChannelHandlerContext) { isInactive = true }
}

private final class Capitals: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data)).uppercased()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
