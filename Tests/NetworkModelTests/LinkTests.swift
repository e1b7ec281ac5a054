import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Links")
struct LinkTests {
    @Test("a packet takes transmission time and propagation delay")
    func delay() {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(rate: .kilobitsPerSecond(800), delay: .milliseconds(20)))
        left.send(count: 2, bytes: 100, to: right.address)
        world.run(for: .seconds(1))
        // 100 bytes at 800 kbit/s are 1 ms.
        #expect(right.received.map(\.time) == [.milliseconds(21), .milliseconds(22)])
    }

    @Test("a full queue drops what comes last")
    func dropTail() {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(rate: .kilobitsPerSecond(800), queueBytes: 500))
        left.send(count: 8, bytes: 100, to: right.address)
        world.run(for: .seconds(1))
        #expect(right.numbers == [0, 1, 2, 3, 4])
        #expect(world.drops == [.queueFull, .queueFull, .queueFull])
    }

    @Test("the queue has room again as packets leave it")
    func queueDrains() {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(rate: .kilobitsPerSecond(800), queueBytes: 200))
        for step in 0..<10 { world.at(.milliseconds(Int64(step))) { left.send(count: 1, bytes: 100, to: right.address) } }
        world.run(for: .seconds(1))
        #expect(right.received.count == 10)
    }

    @Test("the directions have rates of their own")
    func asymmetric() {
        let world = NetworkWorld()
        let profile = AccessProfile(
            kind: .ethernet,
            access: LinkProfile(up: LinkConditions(rate: .kilobitsPerSecond(80)), down: LinkConditions(rate: .kilobitsPerSecond(800))),
            ipv4: .publicAddresses)
        let left = Endpoint(world.network.addClient("left", on: [("eth0", profile)]))
        let right = Endpoint(world.network.addServer("right", on: world.network.addAccessNetwork("right", .ideal)))
        left.send(count: 1, bytes: 100, to: right.address)
        right.send(count: 1, bytes: 100, to: left.address)
        world.run(for: .seconds(1))
        #expect(right.received.first?.time == .milliseconds(10))
        #expect(left.received.first?.time == .milliseconds(1))
    }

    @Test("queued packets leave at a new rate as soon as it changes")
    func rateChange() throws {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(rate: .kilobitsPerSecond(8)))
        left.send(count: 3, bytes: 100, to: right.address)
        let link = try #require(left.host.interfaces[0].link)
        // At 8 kbit/s each takes 100 ms. After 50 ms half of the first is left: 0.5 ms at the hundredfold rate.
        world.at(.milliseconds(50)) { link.up.conditions.rate = .kilobitsPerSecond(800) }
        world.run(for: .seconds(1))
        #expect(right.received.map(\.time) == [.microseconds(50_500), .microseconds(51_500), .microseconds(52_500)])
    }

    @Test("jitter varies the delay within its bounds and keeps order")
    func jitter() {
        let world = NetworkWorld(seed: 3)
        let (left, right) = world.pair(LinkConditions(delay: .milliseconds(50), jitter: .milliseconds(20)))
        for step in 0..<200 { world.at(.milliseconds(Int64(step) * 100)) { left.send(count: 1, to: right.address) } }
        world.run(for: .seconds(30))
        let delays = right.received.enumerated().map { $1.time - .milliseconds(Int64($0) * 100) }
        #expect(delays.allSatisfy { $0 >= .milliseconds(30) && $0 <= .milliseconds(70) })
        #expect(Set(delays.map(\.nanoseconds)).count > 190)

        let burst = NetworkWorld(seed: 3)
        let (a, b) = burst.pair(LinkConditions(delay: .milliseconds(50), jitter: .milliseconds(20)))
        a.send(count: 100, to: b.address)
        burst.run(for: .seconds(1))
        #expect(b.numbers == Array(0..<100))
    }

    @Test("independent loss loses its share", arguments: [1.0, 10, 50])
    func independentLoss(percent: Double) {
        let seed: UInt64 = 42
        let world = NetworkWorld(seed: seed)
        let (left, right) = world.pair(LinkConditions(loss: LossModel(percent: percent)))
        let count = 4_000
        left.send(count: count, every: .microseconds(10), to: right.address)
        world.run(for: .seconds(1))
        let lost = Double(count - right.received.count) / Double(count) * 100
        // Four standard deviations of a binomial share.
        let bound = 4 * (percent * (100 - percent) / Double(count)).squareRoot()
        #expect(abs(lost - percent) < bound, "lost \(lost) %, seed \(seed)")
    }

    @Test("burst loss has libwebrtc's share and mean burst length", arguments: [(2.0, 4.0), (10, 3), (30, 8)])
    func burstLoss(percent: Double, length: Double) {
        let seed: UInt64 = 7
        let world = NetworkWorld(seed: seed)
        let (left, right) = world.pair(LinkConditions(loss: LossModel(percent: percent, meanBurstLength: length)))
        let count: UInt32 = 15_000
        left.send(count: Int(count), every: .microseconds(10), to: right.address)
        world.run(for: .seconds(1))
        var bursts: [UInt32] = []
        var next: UInt32 = 0
        for number in right.numbers + [count] {
            if number > next { bursts.append(number - next) }
            next = number + 1
        }
        let lost = Double(bursts.reduce(0, +))
        #expect(abs(lost / Double(count) * 100 - percent) < percent * 0.2, "seed \(seed)")
        #expect(abs(lost / Double(bursts.count) - length) < length * 0.2, "seed \(seed)")
    }

    @Test("duplication delivers packets twice, each right after the first")
    func duplication() {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(duplicationPercent: 100))
        left.send(count: 3, to: right.address)
        world.run(for: .seconds(1))
        #expect(right.numbers == [0, 0, 1, 1, 2, 2])
    }

    @Test("reordering holds packets back so that later ones overtake them")
    func reordering() {
        let world = NetworkWorld(seed: 5)
        let (left, right) = world.pair(
            LinkConditions(delay: .milliseconds(10), reordering: .init(percent: 20, holdBack: .milliseconds(5))))
        for step in 0..<200 { world.at(.milliseconds(Int64(step))) { left.send("\(step)", to: right.address) } }
        world.run(for: .seconds(1))
        #expect(right.received.count == 200)
        let late = right.received.filter { $0.time - .milliseconds(Int64(String(buffer: $0.datagram.payload))!) == .milliseconds(15) }
        #expect((20...60).contains(late.count))
        #expect(right.texts != (0..<200).map(String.init))
    }

    @Test("a packet longer than the first link's MTU is refused to the sender")
    func ownMTU() {
        let world = NetworkWorld()
        let (left, right) = world.pair(LinkConditions(maximumTransmissionUnit: 1_280))
        #expect(left.send(String(repeating: "x", count: 1_253), to: right.address) == .messageTooLong(maximumTransmissionUnit: 1_280))
        #expect(left.send(String(repeating: "x", count: 1_252), to: right.address) == .sent)
    }

    @Test("a packet longer than a later link's MTU comes back as ICMP with that MTU")
    func pathMTU() throws {
        let world = NetworkWorld()
        let (left, right) = world.pair(.ideal)
        let uplink = try #require(world.network.accessNetwork("left-eth0")).uplink
        uplink.up.conditions.maximumTransmissionUnit = 1_400
        left.send(String(repeating: "x", count: 1_400), to: right.address)
        world.run(for: .seconds(1))
        #expect(right.received.isEmpty)
        #expect(left.failures == [.tooBig(right.address, maximumTransmissionUnit: 1_400)])
    }

    @Test("a path MTU black hole says nothing")
    func blackHole() throws {
        let world = NetworkWorld()
        let (left, right) = world.pair(.ideal)
        let uplink = try #require(world.network.accessNetwork("left-eth0")).uplink
        uplink.up.conditions.maximumTransmissionUnit = 1_400
        uplink.up.reportsTooLong = false
        left.send(String(repeating: "x", count: 1_400), to: right.address)
        world.run(for: .seconds(1))
        #expect(right.received.isEmpty && left.failures.isEmpty)
        #expect(world.drops == [.tooBig(maximumTransmissionUnit: 1_400)])
    }

    @Test("a change of one feature does not shift the draws of another")
    func streamsAreIndependent() {
        func survivors(jitter: TimeAmount) -> [UInt32] {
            let world = NetworkWorld(seed: 9)
            let (left, right) = world.pair(LinkConditions(jitter: jitter, loss: LossModel(percent: 30)))
            left.send(count: 500, to: right.address)
            world.run(for: .seconds(1))
            return right.numbers
        }
        #expect(survivors(jitter: .zero) == survivors(jitter: .milliseconds(3)))
    }
}
