import NIOCore
import NIOHTTP1
import SimulationKernel
import Testing

@testable import MeteredRealtime

@Suite("The upgrade request")
struct UpgradeHandlerTests {
    /// Collects what arrives.
    private final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private(set) var text = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: Self.unwrapInboundIn(data)) }
    }

    @Test("it is sent once, whether the channel becomes active before the handler comes, after it, or both")
    func sentOnce() throws {
        for (activeBefore, announcedAgain) in [(true, false), (true, true), (false, false)] {
            let simulation = Simulation(seed: 1)
            defer { simulation.shutdown() }
            let pipe = SimulatedPipe(client: simulation.mainLoop, server: simulation.mainLoop)
            let sink = Sink()
            try pipe.server.pipeline.syncOperations.addHandler(sink)
            if activeBefore { simulation.run(until: .milliseconds(1)) }
            try pipe.client.pipeline.syncOperations.addHandlers([
                HTTPRequestEncoder(), UpgradeHandler(request: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1")) { _, _ in },
            ])
            if announcedAgain { pipe.client.pipeline.fireChannelActive() }
            simulation.run(until: .milliseconds(2))
            #expect(sink.text == "GET /v1 HTTP/1.1\r\n\r\n")
        }
    }
}
