import NIOCore
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("An SCTP association") struct AssociationTests {
    @Test("crossing INITs give one association")
    func crossing() {
        let pair = AssociationPair()
        pair.connect()
        #expect(pair.ends.allSatisfy { $0.state == .established })
        #expect(pair.events.allSatisfy { $0.filter { $0 == .established }.count == 1 })
    }

    @Test("the handshake survives the loss of any of its packets", arguments: 1...4)
    func lossInHandshake(lost: Int) {
        for sender in 0...1 {
            let pair = AssociationPair()
            pair.loses = { $0 == sender && $1 == lost }
            pair.connect()
            pair.run(.seconds(4))
            #expect(pair.ends.allSatisfy { $0.state == .established }, "packet \(lost) of \(sender)")
        }
    }

    @Test("messages arrive whole and in order, whatever their size")
    func sizes() {
        let pair = AssociationPair()
        pair.connect()
        let texts = [1, 1_000, 1_163, 1_164, 10_000, 200_000].map { String(repeating: "x", count: $0) }
        for text in texts { pair.send(text) }
        pair.run(.seconds(5))
        #expect(pair.messages(1) == texts)
    }

    @Test("everything arrives in order over a line that loses at random", arguments: 1...20)
    func randomLoss(seed: UInt64) {
        let random = RandomStream(seed: seed, name: "loss")
        let pair = AssociationPair(seed: seed)
        pair.connect()
        pair.loses = { _, _ in random.chance(0.2) }
        let texts = (0..<60).map { "\($0) " + String(repeating: "y", count: Int(random.uniform(Int64(0)...4_000))) }
        for text in texts { pair.send(text) }
        pair.run(.seconds(300))
        #expect(pair.messages(1) == texts, "seed \(seed)")
        #expect(pair.ends[0].sender.isIdle, "seed \(seed)")
    }

    @Test("the third report of a gap sends the lost packet again at once")
    func fastRetransmission() {
        let pair = AssociationPair()
        pair.connect()
        let before = pair.sentPackets[0]
        pair.loses = { $0 == 0 && $1 == before + 1 }
        for index in 0..<6 { pair.send(String(repeating: "z", count: 1_100) + "\(index)") }
        // One round trip for the reports and one half for the packet: far below the timeout of 400 ms.
        pair.run(.milliseconds(100))
        #expect(pair.messages(1).count == 6)
    }

    @Test("after a blackout of any length data goes on within 3 s (dcSCTP's longest back-off)", arguments: [2, 20, 90, 170])
    func blackout(seconds: Int64) {
        let pair = AssociationPair()
        pair.connect()
        pair.loses = { _, _ in true }
        pair.send("late")
        pair.run(.seconds(seconds))
        #expect(pair.messages(1).isEmpty)
        pair.loses = { _, _ in false }
        pair.run(.milliseconds(3_050))
        #expect(pair.messages(1) == ["late"])
    }

    @Test("retransmissions back off from 500 ms to 3 s")
    func backOff() {
        let pair = AssociationPair(delay: .milliseconds(1))
        pair.connect()
        pair.loses = { sender, _ in sender == 0 }
        let start = pair.sentTimes[0].count
        pair.send("x")
        pair.run(.seconds(14))
        let times = pair.sentTimes[0].dropFirst(start).map(\.uptimeNanoseconds)
        let waits = zip(times.dropFirst(), times).map { ($0 - $1) / 1_000_000 }
        #expect(waits.prefix(6) == [500, 1_000, 2_000, 3_000, 3_000, 3_000])
    }

    @Test("an association that may not retransmit for ever ends (aiortc: 10 times)")
    func retransmissionLimit() {
        let pair = AssociationPair(profile: WebRTCProfile.aioice.sctp)
        pair.connect()
        pair.loses = { _, _ in true }
        pair.send("x")
        pair.run(.seconds(600))
        #expect(pair.ends[0].state == .aborted)
    }

    @Test("an unordered message is not held by a lost one before it")
    func unordered() {
        let pair = AssociationPair()
        pair.connect()
        let before = pair.sentPackets[0]
        pair.loses = { $0 == 0 && $1 == before + 1 }
        pair.send("first", .init(isOrdered: false))
        pair.send("second", .init(isOrdered: false))
        pair.run(.milliseconds(50))
        #expect(pair.messages(1) == ["second"])
        pair.run(.seconds(2))
        #expect(pair.messages(1) == ["second", "first"])
    }

    @Test("a message that may not be sent again is skipped, and the next ones arrive")
    func limitedRetransmissions() {
        let pair = AssociationPair()
        pair.connect()
        let before = pair.sentPackets[0]
        pair.loses = { $0 == 0 && $1 == before + 1 }
        pair.send("lost", .init(maximumRetransmissions: 0))
        pair.send("next")
        pair.run(.seconds(5))
        #expect(pair.messages(1) == ["next"])
        #expect(pair.ends[0].sender.isIdle)
    }

    @Test("a message that is too old is not sent after a blackout")
    func limitedLifetime() {
        let pair = AssociationPair()
        pair.connect()
        pair.loses = { _, _ in true }
        pair.send("old", .init(expiry: pair.now + .seconds(1)))
        pair.send("kept")
        pair.run(.seconds(10))
        pair.loses = { _, _ in false }
        pair.run(.seconds(10))
        #expect(pair.messages(1) == ["kept"])
    }

    @Test("partially reliable messages over a line that loses never stop the reliable ones", arguments: 1...20)
    func partialReliability(seed: UInt64) {
        let random = RandomStream(seed: seed, name: "partial")
        let pair = AssociationPair(seed: seed)
        pair.connect()
        pair.loses = { _, _ in random.chance(0.25) }
        var kept: [String] = []
        for index in 0..<40 {
            let size = Int(random.uniform(Int64(1)...3_000))
            let text = "\(index) " + String(repeating: "w", count: size)
            if random.chance(0.5) {
                pair.send(text, stream: 2, .init(isOrdered: random.chance(0.5), maximumRetransmissions: 1))
            } else {
                kept.append(text)
                pair.send(text, stream: 4)
            }
            pair.run(.milliseconds(30))
        }
        pair.run(.seconds(200))
        #expect(pair.messages(1).filter(kept.contains) == kept, "seed \(seed)")
        #expect(pair.ends[0].sender.isIdle, "seed \(seed)")
    }

    @Test("the congestion window bounds what is in flight, and opens with acknowledgements")
    func congestionWindow() {
        let pair = AssociationPair(delay: .milliseconds(100))
        pair.connect()
        let before = pair.sentPackets[0]
        pair.send(String(repeating: "v", count: 150_000))
        #expect((10...11).contains(pair.sentPackets[0] - before))
        pair.run(.milliseconds(250))
        #expect(pair.sentPackets[0] - before > 20)
    }

    @Test("a stream reset tells both ends, after what was sent")
    func reset() {
        let pair = AssociationPair()
        pair.connect()
        pair.send(String(repeating: "u", count: 50_000), stream: 6)
        pair.ends[0].reset(stream: 6, now: pair.now)
        pair.run(.seconds(3))
        #expect(pair.events[1].last == .incomingReset(stream: 6))
        #expect(pair.messages(1).count == 1)
        #expect(pair.events[0].contains(.outgoingReset(stream: 6)))
        pair.send("anew", stream: 6)
        pair.run(.seconds(1))
        #expect(pair.messages(1).last == "anew")
    }

    @Test("a stream reset whose packets are lost is repeated", arguments: 1...3)
    func lostReset(lost: Int) {
        let pair = AssociationPair()
        pair.connect()
        let before = pair.sentPackets
        pair.loses = { $1 - before[$0] <= lost }
        pair.ends[0].reset(stream: 2, now: pair.now)
        pair.run(.seconds(30))
        #expect(pair.events[0].last == .outgoingReset(stream: 2))
        #expect(pair.events[1].filter { $0 == .incomingReset(stream: 2) }.count == 1)
    }

    @Test("an idle association sends a heartbeat each 30 s and is otherwise silent")
    func heartbeats() {
        let pair = AssociationPair()
        pair.connect()
        let before = pair.sentPackets[0]
        pair.run(.seconds(180))
        // Five or six of ours, and as many answers.
        #expect((10...12).contains(pair.sentPackets[0] - before))
    }

    @Test("an ABORT ends the other side with its reason")
    func abort() {
        let pair = AssociationPair()
        pair.connect()
        pair.ends[0].abort("Close called", tellsPeer: true)
        pair.run(.seconds(1))
        #expect(pair.events[1].last == .aborted(reason: "Close called"))
    }

    @Test("random bytes and mutated packets never crash an association")
    func hostile() {
        let random = RandomStream(seed: 9_260, name: "hostile")
        let pair = AssociationPair()
        pair.connect()
        var samples: [[UInt8]] = []
        for chunk: SCTPChunk in [
            .selectiveAcknowledgement(cumulative: pair.ends[0].ownInitial &+ 3, window: 1_000, gaps: [2...9, 20...65_535]),
            .forward(cumulative: 77, streams: [.init(stream: 1, streamSequenceNumber: 9)]),
            .reconfiguration([
                .outgoingReset(request: pair.ends[1].ownInitial, response: 2, lastTransmissionSequenceNumber: 5, streams: [1, 2])
            ]),
            .data(
                SCTPData(
                    transmissionSequenceNumber: pair.ends[1].ownInitial &+ 9, stream: 1, streamSequenceNumber: 3, isUnordered: false,
                    isBeginning: true, isEnd: false, payloadProtocol: 51, payload: ByteBuffer(string: "abc"))),
            .heartbeat(ByteBuffer(string: "x")), .cookieEcho(ByteBuffer(repeating: 1, count: 20)),
        ] {
            var packet = SCTPPacket.begin(tag: pair.ends[0].ownTag)
            chunk.write(to: &packet)
            samples.append(Array(buffer: packet))
        }
        pair.send(String(repeating: "x", count: 5_000))
        for _ in 0..<20_000 {
            var bytes = samples[Int(random.uniform(Int64(0)...Int64(samples.count - 1)))]
            for _ in 0...random.uniform(Int64(0)...2) {
                bytes[12 + Int(random.uniform(Int64(0)...Int64(bytes.count - 13)))] = UInt8(truncatingIfNeeded: random.next())
            }
            pair.ends[0].receive(ByteBuffer(bytes: bytes.prefix(Int(random.uniform(Int64(1)...Int64(bytes.count))))), now: pair.now)
            while pair.ends[0].nextPacket(now: pair.now) != nil {}
        }
        #expect(pair.ends[0].receiver.map { $0.window <= UInt32(SCTPReceiver.bufferBytes) } == true)
    }
}
