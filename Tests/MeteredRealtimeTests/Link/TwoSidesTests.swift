import NIOCore
import SimulationKernel
import Testing

@testable import MeteredRealtime

/// Two links over fakes, and a service between them that keeps the order of each direction. Whether two connections can talk is read off their
/// descriptions: each must have the other's present generation.
final class TwoSides {
    final class Side {
        let factory: FakeFactory
        fileprivate(set) var link: PeerLink!
        fileprivate(set) var errors: [NegotiationError] = []
        /// When the last signal under way to this side arrives: order is kept.
        fileprivate var lastArrival = NIODeadline.uptimeNanoseconds(0)
        /// Whether signals reach this side at once; otherwise they wait for it.
        fileprivate(set) var isReachable = true
        fileprivate var waiting: [PeerSignal] = []

        init(_ name: String) { factory = FakeFactory(name) }

        var pc: FakePeerConnection? { factory.made.last { !$0.isClosed } }
    }

    let simulation: Simulation
    let sides = [Side("a"), Side("b")]
    var delay: () -> Int64 = { 20 }
    /// Whether a signal is lost on the way.
    var loses: () -> Bool = { false }
    /// Whether packets flow between the peers.
    var isMediaOpen = true {
        didSet { evaluate() }
    }
    private var evaluations = 0

    init(seed: UInt64, _ options: PeerOptions = PeerOptions()) {
        simulation = Simulation(seed: seed)
        for index in sides.indices {
            let environment = LinkEnvironment(
                eventLoop: simulation.mainLoop, factory: sides[index].factory, iceServers: { [] }, serialSignals: false,
                nextRequestID: { "" }, send: { [unowned self] signal, _, completion in send(signal, to: sides[1 - index], completion) },
                observe: { [unowned self] in if case .negotiationFailed(let error) = $0 { sides[index].errors.append(error) } },
                diagnose: { _ in })
            // The smaller id is polite.
            sides[index].link = PeerLink(remoteID: "r", isPolite: index == 0, options: options, environment: environment)
            sides[index].factory.changed = { [unowned self] in evaluate() }
        }
    }

    deinit {
        for side in sides { side.link = nil }
        simulation.shutdown()
    }

    var loop: SimulatedEventLoop { simulation.mainLoop }

    func at(_ milliseconds: Int64, _ body: @escaping () -> Void) { loop.schedule(at: .milliseconds(milliseconds), body) }
    func run(until milliseconds: Int64) { simulation.run(until: .milliseconds(milliseconds)) }

    /// Both sides start, each with a microphone.
    func start() {
        for (index, side) in sides.enumerated() {
            at(0) {
                side.link.addTrack(LocalTrack(track: FakeTrack("mic\(index)"), streamIDs: ["s"]))
                side.link.start()
            }
        }
    }

    /// Both sides agree on one generation, and are connected.
    var isHealed: Bool {
        guard let first = sides[0].pc, let second = sides[1].pc else { return false }
        return Self.match(first, second) && sides.allSatisfy { $0.pc?.signalingState == .stable && $0.link.state == .connected }
    }

    var description: String {
        sides.map { side in
            "\(side.link.state) \(side.pc?.name ?? "-") \(side.pc?.signalingState.rawValue ?? "-") \(side.pc?.localFragment ?? "-") with \(side.pc?.remoteFragment ?? "-")"
        }.joined(separator: "; ")
    }

    // MARK: The service

    private func send(_ signal: PeerSignal, to side: Side, _ completion: @escaping (Result<Void, SignallingError>) -> Void) {
        loop.schedule(at: loop.now + .milliseconds(10)) { completion(.success(())) }
        guard !loses() else { return }
        side.lastArrival = max(side.lastArrival, loop.now + .milliseconds(delay()))
        loop.schedule(at: side.lastArrival) {
            if side.isReachable { side.link.receive(signal) } else { side.waiting.append(signal) }
        }
    }

    /// Signals for a side wait, as in the buffers of a connection that has not been noticed to be dead; then they come all at once.
    func setReachable(_ isReachable: Bool, _ side: Side) {
        side.isReachable = isReachable
        guard isReachable else { return }
        defer { side.waiting = [] }
        side.waiting.forEach(side.link.receive)
    }

    /// A side's signalling connection is lost, with what waits for it.
    func loseSignalling(_ side: Side) {
        side.isReachable = false
        side.link.signallingLost()
    }

    func reconcile(_ side: Side) {
        side.isReachable = true
        side.waiting = []
        side.link.swap()
    }

    // MARK: ICE

    private static func match(_ first: FakePeerConnection, _ second: FakePeerConnection) -> Bool {
        first.localFragment != nil && first.localFragment == second.remoteFragment && second.localFragment == first.remoteFragment
    }

    private var canTalk: Bool {
        guard isMediaOpen, let first = sides[0].pc, let second = sides[1].pc else { return false }
        return Self.match(first, second)
    }

