import NIOCore
public import NetworkModel

/// What one host of a simulation sent and received, as a packet capture.
///
/// TLS is taken off: such a flow is written as cleartext on port 80 (TURN over TLS on 3478), its sequence numbers as they would have been. Credentials
/// are replaced by placeholders of the same length, and what depends on them - STUN's integrity and fingerprint, every checksum - is made anew (SIG-17).
public struct HostCapture: Sendable {
    /// The host's name.
    public let host: String

    private let places: String
    private var packets: [CapturedPacket] = []

    /// - Parameter host: The host's name in the network.
    public init(host: String) {
        self.host = host
        places = host + "/"
    }

    /// Takes a packet, if this host sent or received it.
    public mutating func take(_ packet: CapturedPacket) {
        switch packet.fate {
        case .sent, .received: if packet.place.hasPrefix(places) { packets.append(packet) }
        case .dropped: break
        }
    }

    /// The packets as bytes, in the order in which they passed.
    /// - Parameter unixNanosecondsAtStart: What the wall clock said when the simulation began.
    public func rawPackets(unixNanosecondsAtStart: Int64) -> [RawPacket] {
        var table = FlowTable(packets)
        var secrets = MediaSecrets()
        table.rewrite { $0.rewriteTexts { secrets.learn(from: $0) } }
        table.rewrite { flow in
            if flow.isSTUN {
                flow.rewriteStreams { secrets.resealStream(&$0) }
            } else {
                flow.rewriteTexts { TextSecrets.redact(&$0) }
            }
        }
        return packets.enumerated().map { index, captured in
            var packet = captured.packet
            var windowScale: UInt8 = 0
            switch packet.payload {
            case .tcp(let segment):
                guard let flow = table.flowOfPacket[index].map({ table.flows[$0] }) else { break }
                let uncovered = flow.uncovered(segment, from: packet.sourceTransportAddress)
                windowScale = uncovered.windowScale
                packet.payload = .tcp(uncovered.segment)
            case .udp(var datagram):
                secrets.reseal(&datagram.payload)
                packet.payload = .udp(datagram)
            case .icmp: break
            }
            return RawPacket(
                unixNanoseconds: unixNanosecondsAtStart + Int64(captured.time.uptimeNanoseconds),
                bytes: IPPacketBytes.bytes(of: packet, windowScale: windowScale, identification: UInt16(truncatingIfNeeded: index + 1)))
        }
    }
}

extension TCPFlow {
    /// Gives each text of both directions to `body`, which may change bytes but not their number.
    fileprivate mutating func rewriteTexts(_ body: (inout [UInt8]) -> Void) {
        guard !isSTUN else { return }
        MessageTexts.rewrite(&clearFromClient.bytes, body)
        MessageTexts.rewrite(&clearFromServer.bytes, body)
    }

    fileprivate mutating func rewriteStreams(_ body: (inout [UInt8]) -> Void) {
        body(&clearFromClient.bytes)
        body(&clearFromServer.bytes)
    }
}
