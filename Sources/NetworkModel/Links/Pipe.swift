import NIOCore
import SimulationKernel

/// One direction of a link: queue, rate, loss, delay, jitter, in this order.
///
/// Packets in flight are a ring in order of arrival, and only the first has an event. Its work per packet is constant.
public final class Pipe {
    /// "phone/wifi up": for events and random streams.
    public let name: String
    /// What the link does without faults. A change applies at once, to queued packets too; packets that have left the queue keep their time.
    public var conditions: LinkConditions {
        didSet { recompute() }
    }
    /// Whether the sender of a packet that is too long gets ICMP "packet too big". If not, the link is a path MTU black hole (RFC 2923).
    public var reportsTooLong = true
    /// What the link does now: `conditions` and the changes of active faults.
    @exclusivity(unchecked) public private(set) var effective: LinkConditions {
        didSet { addsNothing = effective.addsNothing }
    }
    /// Asked for every packet.
    @exclusivity(unchecked) private var addsNothing: Bool

    unowned let network: Network
    private let simulation: Simulation
    unowned let output: any PacketSink
    /// Who reports packets that are too long; nil at a host, which knows by itself.
    weak var entrance: (any ICMPOrigin)?
    /// The end of a path to a host: always its own event, so that no host runs inside of another's `send`.
    private let endsAtHost: Bool

    /// When a packet in flight does what; apart from the packets, so that looking at the times touches no packet.
    private struct Passage {
        var bytes: Int
        /// When the last bit leaves the queue.
        var departure: NIODeadline
        /// Propagation of this packet: delay with jitter.
        var propagation: TimeAmount
        var arrival: NIODeadline
        var fate: Fate
    }

    private enum Fate {
        case delivered
        case heldBack
        case lost
    }

    @exclusivity(unchecked) private var packets = CircularBuffer<IPPacket>(initialCapacity: 2)
    /// One for each of `packets`, in the same order.
    @exclusivity(unchecked) private var passages = CircularBuffer<Passage>(initialCapacity: 2)
    /// The first so many of `passages` have left the queue.
    @exclusivity(unchecked) private var departedCount = 0
    @exclusivity(unchecked) private var queuedBytes = 0
    @exclusivity(unchecked) private var headEvent: EventHandle?
    /// Reordered packets that wait for their own event, whose argument is the index + 1.
    private var heldBack: [IPPacket?] = []

    @exclusivity(unchecked) private var loss: LossProcess
    @exclusivity(unchecked) private var streams: Streams?
    @exclusivity(unchecked) private var blackouts: [FaultMark] = []
    private var changes: [(mark: FaultMark, change: LinkChange)] = []

    /// The random streams of a pipe: one per use, so that one feature does not shift another's draws. Made when first needed.
    private struct Streams {
        let loss: RandomStream
        let jitter: RandomStream
        let duplication: RandomStream
        let reordering: RandomStream
    }

    init(name: String, network: Network, conditions: LinkConditions, to output: any PacketSink, endsAtHost: Bool) {
        self.name = name
        self.network = network
        self.simulation = network.simulation
        self.conditions = conditions
        self.effective = conditions
        self.addsNothing = conditions.addsNothing
        self.output = output
        self.endsAtHost = endsAtHost
        self.loss = LossProcess(conditions.loss)
    }

    // MARK: Sending

    /// Puts a packet into the queue, or drops it.
    func send(_ packet: IPPacket) {
        if let blackout = blackouts.first { return drop(packet, .blackout(fault: blackout.name)) }
        let bytes = packet.wireBytes
        guard fits(packet, bytes: bytes) else { return refuseTooLong(packet) }
        if isTransparent { return output.accept(packet, from: self) }
        settleDepartures()
        guard queuedBytes == 0 || queuedBytes + bytes <= effective.queueBytes else { return drop(packet, .queueFull) }
        let fate = drawFate(packet, bytes: bytes)
        if fate == .lost, effective.rate == nil { return dropLost(packet) }
        enqueue(packet, bytes: bytes, fate: fate)
        if effective.duplicationPercent > 0, fate != .lost, random.duplication.chance(effective.duplicationPercent / 100) {
            network.report(name, .packetDisturbed(PacketSummary(packet), .duplicated))
            enqueue(packet, bytes: bytes, fate: fate)
        }
        armHead()
    }

    private var isTransparent: Bool { addsNothing && !endsAtHost && passages.isEmpty }

    private var random: Streams {
        if let streams { return streams }
        let made = Streams(
            loss: simulation.random("\(name)/loss"), jitter: simulation.random("\(name)/jitter"),
            duplication: simulation.random("\(name)/duplication"), reordering: simulation.random("\(name)/reordering"))
        streams = made
        return made
    }

    /// IPv4 packets without DF are fragmented; the fragments travel as one here, but each can be lost.
    private func fits(_ packet: IPPacket, bytes: Int) -> Bool {
        bytes <= effective.maximumTransmissionUnit || (packet.source.family == .v4 && !packet.dontFragment)
    }

    private func drawFate(_ packet: IPPacket, bytes: Int) -> Fate {
        if effective.loss.percent > 0 {
            let fragments = max(1, (bytes + effective.maximumTransmissionUnit - 1) / effective.maximumTransmissionUnit)
            var isLost = false
            for _ in 0..<fragments where loss.losesNext(random.loss) { isLost = true }
            if isLost { return .lost }
        }
        if let reordering = effective.reordering, random.reordering.chance(reordering.percent / 100) { return .heldBack }
        return .delivered
    }