    /// Connections that can talk connect after 100 ms; those that cannot fail after 15 s.
    private func evaluate() {
        evaluations += 1
        let evaluation = evaluations
        let canTalk = canTalk
        loop.schedule(at: loop.now + .milliseconds(canTalk ? 100 : 15_000)) { [weak self] in
            guard let self, evaluation == self.evaluations else { return }
            for side in self.sides { if let pc = side.pc, pc.remoteFragment != nil { pc.set(canTalk ? .connected : .failed) } }
        }
        guard !canTalk else { return }
        loop.schedule(at: loop.now) { [weak self] in
            guard let self, evaluation == self.evaluations else { return }
            for side in self.sides {
                guard let pc = side.pc, pc.remoteFragment != nil, pc.connectionState != .failed else { continue }
                pc.set(pc.connectionState == .connected || pc.connectionState == .disconnected ? .disconnected : .connecting)
            }
        }
    }
}

@Suite("Two sides always end with one connection (ICE-08...11, BEY-27)")
struct TwoSidesTests {
    @Test("both offer at once: one exchange remains")
    func glare() {
        let world = TwoSides(seed: 1)
        world.start()
        world.run(until: 1_000)
        #expect(world.isHealed, "\(world.description)")
    }

    @Test(
        "after an outage of packets and signals of any length both ends meet at a rung",
        arguments: [4, 10, 20, 33, 60, 100, 125] as [Int64])
    func elevator(seconds: Int64) {
        let world = TwoSides(seed: 1)
        world.start()
        world.at(10_000) {
            world.isMediaOpen = false
            for side in world.sides { world.setReachable(false, side) }
        }
        world.at(10_000 + seconds * 1_000) {
            world.isMediaOpen = true
            for side in world.sides { world.setReachable(true, side) }
        }
        world.run(until: 10_000 + seconds * 1_000 + 31_000)
        #expect(world.isHealed, "\(world.description)")
        #expect(world.sides.allSatisfy { $0.errors.isEmpty })
        #expect(world.sides.allSatisfy { $0.factory.made.count == 1 })
    }

    @Test("after both lost signalling, whoever returns first", arguments: [0, 1], [0, 30, 3_000, 20_000] as [Int64])
    func bothReturn(first: Int, gap: Int64) {
        let world = TwoSides(seed: 1)
        world.start()
        world.at(5_000) { for side in world.sides { world.loseSignalling(side) } }
        world.at(8_000) { world.reconcile(world.sides[first]) }
        world.at(8_000 + gap) { world.reconcile(world.sides[1 - first]) }
        world.run(until: 8_000 + gap + 15_000)
        #expect(world.isHealed, "\(world.description)")
    }

    @Test("one side returns alone, the other has noticed nothing", arguments: [0, 1])
    func oneReturns(side: Int) {
        let world = TwoSides(seed: 1)
        world.start()
        world.at(5_000) { world.loseSignalling(world.sides[side]) }
        world.at(6_000) { world.reconcile(world.sides[side]) }
        world.run(until: 9_000)
        #expect(world.isHealed, "\(world.description)")
    }

    @Test("whatever happens, two sides end with both stable, in one generation and connected")
    func property() {
        for seed in UInt64(1)...150 {
            var random = SplitMix64(seed: seed)
            let world = TwoSides(seed: seed)
            world.start()
            let delays = SplitMix64Box(SplitMix64(seed: seed &+ 1_000))
            var isLossy = false
            world.delay = { delays.next(in: 1...400) }
            world.loses = { isLossy && delays.next(in: 0...3) == 0 }
            var lost: Set<Int> = []
            for _ in 0..<12 {
                let moment = Int64.random(in: 0...60_000, using: &random)
                let side = Int.random(in: 0...1, using: &random)
                let kind = Int.random(in: 0..<8, using: &random)
                world.at(moment) {
                    switch kind {
                    case 0: world.sides[side].link.restartICE()
                    case 1: world.sides[side].link.addTrack(LocalTrack(track: FakeTrack("t\(moment)", .video), streamIDs: ["s"]))
                    case 2: world.isMediaOpen = false
                    case 3: world.isMediaOpen = true
                    case 4: isLossy.toggle()
                    case 5: if !lost.contains(side) { world.setReachable(!world.sides[side].isReachable, world.sides[side]) }
                    default:
                        if lost.remove(side) == nil {
                            lost.insert(side)
                            world.loseSignalling(world.sides[side])
                        } else {
                            world.reconcile(world.sides[side])
                        }
                    }
                }
            }
            world.at(61_000) {
                isLossy = false
                world.isMediaOpen = true
                for index in [0, 1] {
                    if lost.remove(index) != nil {
                        world.reconcile(world.sides[index])
                    } else {
                        world.setReachable(true, world.sides[index])
                    }
                }
            }
            world.run(until: 61_000 + 130_000)
            #expect(world.isHealed, "seed \(seed): \(world.description)")
        }
    }
}

/// A generator that closures share.
final class SplitMix64Box {
    private var random: SplitMix64

    init(_ random: SplitMix64) { self.random = random }

    func next(in range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
}
