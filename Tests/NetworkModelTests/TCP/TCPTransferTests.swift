import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite struct TCPTransferTests {
    @Test("bytes cross in one one-way delay, both ways")
    func crosses() throws {
        let pair = try TCPPair.established()
        pair.client.send("ping")
        pair.server.send("pong")
        pair.run(for: .milliseconds(10))
        #expect(pair.server.text == "ping")
        #expect(pair.client.text == "pong")
    }

    @Test("a megabyte arrives whole, and in a time that shows slow start")
    func bulk() throws {
        let pair = try TCPPair.established()
        let sent = pair.sendBulk(bytes: 1_000_000)
        pair.run(for: .milliseconds(30))
        #expect(pair.server.bytes.count < 60_000)
        pair.run(for: .seconds(5))
        #expect(pair.server.bytes == sent)
    }

    @Test("a single lost segment in a stream is repaired without a timeout")
    func fastRetransmission() throws {
        let pair = try TCPPair.established()
        var count = 0
        pair.hosts.filter = { packet, fromLeft in
            guard fromLeft, case .tcp(let segment) = packet.payload, segment.payload.readableBytes > 0 else { return .pass }
            count += 1
            return count == 3 ? .drop : .pass
        }
        let sent = pair.sendBulk(bytes: 30_000)
        pair.run(for: .milliseconds(100))
        #expect(pair.server.bytes == sent)
        #expect(pair.hosts.left.events.contains(.retransmitted(timeout: nil)))
        #expect(!pair.hosts.left.events.contains { if case .retransmitted(.some) = $0 { true } else { false } })
    }

    @Test("a lost last segment is repaired by a loss probe on Linux")
    func tailLoss() throws {
        let pair = try TCPPair.established()
        pair.cut()
        pair.client.send("tail")
        pair.run(for: .milliseconds(100))
        pair.heal()
        pair.run(for: .milliseconds(160))
        #expect(pair.server.text == "tail")
        #expect(pair.hosts.left.events.last == .retransmitted(timeout: nil))
    }

    @Test("small messages in an exchange are acknowledged before a loss probe is due", arguments: [TCPProfile.linux, .darwin])
    func noProbeWithoutLoss(receiver: TCPProfile) throws {
        let pair = try TCPPair(isListening: false)
        pair.hosts.left.tcp.profile = receiver
        _ = try pair.hosts.right.tcp.listen(port: 443) { pair.server.adopt($0) }
        try pair.connect()
        pair.run(for: .milliseconds(100))
        for count in 1...3 {
            pair.server.send("hello")
            pair.run(for: .milliseconds(11))
            pair.client.send("question")
            pair.run(for: .milliseconds(11))
            for part in 0..<count {
                pair.server.send("part \(part) of the answer")
                pair.run(for: .milliseconds(1))
            }
            pair.run(for: .seconds(1))
        }
        #expect(!pair.hosts.right.events.contains(.retransmitted(timeout: nil)))
        #expect(!pair.hosts.left.events.contains(.retransmitted(timeout: nil)))
    }

    @Test("what was written during a blackout goes out together at the retransmission after it")
    func blackout() throws {
        let pair = try TCPPair.established()
        pair.cut()
        for index in 0..<40 { pair.at(.milliseconds(1_000 + 200 * Int64(index))) { pair.client.send("\(index),") } }
        pair.at(.seconds(6)) { pair.heal() }
        pair.hosts.run(until: .milliseconds(7_500))
        #expect(pair.server.text.isEmpty)
        pair.hosts.run(until: .milliseconds(8_500))
        #expect(pair.server.text.hasPrefix("0,1,2,3,4,5,"))
        pair.run(for: .seconds(5))
        #expect(pair.server.text == (0..<40).map { "\($0)," }.joined())
    }

    @Test("an unread stream stops at the receive window, and goes on when it is read")
    func flowControl() throws {
        let pair = try TCPPair.established()
        pair.server.socket.isReading = false
        let sent = pair.sendBulk(bytes: 500_000)
        pair.run(for: .seconds(30))
        #expect(pair.server.bytes.isEmpty)
        #expect(pair.client.socket.unacknowledgedBytes > TCPProfile.linux.sendBufferBytes / 3 * 2)
        #expect(pair.client.writableCount == 1)
        pair.server.socket.isReading = true
        pair.run(for: .seconds(10))
        #expect(pair.server.bytes == sent)
        #expect(pair.client.writableCount > 0)
    }

    @Test("a window update that is lost is found by a zero-window probe")
    func zeroWindowProbe() throws {
        let pair = try TCPPair.established()
        pair.server.socket.isReading = false
        let sent = pair.sendBulk(bytes: 100_000)
        pair.run(for: .seconds(1))
        pair.cut()
        pair.server.socket.isReading = true
        pair.run(for: .seconds(1))
        pair.heal()
        pair.run(for: .seconds(20))
        #expect(pair.server.bytes == sent)
    }

    @Test("a smaller path MTU makes smaller segments, and what was too big goes again at once")
    func pathMTU() throws {
        let pair = try TCPPair.established()
        pair.hosts.filter = { packet, fromLeft in
            fromLeft && packet.wireBytes > 1_280 ? .answer(.packetTooBig(maximumTransmissionUnit: 1_280)) : .pass
        }
        let sent = pair.sendBulk(bytes: 10_000)
        pair.run(for: .milliseconds(150))
        #expect(pair.server.bytes == sent)
    }

    @Test("an interface with a smaller MTU than the segments refuses them, and they become smaller")
    func localMTU() throws {
        let pair = try TCPPair.established()
        pair.hosts.filter = { packet, _ in packet.wireBytes > 1_280 ? .refuse(.messageTooLong(maximumTransmissionUnit: 1_280)) : .pass }
        let sent = pair.sendBulk(bytes: 10_000)
        pair.run(for: .milliseconds(150))
        #expect(pair.server.bytes == sent)
    }

    @Test("through random loss, duplication and reordering every byte arrives once and in order", arguments: 1...12)
    func anyPath(seed: UInt64) throws {
        let pair = try TCPPair(seed: seed, profile: seed % 2 == 0 ? .linux : .darwin)
        let random = pair.hosts.simulation.random("path")
        let hosts = pair.hosts
        pair.hosts.filter = { packet, fromLeft in
            if random.chance(0.1) {
                // Held back: overtaken by later packets, or a duplicate.
                hosts.simulation.schedule(in: random.uniform(.zero ... .milliseconds(60))) {
                    (fromLeft ? hosts.right : hosts.left).receive(packet)
                }
                return random.chance(0.5) ? .pass : .drop
            }
            return random.chance(0.1) ? .drop : .pass
        }
        pair.run(for: .seconds(10))
        let sent = pair.sendBulk(bytes: 60_000)
        pair.run(for: .seconds(600))
        #expect(pair.server.bytes.count == sent.count, "seed \(seed)")
        #expect(pair.server.bytes == sent, "seed \(seed)")
    }

    @Test("the same seed gives the same segments at the same times")
    func deterministic() throws {
        func log() throws -> [String] {
            let pair = try TCPPair(seed: 7)
            let random = pair.hosts.simulation.random("path")
            var lines: [String] = []
            pair.hosts.filter = { packet, _ in
                if case .tcp(let segment) = packet.payload {
                    lines.append("\(pair.now) \(segment.sequenceNumber) \(segment.acknowledgementNumber)")
                }
                return random.chance(0.2) ? .drop : .pass
            }
            pair.run(for: .seconds(5))
            _ = pair.sendBulk(bytes: 50_000)
            pair.run(for: .seconds(60))
            return lines
        }
        let first = try log()
        #expect(first.count > 50)
        #expect(try first == log())
    }
}

extension TCPPair {
    /// Writes bytes from the client, or from another end, as fast as its socket takes them, and returns them.
    func sendBulk(bytes count: Int, from sender: SocketRecorder? = nil) -> [UInt8] {
        let sender = sender ?? client
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let writer = BulkWriter(ByteBuffer(bytes: bytes), socket: sender.socket)
        sender.onWritable = { writer.proceed() }
        writer.proceed()
        return bytes
    }
}

private final class BulkWriter {
    private var rest: ByteBuffer
    private let socket: TCPSocket

    init(_ bytes: ByteBuffer, socket: TCPSocket) {
        rest = bytes
        self.socket = socket
    }

    func proceed() { if rest.readableBytes > 0 { socket.write(&rest) } }
}
