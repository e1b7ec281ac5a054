import MeteredRealtime
import NIOCore
import Testing

@testable import WebRTCModel

@Suite("Data channels") struct DataChannelTests {
    private func connected(
        _ configuration: DataChannelConfiguration = .init(), profile: WebRTCProfile = .libwebrtc
    ) throws -> (pair: ConnectionPair, channel: any DataChannelTransport) {
        let pair = ConnectionPair(profile: profile)
        let channel = try pair.a.connection.createDataChannel(label: "chat", configuration: configuration)
        try pair.connect()
        return (pair, channel)
    }

    @Test("label, subprotocol and reliability reach the other end")
    func configuration() throws {
        let configuration = DataChannelConfiguration(isOrdered: false, maximumRetransmits: 3, negotiatedProtocol: "p")
        let (pair, _) = try connected(configuration)
        #expect(pair.b.channels[0].label == "chat")
        #expect(pair.b.channels[0].configuration == configuration)
        #expect(pair.b.channels[0].state == .open)
    }

    @Test("texts, bytes and empty messages arrive as they were, both ways")
    func messages() throws {
        let (pair, channel) = try connected()
        var received: [DataChannelMessage] = []
        let messages: [DataChannelMessage] = [
            .text("é"), .binary(ByteBuffer(bytes: [0, 255])), .text(""), .binary(ByteBuffer()),
            .text(String(repeating: "x", count: 100_000)),
        ]
        pair.b.channels[0].onEvent = { if case .message(let message) = $0 { received.append(message) } }
        for message in messages { try channel.send(message) }
        pair.run(.seconds(2))
        #expect(received == messages)
        var back: [DataChannelMessage] = []
        channel.onEvent = { if case .message(let message) = $0 { back.append(message) } }
        try pair.b.channels[0].send(.text("back"))
        pair.run(.seconds(1))
        #expect(back == [.text("back")])
    }

    @Test("a channel that both sides have agreed upon is not announced, and carries messages both ways")
    func agreed() throws {
        let pair = ConnectionPair()
        let configuration = DataChannelConfiguration(negotiatedID: 1_023)
        let here = try pair.a.connection.createDataChannel(label: "x", configuration: configuration)
        let there = try pair.b.connection.createDataChannel(label: "y", configuration: configuration)
        try pair.connect()
        #expect(pair.a.channels.isEmpty && pair.b.channels.isEmpty)
        #expect(here.state == .open && there.state == .open)
        var received: [DataChannelMessage] = []
        for channel in [here, there] {
            channel.onEvent = { if case .message(let message) = $0 { received.append(message) } }
        }
        try here.send(.text("to"))
        pair.run(.seconds(1))
        try there.send(.text("back"))
        pair.run(.seconds(1))
        #expect(received == [.text("to"), .text("back")])
    }

    @Test("a channel that only one side knows announces nothing")
    func agreedByOne() throws {
        let pair = ConnectionPair()
        let channel = try pair.a.connection.createDataChannel(label: "", configuration: DataChannelConfiguration(negotiatedID: 1_023))
        try pair.connect()
        #expect(channel.state == .open)
        #expect(pair.b.channels.isEmpty)
    }

    @Test("a stream over 1,023, below 0 or in use is refused")
    func refusedStream() throws {
        let connection = ConnectionPair().a.connection
        _ = try connection.createDataChannel(label: "", configuration: DataChannelConfiguration(negotiatedID: 5))
        for id in [-1, 5, 1_024, 100_000] {
            #expect(throws: SimulatedPeerConnectionError.self) {
                try connection.createDataChannel(label: "", configuration: DataChannelConfiguration(negotiatedID: id))
            }
        }
    }

    @Test("channels of both ends have streams of their own")
    func parity() throws {
        let (pair, _) = try connected()
        _ = try pair.b.connection.createDataChannel(label: "back", configuration: .init())
        _ = try pair.a.connection.createDataChannel(label: "more", configuration: .init())
        pair.run(.seconds(1))
        #expect(pair.a.channels.map(\.label) == ["back"])
        #expect(pair.b.channels.map(\.label) == ["chat", "more"])
    }

    @Test("what does not fit the window is buffered, and bufferedAmountLow is raised once it has drained")
    func backpressure() throws {
        let (pair, channel) = try connected()
        var lows = 0
        channel.bufferedAmountLowThreshold = 100_000
        channel.onEvent = { if case .bufferedAmountLow = $0 { lows += 1 } }
        for _ in 0..<10 { try channel.send(.binary(ByteBuffer(repeating: 1, count: 50_000))) }
        #expect(channel.bufferedAmount > 480_000)
        pair.run(.seconds(3))
        #expect(lows == 1)
        #expect(channel.bufferedAmount == 0)
    }

    @Test("a channel refuses what is over 16 MiB of buffer, and a message that the peer does not take")
    func limits() throws {
        let (pair, channel) = try connected()
        pair.wire.loses = { _, _ in true }
        #expect(throws: SimulatedPeerConnectionError.invalidArgument("the message is too long")) {
            try channel.send(.binary(ByteBuffer(repeating: 1, count: 262_145)))
        }
        #expect(throws: SimulatedPeerConnectionError.bufferFull) {
            for _ in 0..<65 { try channel.send(.binary(ByteBuffer(repeating: 1, count: 262_144))) }
        }
        #expect(channel.bufferedAmount <= SimulatedDataChannel.longestBufferBytes)
    }

    @Test("a closed channel delivers what was buffered and then closes at both ends")
    func close() throws {
        let (pair, channel) = try connected()
        var log: [String] = []
        pair.b.channels[0].onEvent = {
            if case .message(let message) = $0 { log.append("\(message.bytes)") }
            if case .closed = $0 { log.append("closed") }
        }
        try channel.send(.binary(ByteBuffer(repeating: 1, count: 200_000)))
        channel.close()
        #expect(channel.state == .closing)
        #expect(throws: (any Error).self) { try channel.send(.text("late")) }
        pair.run(.seconds(3))
        #expect(log == ["200000", "closed"])
        #expect(channel.state == .closed && pair.b.channels[0].state == .closed)
    }

    @Test("the close of the connection fails the peer's channels at once")
    func connectionClosed() throws {
        let (pair, channel) = try connected()
        var log: [String] = []
        pair.b.channels[0].onEvent = {
            if case .error(let error) = $0 { log.append("\(error)") }
            if case .closed = $0 { log.append("closed") }
        }
        pair.a.connection.close()
        pair.run(.milliseconds(50))
        #expect(log == ["transportClosed(\"Close called\")", "closed"])
        #expect(channel.state == .closed)
    }

    @Test("random establishment messages never crash", arguments: 0..<40)
    func hostileEstablishment(length: Int) {
        for first in [UInt8(2), 3, 4] {
            #expect(
                DataChannelEstablishment(ByteBuffer(bytes: [first] + [UInt8](repeating: 0xFF, count: length)))
                    != .open(label: "x", configuration: .init()))
        }
    }
}
