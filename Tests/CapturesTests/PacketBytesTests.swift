import NIOCore
import NetworkModel
import Testing

@testable import Captures

@Suite("Packets as bytes")
struct PacketBytesTests {
    private static let source = IPAddress.v4(0x0A01_0002)
    private static let destination = IPAddress.v4(0xCB00_7101)

    private func sum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(bytes)
        return checksum.value
    }

    @Test("the checksum is that of the example in RFC 1071")
    func example() {
        #expect(sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]) == ~0xDDF2)
    }

    @Test("an IPv4 header sums to zero with its checksum")
    func headerChecksum() {
        let packet = IPPacket(
            source: Self.source, destination: Self.destination,
            payload: .udp(UDPDatagram(sourcePort: 5_000, destinationPort: 53, payload: ByteBuffer(string: "odd"))))
        #expect(sum(IPPacketBytes.bytes(of: packet).prefix(20)) == 0)
    }

    @Test("a datagram sums to zero with its pseudo-header", arguments: [IPFamily.v4, .v6])
    func datagramChecksum(family: IPFamily) {
        let (source, destination) =
            family == .v4
            ? (Self.source, Self.destination)
            : (IPAddress.v6(high: 0x2001_0DB8_0000_0001, low: 2), .v6(high: 0x2001_0DB8_0000_0002, low: 7))
        let packet = IPPacket(
            source: source, destination: destination,
            payload: .udp(UDPDatagram(sourcePort: 5_000, destinationPort: 53, payload: ByteBuffer(string: "four"))))
        let bytes = IPPacketBytes.bytes(of: packet)
        let datagram = bytes.suffix(12)
        var pseudo: [UInt8] = []
        pseudo.append(source)
        pseudo.append(destination)
        #expect(bytes.count == packet.wireBytes)
        #expect(sum(pseudo + [0, 17, 0, 12] + datagram) == 0)
    }

    @Test("a segment has the header length of its options")
    func segmentHeader() {
        let segment = TCPSegment(
            sourcePort: 1, destinationPort: 2, sequenceNumber: 3, flags: [.syn], maximumSegmentSize: 1_460, windowScale: 7,
            isSACKPermitted: true, timestamps: .init(value: 1, echoReply: 0))
        let bytes = TCPSegmentBytes.bytes(of: segment, windowScale: 7)
        #expect(bytes.count == segment.headerBytes)
        #expect(Int(bytes[12] >> 4) * 4 == bytes.count)
    }

    @Test("a window is written with the shift that its sender announced, a SYN's without")
    func window() {
        var segment = TCPSegment(sourcePort: 1, destinationPort: 2, sequenceNumber: 3, flags: [.ack], window: 131_072)
        #expect(TCPSegmentBytes.bytes(of: segment, windowScale: 10)[14...15].elementsEqual([0, 128]))
        segment.flags = [.syn]
        segment.window = 65_535
        #expect(TCPSegmentBytes.bytes(of: segment, windowScale: 10)[14...15].elementsEqual([0xFF, 0xFF]))
    }

    @Test("an ICMP error has the size that the model says, and sums to zero", arguments: ICMPMessage.Unreachable.allCases)
    func icmp(reason: ICMPMessage.Unreachable) {
        let lost = IPPacket(
            source: Self.source, destination: Self.destination,
            payload: .udp(UDPDatagram(sourcePort: 5_000, destinationPort: 3_478, payload: ByteBuffer(string: "check"))))
        let packet = IPPacket(
            source: Self.destination, destination: Self.source, payload: .icmp(ICMPMessage(.destinationUnreachable(reason), quoting: lost)))
        let bytes = IPPacketBytes.bytes(of: packet)
        #expect(bytes.count == packet.wireBytes)
        #expect(sum(bytes.dropFirst(20)) == 0)
    }
}
