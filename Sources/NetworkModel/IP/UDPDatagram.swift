import NIOCore

/// A UDP datagram (RFC 768).
public struct UDPDatagram: Sendable {
    /// The size of the UDP header in bytes.
    public static let headerBytes = 8

    /// The port of the sender.
    public var sourcePort: UInt16
    /// The port at the receiver.
    public var destinationPort: UInt16
    /// The application's bytes.
    public var payload: ByteBuffer
    /// A whole IP packet inside of a VPN's datagram; `payload` is empty then.
    public var tunnelled: TunnelledPacket?

    /// Makes a datagram that carries application bytes.
    public init(sourcePort: UInt16, destinationPort: UInt16, payload: ByteBuffer) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payload = payload
    }

    /// Makes a datagram that carries a packet through a tunnel.
    init(sourcePort: UInt16, destinationPort: UInt16, tunnelled: TunnelledPacket) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payload = ByteBuffer()
        self.tunnelled = tunnelled
    }

    /// Header and payload, or header and tunnelled packet with the tunnel's own framing.
    public var wireBytes: Int { Self.headerBytes + (tunnelled?.wireBytes ?? payload.readableBytes) }
}

/// A packet inside of a VPN tunnel. A reference, so that a packet value does not contain itself.
public final class TunnelledPacket: Sendable {
    /// WireGuard's data message: type and reserved 4, receiver 4, counter 8, authentication tag 16 bytes (WireGuard paper, section 5.4.6).
    public static let framingBytes = 32

    /// The packet inside.
    public let packet: IPPacket

    init(_ packet: IPPacket) {
        self.packet = packet
    }

    var wireBytes: Int { Self.framingBytes + packet.wireBytes }
}

extension TunnelledPacket {
    /// What `wg-quick` sets: 1500 less 80 bytes of IPv6, UDP and WireGuard headers.
    static let maximumTransmissionUnit = 1_420
}
