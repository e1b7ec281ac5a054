import NIOCore
import SimulationKernel
import Testing

@Suite("Simulated pipe and channel")
struct SimulatedPipeTests {
    let simulation = Simulation(seed: 1)

    private func makePipe(latency: TimeAmount = .milliseconds(10)) throws -> (pipe: SimulatedPipe, client: Recorder, server: Recorder) {
        let pipe = SimulatedPipe(
            client: simulation.makeEventLoop(name: "client"), server: simulation.makeEventLoop(name: "server"), latency: latency)
        let (client, server) = (Recorder(), Recorder())
        try pipe.client.pipeline.syncOperations.addHandler(client)
        try pipe.server.pipeline.syncOperations.addHandler(server)
        simulation.run(until: simulation.now)
        return (pipe, client, server)
    }

    private func run(for milliseconds: Int64) { simulation.run(until: simulation.now + .milliseconds(milliseconds)) }

    private func send(_ text: String, on channel: SimulatedChannel) -> Outcome {
        let outcome = Outcome()
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { outcome.set($0) }
        return outcome
    }

    @Test("bytes arrive after exactly the latency")
    func latency() throws {
        defer { simulation.shutdown() }
        let (pipe, _, server) = try makePipe()
        _ = send("hello", on: pipe.client)
        simulation.run(until: .uptimeNanoseconds(9_999_999))
        #expect(server.text.isEmpty)
        simulation.run(until: .uptimeNanoseconds(10_000_000))
        #expect(server.text == "hello")
    }

    @Test("a shorter latency does not let later bytes overtake")
    func order() throws {
        defer { simulation.shutdown() }
        let (pipe, _, server) = try makePipe()
        _ = send("slow ", on: pipe.client)
        pipe.latency = .milliseconds(1)
        _ = send("fast", on: pipe.client)
        run(for: 5)
        #expect(server.text.isEmpty)
        run(for: 5)
        #expect(server.text == "slow fast")
    }

    @Test("a silent cut lets writes succeed and nothing arrive, in flight or later")
    func cut() throws {
        defer { simulation.shutdown() }
        let (pipe, client, server) = try makePipe()
        _ = send("in flight", on: pipe.client)
        run(for: 5)
        pipe.cut()
        let outcome = send("later", on: pipe.client)
        pipe.server.close(promise: nil)
        run(for: 60_000)
        #expect(outcome.succeeded == true)
        #expect(server.text.isEmpty)
        #expect(pipe.client.isActive && !client.events.contains("inactive"))
    }

    @Test("a cut of one direction leaves the other working")
    func oneWayCut() throws {
        defer { simulation.shutdown() }
        let (pipe, client, server) = try makePipe()
        pipe.cut(from: .client)
        _ = send("lost", on: pipe.client)
        _ = send("arrives", on: pipe.server)
        run(for: 20)
        #expect(server.text.isEmpty)
        #expect(client.text == "arrives")
    }

