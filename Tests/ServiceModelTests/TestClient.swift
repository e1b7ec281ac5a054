import CompactJSON
import NIOCore
import SimulationKernel

@testable import ServiceModel

/// A WebSocket client of a few lines on one end of a pipe, which can also do what no client should. It answers pings and close frames unless told not to.
final class TestClient {
    let pipe: SimulatedPipe
    private(set) var status: Int?
    private(set) var texts: [String] = []
    private(set) var binaries = 0
    private(set) var pings: [NIODeadline] = []
    private(set) var pongs: [[UInt8]] = []
    private(set) var close: (code: UInt16?, reason: String, at: NIODeadline)?
    private(set) var disconnectedAt: NIODeadline?
    private(set) var wasReset = false
    private(set) var otherOpcodes: [UInt8] = []
    var answersPings = true
    var answersClose = true
    private let world: World
    private var inbound: [UInt8] = []
    private var requests = 0

    init(_ world: World, latency: TimeAmount = .zero) {
        self.world = world
        pipe = SimulatedPipe(client: world.clientLoop, server: world.serverLoop, latency: latency)
        let pipe = pipe
        world.simulation.enter {
            _ = world.service.accept(pipe.server)
            try? pipe.client.pipeline.syncOperations.addHandler(Collector(self))
        }
    }

    /// The parsed text frames of a type.
    func frames(_ type: String) -> [JSONValue] { allFrames.filter { $0["type"]?.stringValue == type } }

    var allFrames: [JSONValue] { texts.compactMap { try? JSONValue(parsing: $0) } }

    /// Peers that a channel's presence frames tell of, as `+alice`, `-bob`, in order.
    func presence(_ channel: String = "room") -> [String] {
        frames("presence").filter { $0["channel"]?.stringValue == channel }.flatMap { frame in
            (frame["joined"]?.arrayValue ?? []).compactMap { $0["peerId"]?.stringValue }.map { "+" + $0 }
                + (frame["left"]?.arrayValue ?? []).compactMap { $0["peerId"]?.stringValue }.map { "-" + $0 }
        }
    }

    var errors: [String] { frames("error").compactMap { $0["code"]?.stringValue } }
    var acks: [String] { frames("ack").compactMap { $0["requestId"]?.stringValue } }
    var isConnected: Bool { disconnectedAt == nil }

    func forgetFrames() { texts = [] }

    // MARK: Sending

    func upgrade(_ target: String, headers: [(String, String)] = []) {
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: rms.metered.ca", "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + headers.map { "\($0.0): \($0.1)" }
        sendRaw(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    @discardableResult func request(_ members: JSONObject) -> String {
        requests += 1
        var frame = members
        frame["requestId"] = .string("r\(requests)")
        send(String(decoding: (try? JSONValue.object(frame).encoded()) ?? [], as: UTF8.self))
        return "r\(requests)"
    }

    func subscribe(_ channel: String = "room", includeSenderMetadata: Bool = false) {
        request(["type": "subscribe", "channel": .string(channel), "includeSenderMetadata": .bool(includeSenderMetadata)])
    }

    func publish(_ data: JSONValue, to channel: String = "room") {
        request(["type": "publish", "channel": .string(channel), "data": data])
    }

    func send(_ text: String) { sendFrame(0x1, Array(text.utf8)) }

    func sendFrame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, masked: Bool = true, reservedBits: UInt8 = 0) {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reservedBits << 4 | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ...125: bytes.append(mask | UInt8(payload.count))
        case ...65_535: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [mask | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 255) }
        }
        let key: [UInt8] = [1, 2, 3, 4]
        if masked { bytes += key }
        bytes += masked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : payload
        sendRaw(bytes)
    }

    func sendClose(_ code: UInt16, _ reason: String = "") { sendFrame(0x8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8)) }

    func sendRaw(_ bytes: [UInt8]) {
        let channel = pipe.client
        world.simulation.enter { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    }

    func disconnect() {
        let channel = pipe.client
        world.simulation.enter { channel.close(promise: nil) }
    }

    // MARK: Receiving

    private func received(_ bytes: [UInt8]) {
        inbound += bytes
        if status == nil { readResponse() }
        if status == 101 { while readFrame() {} }
    }

    private func readResponse() {
        let end = Array("\r\n\r\n".utf8)
        guard let start = (0..<max(0, inbound.count - 3)).first(where: { Array(inbound[$0..<$0 + 4]) == end }) else { return }
        let line = String(decoding: inbound[..<start], as: UTF8.self).split(separator: " ")
        status = line.count > 1 ? Int(line[1]) : nil
        inbound.removeFirst(start + 4)
    }

    private func readFrame() -> Bool {
        guard inbound.count >= 2 else { return false }
        var length = Int(inbound[1] & 0x7F)
        var header = 2
        if length == 126 {
            guard inbound.count >= 4 else { return false }
            length = Int(inbound[2]) << 8 | Int(inbound[3])
            header = 4
        } else if length == 127 {
            guard inbound.count >= 10 else { return false }
            length = inbound[2..<10].reduce(0) { $0 << 8 | Int($1) }
            header = 10
        }
        guard inbound.count >= header + length else { return false }
        let opcode = inbound[0] & 0x0F
        let payload = Array(inbound[header..<header + length])
        inbound.removeFirst(header + length)
        handle(opcode, payload)
        return true
    }

    private func handle(_ opcode: UInt8, _ payload: [UInt8]) {
        switch opcode {
        case 0x1: texts.append(String(decoding: payload, as: UTF8.self))
        case 0x2: binaries += 1
        case 0x8:
            let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
            close = (code, String(decoding: payload.dropFirst(2), as: UTF8.self), world.simulation.now)
            if answersClose { sendFrame(0x8, payload) }
        case 0x9:
            pings.append(world.simulation.now)
            if answersPings { sendFrame(0xA, payload) }
        case 0xA: pongs.append(payload)
        default: otherOpcodes.append(opcode)
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private weak var client: TestClient?

        init(_ client: TestClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            client?.received(Array(Self.unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) { client?.disconnectedAt = client?.world.simulation.now }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { client?.wasReset = true }
    }
}
