import NIOCore
import NetworkModel
import Testing

@testable import Captures

@Suite("Streams without TLS")
struct StreamTests {
    private static let client = TransportAddress(.v4(0x0A01_0002), 50_000)
    private static let server = TransportAddress(.v4(0xCB00_7101), 443)

    private func record(_ type: UInt8, _ body: [UInt8], padding: Int = 0) -> [UInt8] {
        let count = body.count + padding
        return [type, 3, 3, UInt8(count >> 8), UInt8(count & 0xFF)] + body + [UInt8](repeating: 0, count: padding)
    }

    private func segment(_ sequenceNumber: UInt32, _ payload: [UInt8], flags: TCPSegment.Flags = [.ack], acknowledging: UInt32 = 0)
        -> TCPSegment
    {
        TCPSegment(
            sourcePort: Self.client.port, destinationPort: Self.server.port, sequenceNumber: sequenceNumber,
            acknowledgementNumber: acknowledging, flags: flags, payload: ByteBuffer(bytes: payload))
    }

    @Test("records of application data become their bytes, all others nothing")
    func clear() {
        let wire = record(22, [1, 0, 0]) + record(23, Array("hello".utf8), padding: 17) + record(21, [1, 0], padding: 17)
        let clear = Cleartext(records: wire, protectionBytes: 17)
        #expect(clear.bytes == Array("hello".utf8))
        #expect(clear.offset(of: 0) == 0)
        #expect(clear.offset(of: 8 + 5 + 3) == 3)
        #expect(clear.offset(of: wire.count) == 5)
    }

    @Test("a record that was cut short keeps the bytes that came")
    func cut() {
        let wire = record(23, Array("hello".utf8), padding: 17).prefix(8)
        #expect(Cleartext(records: Array(wire), protectionBytes: 17).bytes == Array("hel".utf8))
    }

    @Test("a client's key exchange tells version 1.2")
    func version() {
        #expect(Cleartext.protectionBytes(fromClient: record(22, [1]) + record(22, [16])) == 24)
        #expect(Cleartext.protectionBytes(fromClient: record(22, [1]) + record(22, [20])) == 17)
    }

    @Test("segments out of order and twice make one stream")
    func reassembly() {
        var stream = TCPStream()
        stream.take(segment(99, [], flags: [.syn]))
        stream.take(segment(103, [4, 5]))
        stream.take(segment(100, [1, 2]))
        stream.take(segment(103, [4, 5]))
        #expect(stream.bytes == [1, 2])
        stream.take(segment(101, [2, 3, 4]))
        #expect(stream.bytes == [1, 2, 3, 4, 5])
    }

    @Test("sequence numbers go over the end of their space")
    func wraps() {
        var stream = TCPStream()
        stream.take(segment(UInt32.max - 1, [], flags: [.syn]))
        stream.take(segment(UInt32.max, [1]))
        stream.take(segment(0, [2]))
        #expect(stream.bytes == [1, 2])
    }

    /// A flow of a handshake and "hello" in two segments, then FIN.
    private func flow() -> TCPFlow {
        let syn = segment(1_000, [], flags: [.syn])
        var flow = TCPFlow(firstPacket: IPPacket(source: Self.client.address, destination: Self.server.address, payload: .tcp(syn)))
        flow.take(syn, from: Self.client)
        let hello = record(22, [1, 0, 0])
        let data = record(23, Array("hello".utf8), padding: 17)
        flow.take(segment(1_001, hello + data.prefix(7)), from: Self.client)
        flow.take(segment(1_001 + 15, Array(data.dropFirst(7))), from: Self.client)
        flow.uncover()
        return flow
    }

    @Test("a segment that begins in a record has the sequence number of its first clear byte")
    func mapping() {
        let (mapped, _) = flow().uncovered(segment(1_016, [UInt8](repeating: 0, count: 20)), from: Self.client)
        #expect(mapped.sequenceNumber == 1_001 + 2)
        #expect(mapped.payload == ByteBuffer(string: "llo"))
        #expect(mapped.destinationPort == 80)
    }

    @Test("an acknowledgement of FIN is one past the last clear byte")
    func finAcknowledged() {
        let wireBytes = UInt32(8 + 27)
        let answer = TCPSegment(
            sourcePort: 443, destinationPort: 50_000, sequenceNumber: 7, acknowledgementNumber: 1_001 + wireBytes + 1, flags: [.ack])
        #expect(flow().uncovered(answer, from: Self.server).segment.acknowledgementNumber == 1_001 + 5 + 1)
    }
}
