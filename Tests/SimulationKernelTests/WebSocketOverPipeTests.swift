import KernelBenchmarks
import NIOCore
import SimulationKernel
import Testing

@Suite("The stock HTTP upgrade and WebSocket pipelines over a pipe")
struct WebSocketOverPipeTests {
    let simulation = Simulation(seed: 1)

    private func connect(latency: TimeAmount = .milliseconds(10)) throws -> WebSocketPair {
        try WebSocketPair(
            client: simulation.makeEventLoop(name: "client"), server: simulation.makeEventLoop(name: "server"), latency: latency)
    }

    private func run(for milliseconds: Int64) { simulation.run(until: simulation.now + .milliseconds(milliseconds)) }

    @Test("the upgrade takes exactly one round trip")
    func upgrade() throws {
        defer { simulation.shutdown() }
        let pair = try connect()
        simulation.run(until: .uptimeNanoseconds(19_999_999))
        #expect(pair.server.isOpen && !pair.client.isOpen)
        simulation.run(until: .uptimeNanoseconds(20_000_000))
        #expect(pair.client.isOpen)
    }

    @Test("text frames arrive both ways, whole and in order")
    func textFrames() throws {
        defer { simulation.shutdown() }
        let pair = try connect()
        run(for: 20)
        for index in 0..<10 {
            pair.client.send(text: "c\(index)")
            pair.server.send(text: "s\(index)")
        }
        run(for: 10)
        #expect(pair.server.received.map(\.payload) == (0..<10).map { "c\($0)" })
        #expect(pair.client.received.map(\.payload) == (0..<10).map { "s\($0)" })
    }

    @Test("a fragmented message arrives as its fragments")
    func fragments() throws {
        defer { simulation.shutdown() }
        let pair = try connect()
        run(for: 20)
        pair.client.send(text: "one ", isFinal: false)
        pair.client.send(text: "two ", .continuation, isFinal: false)
        pair.client.send(text: "three", .continuation)
        run(for: 10)
        #expect(pair.server.received.map(\.payload).joined() == "one two three")
        #expect(pair.server.received.map(\.isFinal) == [false, false, true])
    }

    @Test("the closing handshake closes both channels")
    func closingHandshake() throws {
        defer { simulation.shutdown() }
        let pair = try connect()
        run(for: 20)
        pair.client.close(code: 1000)
        run(for: 30)
        #expect(pair.server.received.map(\.opcode) == [.connectionClose])
        #expect(pair.client.isClosed && pair.server.isClosed)
        #expect(!pair.pipe.client.isActive && !pair.pipe.server.isActive)
    }

    @Test("the client's masks come from the simulation's seed")
    func masks() throws {
        defer { simulation.shutdown() }
        func firstBytes(seed: UInt64) throws -> [UInt8] {
            let simulation = Simulation(seed: seed)
            defer { simulation.shutdown() }
            let pair = try WebSocketPair(client: simulation.mainLoop, server: simulation.mainLoop)
            simulation.run(until: .uptimeNanoseconds(0))
            let tap = Tap()
            try pair.pipe.server.pipeline.syncOperations.addHandler(tap, position: .first)
            pair.client.send(text: "hello")
            simulation.run(until: .uptimeNanoseconds(0))
            return tap.bytes
        }
        let bytes = try firstBytes(seed: 1)
        #expect(bytes.count == 11)
        #expect(try firstBytes(seed: 1) == bytes)
        #expect(try firstBytes(seed: 2) != bytes)
    }
}

private final class Tap: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    nonisolated(unsafe) var bytes: [UInt8] = []  // confined to the simulation's thread

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.bytes += Array(buffer: self.unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}