    @Test("a reset is an error and then the end, on both sides")
    func reset() throws {
        defer { simulation.shutdown() }
        let (pipe, client, server) = try makePipe()
        pipe.reset()
        run(for: 1)
        for recorder in [client, server] { #expect(recorder.events == ["active", "error", "inactive", "removed"]) }
    }

    @Test("held bytes arrive in order when released")
    func holdAndRelease() throws {
        defer { simulation.shutdown() }
        let (pipe, _, server) = try makePipe()
        _ = send("one ", on: pipe.client)
        run(for: 5)
        pipe.hold(from: .client)
        _ = send("two", on: pipe.client)
        run(for: 1000)
        #expect(server.text.isEmpty)
        pipe.release(from: .client)
        run(for: 0)
        #expect(server.text == "one two")
    }

    @Test("a close reaches the peer after the bytes before it")
    func gracefulClose() throws {
        defer { simulation.shutdown() }
        let (pipe, client, server) = try makePipe()
        _ = send("last words", on: pipe.client)
        pipe.client.close(promise: nil)
        run(for: 20)
        #expect(server.text == "last words")
        #expect(server.events == ["active", "inactive", "removed"])
        #expect(client.events == ["active", "inactive", "removed"])
    }

    @Test("the close future completes in a later tick than channelInactive, when handlers are gone")
    func closeOrder() throws {
        defer { simulation.shutdown() }
        let (pipe, client, _) = try makePipe()
        pipe.client.closeFuture.whenComplete { _ in client.events.append("closed") }
        pipe.client.close(promise: nil)
        #expect(client.events == ["active", "inactive"])
        run(for: 0)
        #expect(client.events == ["active", "inactive", "removed", "closed"])
    }

    @Test("writes after a close fail, and so does a second close")
    func afterClose() throws {
        defer { simulation.shutdown() }
        let (pipe, _, _) = try makePipe()
        pipe.client.close(promise: nil)
        #expect(send("late", on: pipe.client).succeeded == false)
        let second = Outcome()
        pipe.client.close().whenComplete { second.set($0) }
        #expect(second.succeeded == false)
    }

    @Test("without autoRead bytes wait for a read")
    func manualReading() throws {
        defer { simulation.shutdown() }
        let (pipe, _, server) = try makePipe()
        try pipe.server.syncOptions?.setOption(.autoRead, value: false)
        _ = send("first ", on: pipe.client)
        run(for: 10)
        _ = send("second ", on: pipe.client)
        run(for: 10)
        #expect(server.text == "first ")
        #expect(pipe.server.unreadBytes == 7)
        pipe.server.read()
        run(for: 0)
        #expect(server.text == "first second ")
    }

    @Test("a reader that stops makes the writer unwritable, and writable again when it reads on")
    func backpressure() throws {
        defer { simulation.shutdown() }
        let (pipe, client, server) = try makePipe()
        pipe.sendBufferBytes = 1000
        try pipe.server.syncOptions?.setOption(.autoRead, value: false)
        _ = send("x", on: pipe.client)
        run(for: 10)
        let outcome = send(String(repeating: "y", count: 100_000), on: pipe.client)
        run(for: 100)
        #expect(!pipe.client.isWritable && outcome.succeeded == nil)
        #expect(pipe.server.unreadBytes <= 1000)
        try pipe.server.syncOptions?.setOption(.autoRead, value: true)
        run(for: 10_000)
        #expect(pipe.client.isWritable && outcome.succeeded == true)
        #expect(server.text.utf8.count == 100_001)
        #expect(client.events == ["active", "writable false", "writable true"])
    }

    @Test("bytes for a suspended host arrive when it wakes")
    func suspended() throws {
        defer { simulation.shutdown() }
        let (pipe, _, server) = try makePipe()
        _ = send("hello", on: pipe.client)
        pipe.server.loop.suspend()
        run(for: 500)
        #expect(server.text.isEmpty)
        pipe.server.loop.resume(clock: .stopsDuringSleep)
        run(for: 0)
        #expect(server.text == "hello")
    }

    @Test("a shutdown closes open channels and frees them")
    func shutdown() throws {
        weak var channel: SimulatedChannel?
        let recorder: Recorder
        do {
            let made = try makePipe()
            channel = made.pipe.client
            recorder = made.client
        }
        simulation.shutdown()
        #expect(recorder.events.suffix(2) == ["inactive", "removed"])
        #expect(channel == nil)
    }
}

/// Records what the pipeline sees.
///
/// `@unchecked Sendable`: confined to the simulation's thread.
private final class Recorder: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    var text = ""
    var events: [String] = []

    func channelActive(context: ChannelHandlerContext) { self.events.append("active") }
    func channelInactive(context: ChannelHandlerContext) { self.events.append("inactive") }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.text += String(buffer: self.unwrapInboundIn(data)) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.events.append("error") }
    func handlerRemoved(context: ChannelHandlerContext) { self.events.append("removed") }
    func channelWritabilityChanged(context: ChannelHandlerContext) { self.events.append("writable \(context.channel.isWritable)") }
}

/// How a future ended.
///
/// `@unchecked Sendable`: confined to the simulation's thread.
private final class Outcome: @unchecked Sendable {
    private(set) var succeeded: Bool?
    func set<Value>(_ result: Result<Value, any Error>) {
        switch result {
        case .success: self.succeeded = true
        case .failure: self.succeeded = false
        }
    }
}
