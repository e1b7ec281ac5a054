import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@testable import MeteredRealtime

@Suite("Data channels (ROS-11, APP-03)")
struct DataChannelTests {
    private final class Bench {
        let transport = FakeDataChannel()
        var results: [String] = []
        var states: [DataChannelState] = []
        private(set) var core: DataChannelCore!

        init(_ limits: DataChannelLimits = DataChannelLimits(), open: Bool = true) {
            core = DataChannelCore(transport, limits: limits, eventBufferLimit: 16) { [unowned self] in states.append($0) }
            core.start()
            if open { transport.open() }
        }

        func send(_ bytes: Int, _ name: String = "x") {
            core.send(.text(String(repeating: "a", count: bytes))) { [unowned self] result in
                switch result {
                case .success: results.append("\(name) sent")
                case .failure(let error): results.append("\(name) \(error)")
                }
            }
        }
    }

    private func limits(_ bytes: Int, queued: Int = 256, low: Int? = nil) -> DataChannelLimits {
        var limits = DataChannelLimits()
        limits.maximumBufferedBytes = bytes
        limits.maximumQueuedSends = queued
        limits.lowThresholdBytes = low
        return limits
    }

    @Test("the limits are 1 MiB, half of it, and 256 sends")
    func defaults() {
        let limits = DataChannelLimits()
        #expect(limits.maximumBufferedBytes == 1_048_576)
        #expect(limits.lowThreshold == 524_288)
        #expect(limits.maximumQueuedSends == 256)
        #expect(Bench().transport.bufferedAmountLowThreshold == 524_288)
    }

    @Test("a send on an open channel is taken at once")
    func sends() {
        let bench = Bench()
        bench.send(5)
        #expect(bench.results == ["x sent"])
        #expect(bench.transport.sent.count == 1)
    }

    @Test("a send on a channel that is not open yet fails")
    func notOpen() {
        let bench = Bench(open: false)
        bench.send(5)
        #expect(bench.results == ["x the data channel is connecting"])
    }

    @Test("sends wait while the buffer is full and go on in order when it has drained to the low threshold")
    func backpressure() {
        let bench = Bench(limits(100))
        bench.send(80, "a")
        bench.send(30, "b")
        bench.send(10, "c")
        #expect(bench.results == ["a sent"])
        bench.transport.drain(to: 60)
        #expect(bench.results == ["a sent"])
        bench.transport.drain(to: 50)
        #expect(bench.results == ["a sent", "b sent", "c sent"])
    }

    @Test("a message that needs more room than the low threshold leaves waits for it")
    func largeMessage() {
        let bench = Bench(limits(100))
        bench.send(40, "a")
        bench.send(100, "b")
        bench.transport.drain(to: 20)
        #expect(bench.results == ["a sent"])
        bench.transport.drain(to: 0)
        #expect(bench.results == ["a sent", "b sent"])
        #expect(bench.transport.bufferedAmountLowThreshold == 50)
    }

    @Test("a message over the cap is refused with its size")
    func tooLarge() {
        let bench = Bench(limits(100))
        bench.send(101)
        #expect(bench.results == ["x \(DataChannelError.messageTooLarge(sizeBytes: 101, capBytes: 100))"])
    }

    @Test("one send more than may wait overflows")
    func overflow() {
        let bench = Bench(limits(10, queued: 2))
        for name in ["a", "b", "c", "d"] { bench.send(10, name) }
        #expect(bench.results == ["a sent", "d \(DataChannelError.overflow(queued: 2, limit: 2))"])
    }

    @Test("when the connection goes, waiting sends fail, the channel is closed and later sends fail")
    func connectionLost() {
        let bench = Bench(limits(10))
        bench.send(10, "a")
        bench.send(10, "b")
        bench.core.connectionLost()
        bench.send(1, "c")
        #expect(bench.results == ["a sent", "b the data channel is closed", "c the data channel is closed"])
        #expect(bench.states == [.connecting, .open, .closed])
    }

    @Test("late events of the transport do not act")
    func late() {
        let bench = Bench()
        let listener = bench.transport.onEvent
        bench.core.connectionLost()
        listener?(.open)
        listener?(.message(.text("late")))
        #expect(bench.core.hub.state == .closed)
        #expect(bench.states == [.connecting, .open, .closed])
    }

    @Test("close() fails what waits, and closed is told once")
    func close() {
        let bench = Bench(limits(10))
        bench.send(10, "a")
        bench.send(10, "b")
        bench.core.close()
        bench.core.close()
        #expect(bench.results == ["a sent", "b the data channel is closing"])
        #expect(bench.states == [.connecting, .open, .closing, .closed])
    }

    @Test("an error of the library is passed on, scrubbed")
    func failure() {
        let bench = Bench()
        bench.transport.failure = FakeError()
        bench.send(1)
        #expect(bench.results.first?.contains("FakeError") == true)
        #expect(bench.results.first?.contains("secret") == false)
    }

    @Test(
        "the async face: the first stream has everything from the channel's beginning, all end with the channel, sends throw typed errors")
    func face() throws {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let transport = FakeDataChannel()
        let channel = simulation.enter {
            let core = DataChannelCore(transport, limits: DataChannelLimits(), eventBufferLimit: 16) { _ in }
            let channel = DataChannel(core, eventLoop: simulation.mainLoop)
            core.start()
            transport.open()
            transport.onEvent?(.message(.text("hello")))
            return channel
        }
        let texts = try simulation.run { () async throws -> [String] in
            try await channel.send(.text("ours"))
            let late = channel
            channel.close()
            var texts: [String] = []
            for await event in channel.events() {
                switch event {
                case .opened: texts.append("opened")
                case .message(.text(let text)): texts.append(text)
                case .message(.binary), .failed: break
                case .closed: texts.append("closed")
                }
            }
            for await _ in late.events() { texts.append("late") }
            do throws(DataChannelError) {
                try await channel.send(.text("dead"))
            } catch {
                texts.append("\(error)")
            }
            return texts
        }
        #expect(texts == ["opened", "hello", "closed", "the data channel is closed"])
        #expect(transport.sent == [.text("ours")])
    }
}
