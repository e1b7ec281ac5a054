import NetworkModel

/// The TCP connections among a host's packets.
struct FlowTable {
    private(set) var flows: [TCPFlow] = []
    /// The newest flow between two ends.
    private var newest: [Ends: Int] = [:]
    /// For each packet that is TCP, its flow.
    private(set) var flowOfPacket: [Int?] = []

    private struct Ends: Hashable {
        var low: TransportAddress
        var high: TransportAddress

        init(_ packet: IPPacket) {
            let (source, destination) = (packet.sourceTransportAddress, packet.destinationTransportAddress)
            (low, high) = source < destination ? (source, destination) : (destination, source)
        }
    }

    init(_ packets: [CapturedPacket]) {
        flowOfPacket.reserveCapacity(packets.count)
        for captured in packets {
            guard case .tcp(let segment) = captured.packet.payload else {
                flowOfPacket.append(nil)
                continue
            }
            let index = flow(of: captured.packet, segment)
            flows[index].take(segment, from: captured.packet.sourceTransportAddress)
            flowOfPacket.append(index)
        }
        for index in flows.indices { flows[index].uncover() }
    }

    /// The flow of a segment: a SYN with a sequence number of its own begins a new one.
    private mutating func flow(of packet: IPPacket, _ segment: TCPSegment) -> Int {
        let ends = Ends(packet)
        let isFirst = segment.flags.contains(.syn) && !segment.flags.contains(.ack)
        if let known = newest[ends], !isFirst || flows[known].began(with: segment, from: packet.sourceTransportAddress) { return known }
        newest[ends] = flows.count
        flows.append(TCPFlow(firstPacket: packet))
        return flows.count - 1
    }

    /// Changes the application's bytes of every flow in place; their number stays.
    mutating func rewrite(_ body: (inout TCPFlow) -> Void) {
        for index in flows.indices { body(&flows[index]) }
    }
}

extension TCPFlow {
    /// Whether this SYN is the one that the flow began with, sent again.
    func began(with segment: TCPSegment, from source: TransportAddress) -> Bool {
        source == client && firstSequenceNumber == segment.sequenceNumber
    }
}
