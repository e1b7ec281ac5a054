import NetworkModel

/// An ICMP or ICMPv6 error as bytes (RFC 792, RFC 4443); the checksum field is zero.
enum ICMPBytes {
    static func bytes(of message: ICMPMessage, family: IPFamily) -> [UInt8] {
        var bytes: [UInt8] = []
        let (type, code) = typeAndCode(of: message.kind, family: family)
        bytes.append(contentsOf: [type, code, 0, 0])
        switch (message.kind, family) {
        case (.packetTooBig(let size), .v4):
            bytes.append(bigEndian: UInt16(0))
            bytes.append(bigEndian: UInt16(clamping: size))
        case (.packetTooBig(let size), .v6):
            bytes.append(bigEndian: UInt32(clamping: size))
        case (.destinationUnreachable, _), (.hopLimitExceeded, _):
            bytes.append(bigEndian: UInt32(0))
        }
        return bytes + quotation(message.quoted)
    }

    private static func typeAndCode(of kind: ICMPMessage.Kind, family: IPFamily) -> (UInt8, UInt8) {
        switch (kind, family) {
        case (.destinationUnreachable(.network), .v4): (3, 0)
        case (.destinationUnreachable(.host), .v4): (3, 1)
        case (.destinationUnreachable(.port), .v4): (3, 3)
        case (.destinationUnreachable(.administrativelyProhibited), .v4): (3, 13)
        case (.packetTooBig, .v4): (3, 4)
        case (.hopLimitExceeded, .v4): (11, 0)
        case (.destinationUnreachable(.network), .v6): (1, 0)
        case (.destinationUnreachable(.administrativelyProhibited), .v6): (1, 1)
        case (.destinationUnreachable(.host), .v6): (1, 3)
        case (.destinationUnreachable(.port), .v6): (1, 4)
        case (.packetTooBig, .v6): (2, 0)
        case (.hopLimitExceeded, .v6): (3, 0)
        }
    }

    /// The IP header and the first eight bytes after it. The model keeps the addresses, the ports and TCP's sequence number of them.
    private static func quotation(_ quoted: ICMPMessage.QuotedPacket) -> [UInt8] {
        let number: UInt8
        switch quoted.transportProtocol {
        case .tcp: number = 6
        case .udp: number = 17
        case .icmp: number = quoted.source.address.family == .v4 ? 1 : 58
        }
        let packet = IPPacket(
            source: quoted.source.address, destination: quoted.destination.address,
            payload: .udp(UDPDatagram(sourcePort: 0, destinationPort: 0, payload: .init())))
        var bytes = IPPacketBytes.header(of: packet, number: number, payloadBytes: 8, identification: 0)
        bytes.append(bigEndian: quoted.source.port)
        bytes.append(bigEndian: quoted.destination.port)
        bytes.append(bigEndian: quoted.transportProtocol == .udp ? UInt32(8) << 16 : quoted.sequenceNumber ?? 0)
        return bytes
    }
}