    private func enqueue(_ packet: IPPacket, bytes: Int, fate: Fate) {
        let now = simulation.now
        var departure = now
        if let rate = effective.rate {
            let start = departedCount < passages.count ? max(now, passages.last!.departure) : now
            departure = start + rate.transmissionTime(bytes: bytes)
        }
        var propagation = effective.delay
        if effective.jitter > .zero {
            propagation = max(.zero, propagation + random.jitter.uniform(.zero - effective.jitter...effective.jitter))
        }
        var arrival = departure + propagation
        if let last = passages.last { arrival = max(arrival, last.arrival) }
        queuedBytes += bytes
        packets.append(packet)
        passages.append(Passage(bytes: bytes, departure: departure, propagation: propagation, arrival: arrival, fate: fate))
    }

    // MARK: Queue

    private func settleDepartures() {
        let now = simulation.now
        while departedCount < passages.count {
            let item = passages[offset: departedCount]
            guard item.departure <= now else { return }
            queuedBytes -= item.bytes
            departedCount += 1
        }
    }

    private func armHead() {
        guard headEvent == nil, let head = passages.first else { return }
        headEvent = simulation.schedule(at: head.arrival, target: self, argument: 0)
    }

    // MARK: Changes

    private func recompute() {
        let previous = effective
        effective = changes.reduce(conditions) { $1.change.applied(to: $0) }
        if effective.loss != loss.model { loss = LossProcess(effective.loss) }
        if effective.rate != previous.rate || effective.delay != previous.delay { reschedule(previousRate: previous.rate) }
    }

    /// Packets still in the queue leave at the new rate; the one being sent has its remaining share left.
    private func reschedule(previousRate: DataRate?) {
        settleDepartures()
        let now = simulation.now
        var free = now
        var lastArrival = departedCount > 0 ? passages[offset: departedCount - 1].arrival : now
        for offset in departedCount..<passages.count {
            var item = passages[offset: offset]
            var bytes = item.bytes
            if offset == departedCount, let previousRate {
                let whole = previousRate.transmissionTime(bytes: bytes).nanoseconds
                let left = min(whole, (item.departure - now).nanoseconds)
                bytes = whole > 0 ? Int(Double(bytes) * Double(left) / Double(whole)) : 0
            }
            free = free + (effective.rate?.transmissionTime(bytes: bytes) ?? .zero)
            item.departure = free
            item.arrival = max(lastArrival, free + item.propagation)
            lastArrival = item.arrival
            passages[offset: offset] = item
        }
        if let headEvent { simulation.cancel(headEvent) }
        headEvent = nil
        armHead()
    }

    // MARK: Faults

    func begin(_ mark: FaultMark) { blackouts.append(mark) }

    func begin(_ mark: FaultMark, _ change: LinkChange) {
        changes.append((mark, change))
        recompute()
    }

    func end(_ mark: FaultMark) {
        blackouts.removeAll { $0 == mark }
        let count = changes.count
        changes.removeAll { $0.mark == mark }
        if changes.count != count { recompute() }
    }

    // MARK: Drops

    private func drop(_ packet: IPPacket, _ reason: DropReason) { network.drop(packet, at: name, reason) }

    private func dropLost(_ packet: IPPacket) {
        drop(packet, .loss(fault: changes.last { $0.change.loss != nil }?.mark.name))
    }

    private func refuseTooLong(_ packet: IPPacket) {
        let limit = effective.maximumTransmissionUnit
        drop(packet, .tooBig(maximumTransmissionUnit: limit))
        if reportsTooLong { entrance?.sendError(.packetTooBig(maximumTransmissionUnit: limit), about: packet) }
    }
}

extension Pipe: EventTarget {
    /// For the simulation.
    public func fire(_ argument: UInt64) {
        if argument == 0 { deliverDue() } else { deliverHeldBack(Int(argument) - 1) }
    }

    private func deliverDue() {
        headEvent = nil
        let now = simulation.now
        settleDepartures()
        while let head = passages.first, head.arrival <= now {
            passages.removeFirst()
            departedCount -= 1
            finish(packets.removeFirst(), head.fate)
        }
        armHead()
    }

    private func finish(_ packet: IPPacket, _ fate: Fate) {
        if let blackout = blackouts.first { return drop(packet, .blackout(fault: blackout.name)) }
        switch fate {
        case .delivered: output.accept(packet, from: self)
        case .lost: dropLost(packet)
        case .heldBack: holdBack(packet)
        }
    }

    private func holdBack(_ packet: IPPacket) {
        network.report(name, .packetDisturbed(PacketSummary(packet), .reordered))
        let index = heldBack.firstIndex { $0 == nil } ?? heldBack.count
        if index == heldBack.count { heldBack.append(packet) } else { heldBack[index] = packet }
        let time = simulation.now + (effective.reordering?.holdBack ?? .zero)
        simulation.schedule(at: time, target: self, argument: UInt64(index + 1))
    }

    private func deliverHeldBack(_ index: Int) {
        guard let packet = heldBack[index] else { preconditionFailure("a held-back packet was delivered twice") }
        heldBack[index] = nil
        if let blackout = blackouts.first { return drop(packet, .blackout(fault: blackout.name)) }
        output.accept(packet, from: self)
    }
}
