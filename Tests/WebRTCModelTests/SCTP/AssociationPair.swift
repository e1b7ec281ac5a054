import NIOCore
import SimulationKernel

@testable import WebRTCModel

/// Two associations and a line between them, without DTLS: time moves from deadline to deadline.
final class AssociationPair {
    private(set) var now = NIODeadline.uptimeNanoseconds(0)
    var ends: [SCTPAssociation]
    private(set) var events: [[SCTPAssociation.Event]] = [[], []]
    /// Whether the packet with this count, from this end, is lost.
    var loses: (_ sender: Int, _ count: Int) -> Bool = { _, _ in false }
    let delay: TimeAmount
    private(set) var sentPackets = [0, 0]
    private(set) var sentTimes: [[NIODeadline]] = [[], []]
    private var line: [(at: NIODeadline, to: Int, packet: ByteBuffer)] = []

    init(seed: UInt64 = 1, profile: SCTPProfile = WebRTCProfile.libwebrtc.sctp, delay: TimeAmount = .milliseconds(20)) {
        self.delay = delay
        var random = RandomStream(seed: seed, name: "sctp")
        ends = [SCTPAssociation(profile: profile, random: &random), SCTPAssociation(profile: profile, random: &random)]
    }

    func connect() {
        for index in 0...1 { ends[index].connect(now: now) }
        run(.seconds(1))
    }

    func send(_ text: String, from index: Int = 0, stream: UInt16 = 0, _ delivery: SCTPDelivery = .init()) {
        ends[index].send(ByteBuffer(string: text), payloadProtocol: DataChannelPayload.text, stream: stream, delivery)
        pump()
    }

    func messages(_ index: Int) -> [String] {
        events[index].compactMap { if case .message(let message) = $0 { String(buffer: message.payload) } else { nil } }
    }

    private func pump() {
        for index in 0...1 {
            while let packet = ends[index].nextPacket(now: now) {
                sentPackets[index] += 1
                sentTimes[index].append(now)
                if !loses(index, sentPackets[index]) { line.append((now + delay, 1 - index, packet)) }
            }
            while let event = ends[index].nextEvent() { events[index].append(event) }
        }
    }

    func run(_ time: TimeAmount) {
        let end = now + time
        pump()
        while true {
            let next = min(line.first?.at ?? .distantFuture, min(ends[0].deadline, ends[1].deadline))
            guard next <= end else { break }
            now = max(now, next)
            if let first = line.first, first.at <= now {
                line.removeFirst()
                ends[first.to].receive(first.packet, now: now)
            }
            for index in 0...1 where ends[index].deadline <= now { ends[index].timerFired(now: now) }
            pump()
        }
        now = end
    }
}
