import NIOCore
import SimulationKernel
import Testing

@testable import WebRTCModel

/// Two handshakes and a line between them.
private final class HandshakePair {
    private(set) var now = NIODeadline.uptimeNanoseconds(0)
    /// 0 is the client.
    var ends: [DTLSHandshake]
    var loses: (_ sender: Int, _ count: Int) -> Bool = { _, _ in false }
    let delay: TimeAmount
    private(set) var sent: [(sender: Int, at: NIODeadline, bytes: ByteBuffer)] = []
    private(set) var data: [[String]] = [[], []]
    private var line: [(at: NIODeadline, to: Int, bytes: ByteBuffer)] = []

    init(delay: TimeAmount = .milliseconds(25), profile: DTLSProfile = WebRTCProfile.libwebrtc.dtls, isForged: Bool = false) {
        self.delay = delay
        var random = RandomStream(seed: 4, name: "dtls")
        let certificates = (0..<3).map { _ in DTLSCertificate(random: &random) }
        let roundTrip = TimeAmount.nanoseconds(delay.nanoseconds * 2)
        ends = (0...1).map { index in
            DTLSHandshake(
                role: index == 0 ? .client : .server, profile: profile, certificate: certificates[index],
                remoteFingerprint: certificates[isForged && index == 0 ? 2 : 1 - index].fingerprint, roundTripTime: roundTrip,
                random: random)
        }
        ends[0].start(now: now)
    }

    func pump() {
        for index in 0...1 {
            while let bytes = ends[index].nextDatagram() {
                sent.append((index, now, bytes))
                if !loses(index, sent.filter { $0.sender == index }.count) { line.append((now + delay, 1 - index, bytes)) }
            }
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
                ends[first.to].receive(first.bytes, now: now) { data[first.to].append(String(buffer: $0)) }
            }
            for index in 0...1 where ends[index].deadline <= now { ends[index].timerFired(now: now) }
            pump()
        }
        now = end
    }

    func times(_ sender: Int) -> [Int64] { sent.filter { $0.sender == sender }.map { Int64($0.at.uptimeNanoseconds / 1_000_000) } }
}

@Suite("The DTLS handshake") struct DTLSHandshakeTests {
    @Test("it takes two round trips: four flights")
    func twoRoundTrips() {
        let pair = HandshakePair()
        pair.run(.milliseconds(99))
        #expect(!pair.ends[0].isConnected)
        pair.run(.milliseconds(1))
        #expect(pair.ends.allSatisfy { $0.isConnected })
        #expect(pair.times(0) == [0, 50] && pair.times(1) == [25, 75])
    }

    @Test("a server that asks for a cookie costs one round trip more (pion)")
    func cookie() {
        let pair = HandshakePair(profile: WebRTCProfile.pion.dtls)
        pair.run(.milliseconds(150))
        #expect(pair.ends.allSatisfy { $0.isConnected })
        #expect(pair.times(0) == [0, 50, 100])
    }

    @Test("the first flight is repeated after 2 x RTT, then after twice that each time")
    func clientTimers() {
        let pair = HandshakePair()
        pair.loses = { _, _ in true }
        pair.run(.seconds(13))
        #expect(pair.times(0) == [0, 100, 300, 700, 1_500, 3_100, 6_300, 12_700])
    }

    @Test("the first timeout is at least 50 ms and at most 3 s")
    func timeoutBounds() {
        for (delay, expected) in [(TimeAmount.milliseconds(1), Int64(50)), (.seconds(2), 3_000)] {
            let pair = HandshakePair(delay: delay)
            pair.loses = { _, _ in true }
            pair.run(.seconds(4))
            #expect(pair.times(0)[1] == expected)
        }
    }

    @Test("the loss of any flight only delays it", arguments: [(0, 1), (0, 2), (1, 1), (1, 2)])
    func loss(sender: Int, count: Int) {
        let pair = HandshakePair()
        pair.loses = { $0 == sender && $1 == count }
        pair.run(.milliseconds(500))
        #expect(pair.ends.allSatisfy { $0.isConnected })
        #expect(pair.ends.allSatisfy { $0.deadline == .distantFuture })
    }

    @Test("it connects over a line that loses at random", arguments: 1...20)
    func randomLoss(seed: UInt64) {
        let random = RandomStream(seed: seed, name: "loss")
        let pair = HandshakePair()
        pair.loses = { _, _ in random.chance(0.4) }
        pair.run(.seconds(120))
        #expect(pair.ends.allSatisfy { $0.isConnected }, "seed \(seed)")
    }

    @Test("it gives up after the profile's number of timeouts")
    func givesUp() {
        let pair = HandshakePair()
        pair.loses = { _, _ in true }
        pair.run(.hours(1))
        #expect(pair.ends[0].failure == .timedOut)
        #expect(pair.times(0).count == 13)
    }

    @Test("a certificate that the description does not name ends it at both sides")
    func forged() {
        let pair = HandshakePair(isForged: true)
        pair.run(.seconds(1))
        #expect(pair.ends[0].failure == .fingerprint)
        #expect(pair.ends[1].failure == .alert)
    }

    @Test("close_notify closes the other side, and data comes before it")
    func closeNotify() {
        let pair = HandshakePair()
        pair.run(.seconds(1))
        let record = pair.ends[0].sealed(ByteBuffer(string: "bye"))
        pair.ends[1].receive(record, now: pair.now) { #expect(String(buffer: $0) == "bye") }
        pair.ends[0].close()
        pair.run(.seconds(1))
        #expect(pair.ends[1].isClosed)
    }

    @Test("a record has the header, nonce and tag of AES-GCM: 37 bytes beside the data")
    func recordSize() {
        let pair = HandshakePair()
        pair.run(.seconds(1))
        let record = pair.ends[0].sealed(ByteBuffer(repeating: 1, count: 100))
        #expect(record.readableBytes == 137)
        #expect(record.getInteger(at: 0, as: UInt8.self) == 23)
        #expect(DTLSRecord.isDTLS(record))
    }

    @Test("flights have about the sizes of BoringSSL's with ECDSA certificates")
    func flightSizes() {
        let pair = HandshakePair()
        pair.run(.seconds(1))
        let sizes = pair.sent.map(\.bytes.readableBytes)
        #expect(
            (120...200).contains(sizes[0]) && (500...900).contains(sizes[1]) && (450...800).contains(sizes[2])
                && (60...120).contains(sizes[3]))
    }

    @Test("mutated datagrams never crash it and never connect it to a forger")
    func hostile() {
        let random = RandomStream(seed: 6_347, name: "hostile")
        let sample = HandshakePair()
        sample.run(.seconds(1))
        let flights = sample.sent.map { Array(buffer: $0.bytes) }
        for round in 0..<1_000 {
            let pair = HandshakePair(isForged: true)
            pair.pump()
            for flight in flights {
                var bytes = flight
                bytes[Int(random.uniform(Int64(0)...Int64(bytes.count - 1)))] = UInt8(truncatingIfNeeded: random.next())
                for end in 0...1 {
                    pair.ends[end].receive(ByteBuffer(bytes: bytes.prefix(Int(random.uniform(Int64(1)...2_000)))), now: pair.now) { _ in }
                }
            }
            #expect(!pair.ends[0].isConnected, "seed 6347 round \(round)")
        }
    }
}
