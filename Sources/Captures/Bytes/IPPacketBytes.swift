import NIOCore
import NetworkModel

/// Writes the model's packets as the bytes that a wire would carry: RFC 791, RFC 8200, RFC 768, RFC 9293, RFC 792, RFC 4443, with their checksums.
enum IPPacketBytes {
    /// IP's numbers of the protocols above it.
    private enum ProtocolNumber {
        static let icmp: UInt8 = 1
        static let tcp: UInt8 = 6
        static let udp: UInt8 = 17
        static let icmpV6: UInt8 = 58
    }

    /// - Parameters:
    ///   - packet: The packet.
    ///   - windowScale: The shift that the sender of a TCP segment announced (RFC 7323 section 2.3).
    ///   - identification: IPv4's identification field; it counts a host's packets.
    static func bytes(of packet: IPPacket, windowScale: UInt8 = 0, identification: UInt16 = 0) -> [UInt8] {
        var payload: [UInt8]
        let number: UInt8
        let checksumOffset: Int
        switch packet.payload {
        case .udp(let datagram):
            (payload, number, checksumOffset) = (bytes(of: datagram), ProtocolNumber.udp, 6)
        case .tcp(let segment):
            (payload, number, checksumOffset) = (TCPSegmentBytes.bytes(of: segment, windowScale: windowScale), ProtocolNumber.tcp, 16)
        case .icmp(let message):
            number = packet.source.family == .v4 ? ProtocolNumber.icmp : ProtocolNumber.icmpV6
            (payload, checksumOffset) = (ICMPBytes.bytes(of: message, family: packet.source.family), 2)
        }
        var checksum = InternetChecksum()
        if number != ProtocolNumber.icmp { addPseudoHeader(of: packet, number: number, length: payload.count, to: &checksum) }
        checksum.add(payload)
        // UDP writes a sum of zero as all ones: zero means "none" (RFC 768).
        let value = checksum.value == 0 && number == ProtocolNumber.udp ? 0xFFFF : checksum.value
        payload.overwrite(at: checksumOffset, bigEndian: value)
        return header(of: packet, number: number, payloadBytes: payload.count, identification: identification) + payload
    }

    static func header(of packet: IPPacket, number: UInt8, payloadBytes: Int, identification: UInt16) -> [UInt8] {
        var header: [UInt8] = []
        switch packet.source.family {
        case .v4:
            header.append(contentsOf: [0x45, 0])
            header.append(bigEndian: UInt16(clamping: 20 + payloadBytes))
            header.append(bigEndian: identification)
            header.append(bigEndian: UInt16(packet.dontFragment ? 0x4000 : 0))
            header.append(contentsOf: [packet.hopLimit, number, 0, 0])
            header.append(packet.source)
            header.append(packet.destination)
            var checksum = InternetChecksum()
            checksum.add(header)
            header.overwrite(at: 10, bigEndian: checksum.value)
        case .v6:
            header.append(bigEndian: UInt32(0x6000_0000))
            header.append(bigEndian: UInt16(clamping: payloadBytes))
            header.append(contentsOf: [number, packet.hopLimit])
            header.append(packet.source)
            header.append(packet.destination)
        }
        return header
    }

    private static func addPseudoHeader(of packet: IPPacket, number: UInt8, length: Int, to checksum: inout InternetChecksum) {
        var addresses: [UInt8] = []
        addresses.append(packet.source)
        addresses.append(packet.destination)
        checksum.add(addresses)
        checksum.add(UInt16(number))
        checksum.add(UInt16(truncatingIfNeeded: length >> 16))
        checksum.add(UInt16(truncatingIfNeeded: length))
    }

    private static func bytes(of datagram: UDPDatagram) -> [UInt8] {
        let payload = datagram.tunnelled.map(tunnelBytes) ?? Array(datagram.payload.readableBytesView)
        var bytes: [UInt8] = []
        bytes.append(bigEndian: datagram.sourcePort)
        bytes.append(bigEndian: datagram.destinationPort)
        bytes.append(bigEndian: UInt16(clamping: UDPDatagram.headerBytes + payload.count))
        bytes.append(contentsOf: [0, 0])
        return bytes + payload
    }

    /// A tunnel's datagram looks like WireGuard's data message; what is inside is encrypted there, and zeros here.
    private static func tunnelBytes(_ tunnelled: TunnelledPacket) -> [UInt8] {
        let size = TunnelledPacket.framingBytes + tunnelled.packet.wireBytes
        return [4, 0, 0, 0] + [UInt8](repeating: 0, count: size - 4)
    }
}

extension [UInt8] {
    mutating func append(_ address: IPAddress) {
        switch address {
        case .v4(let bits): append(bigEndian: bits)
        case .v6(let high, let low):
            append(bigEndian: high)
            append(bigEndian: low)
        }
    }
}
