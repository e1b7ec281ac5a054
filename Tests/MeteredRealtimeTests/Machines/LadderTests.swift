import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("ICE-restart ladder (ICE-01...05, ICE-07, BEY-17)")
struct LadderTests {
    /// Runs the ladder from `from` until `until`, both in seconds, and reads off what it did.
    private func run(_ ladder: inout Ladder, until: Int64, ready: (Int64) -> Bool = { _ in true }) -> [String] {
        var log: [String] = []
        while let deadline = ladder.deadline, deadline <= .milliseconds(until * 1_000) {
            let second = Int64(deadline.uptimeNanoseconds / 1_000_000_000)
            switch ladder.due(at: deadline, isSignallingReady: ready(second)) {
            case .none: log.append("\(second) none")
            case .take(let rung): log.append("\(second) take \(rung)")
            case .skip(let rung): log.append("\(second) skip \(rung)")
            case .giveUp(let attempts): log.append("\(second) give up \(attempts)")
            case .postponeGiveUp: log.append("\(second) postpone")
            case .reset: log.append("\(second) reset")
            }
        }
        return log
    }

    private let whole = [
        "0 take 1", "1 take 2", "3 take 3", "7 take 4", "15 take 5", "31 take 6", "61 take 7", "91 take 8", "121 take 9", "136 give up 9",
    ]

    @Test("nine rungs in 121 s, and one give-up 15 s later")
    func whole121() {
        var ladder = Ladder(PeerOptions())
        #expect(ladder.fail(at: .milliseconds(0)) == .started)
        #expect(run(&ladder, until: 100_000) == whole)
        #expect(ladder.deadline == nil)
    }

    @Test("what starts it does nothing more while it runs")
    func startedOnce() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 1)
        #expect(ladder.fail(at: .milliseconds(1_500)) == .ignored)
        #expect(ladder.nextRung?.due == .milliseconds(3_000))
    }

    @Test("a rung whose turn comes while signalling is down is skipped and keeps its place")
    func skipped() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        let log = run(&ladder, until: 40) { !(1...10).contains($0) }
        #expect(log == ["0 take 1", "1 skip 2", "3 skip 3", "7 skip 4", "15 take 5", "31 take 6"])
    }

    @Test("a connection that holds for 5 s resets it")
    func reset() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 3)
        #expect(ladder.connected(at: .milliseconds(4_000)) == true)
        #expect(run(&ladder, until: 100) == ["9 reset"])
        #expect(ladder.fail(at: .milliseconds(100_000)) == .started)
        #expect(run(&ladder, until: 100) == ["100 take 1"])
    }

    @Test("a failure before that goes on with the next rung after its delay")
    func flap() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 3)
        _ = ladder.connected(at: .milliseconds(4_000))
        #expect(ladder.fail(at: .milliseconds(8_999)) == .resumed)
        #expect(ladder.nextRung?.rung == 4)
        #expect(ladder.nextRung?.due == .milliseconds(12_999))
    }

    @Test("a link that connects and fails at once comes to an end")
    func flapForEver() {
        var ladder = Ladder(PeerOptions())
        var now = NIODeadline.milliseconds(0)
        var rungs: [Int] = []
        for _ in 0..<9 {
            #expect(ladder.fail(at: now) != .ignored)
            now = ladder.deadline ?? now
            if case .take(let rung) = ladder.due(at: now, isSignallingReady: true) { rungs.append(rung) }
            now = now + .milliseconds(100)
            #expect(ladder.connected(at: now) == true)
            now = now + .milliseconds(100)
        }
        #expect(rungs == Array(1...9))
        #expect(ladder.fail(at: now) == .resumed)
        #expect(ladder.due(at: now + .seconds(15), isSignallingReady: true) == .giveUp(attempts: 9))
    }

    @Test("a connection that is only disconnected has not held")
    func disconnected() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 0)
        _ = ladder.connected(at: .milliseconds(500))
        ladder.disconnected()
        #expect(ladder.deadline == nil)
        _ = ladder.connected(at: .milliseconds(10_000))
        #expect(ladder.deadline == .milliseconds(15_000))
    }

    @Test("after giving up it is silent until the link has recovered")
    func latched() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 200)
        #expect(ladder.fail(at: .milliseconds(200_000)) == .ignored)
        #expect(ladder.connected(at: .milliseconds(201_000)) == false)
        #expect(run(&ladder, until: 300) == ["206 reset"])
        #expect(ladder.fail(at: .milliseconds(300_000)) == .started)
    }

    @Test("a give-up that falls due without signalling waits for it")
    func postponed() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        #expect(run(&ladder, until: 200) { $0 < 130 }.last == "136 postpone")
        #expect(ladder.signallingReady() == .giveUp(attempts: 9))
        #expect(ladder.signallingReady() == .none)
    }

    @Test("a connection meanwhile takes a postponed give-up back")
    func postponedAndHealed() {
        var ladder = Ladder(PeerOptions())
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 200) { $0 < 130 }
        #expect(ladder.connected(at: .milliseconds(200_000)) == true)
        #expect(ladder.signallingReady() == .none)
    }

    @Test("a swap ends it, and the next failure starts at the first rung")
    func abandoned() {
        var ladder = Ladder(PeerOptions())
        #expect(ladder.abandon() == false)
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 20)
        #expect(ladder.abandon() == true)
        #expect(ladder.deadline == nil)
        #expect(ladder.fail(at: .milliseconds(30_000)) == .started)
        #expect(ladder.nextRung?.rung == 1)
    }

    @Test("with a stability of zero, a connection resets it at once")
    func parity() {
        var options = PeerOptions()
        options.ladderStableAfter = .zero
        var ladder = Ladder(options)
        _ = ladder.fail(at: .milliseconds(0))
        _ = run(&ladder, until: 0)
        _ = ladder.connected(at: .milliseconds(700))
        #expect(ladder.due(at: .milliseconds(700), isSignallingReady: true) == .reset)
    }

    @Test("whatever happens, rungs come in order, never closer than their delays, and it gives up at most once per failure")
    func property() {
        for seed in UInt64(1)...300 {
            var random = SplitMix64(seed: seed)
            var ladder = Ladder(PeerOptions())
            var now = NIODeadline.milliseconds(0)
            var last: (rung: Int, at: NIODeadline)?
            var giveUps = 0
            var isReady = true
            for _ in 0..<200 {
                now = now + .milliseconds(Int64.random(in: 0...9_000, using: &random))
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    if ladder.fail(at: now) == .started {
                        last = nil
                        giveUps = 0
                    }
                case 1: _ = ladder.connected(at: now)
                case 2: ladder.disconnected()
                case 3: isReady.toggle()
                default: break
                }
                while let deadline = ladder.deadline, deadline <= now {
                    let action = ladder.due(at: now, isSignallingReady: isReady)
                    switch action {
                    case .take(let rung), .skip(let rung):
                        #expect(rung == (last?.rung ?? 0) + 1, "seed \(seed)")
                        if let last { #expect(now - last.at >= PeerOptions().ladderDelays[rung - 1], "seed \(seed)") }
                        last = (rung, now)
                    case .giveUp:
                        giveUps += 1
                        #expect(last?.rung == 9, "seed \(seed)")
                    case .reset: last = nil
                    case .none, .postponeGiveUp: break
                    }
                }
                if isReady, case .giveUp = ladder.signallingReady() { giveUps += 1 }
                #expect(giveUps <= 1, "seed \(seed)")
            }
        }
    }
}

@Suite("A link that is stuck (BEY-15)")
struct StuckWatchTests {
    @Test("20 s in connecting and disconnected together count as stuck, once")
    func stuck() {
        var watch = StuckWatch(PeerOptions())
        watch.changed(to: .connecting, at: .milliseconds(1_000))
        watch.changed(to: .disconnected, at: .milliseconds(9_000))
        #expect(watch.deadline == .milliseconds(21_000))
        watch.fired()
        #expect(watch.deadline == nil)
    }

    @Test("a connection or a failure ends the wait", arguments: [PeerConnectionState.connected, .failed, .closed, .new])
    func ended(state: PeerConnectionState) {
        var watch = StuckWatch(PeerOptions())
        watch.changed(to: .connecting, at: .milliseconds(1_000))
        watch.changed(to: state, at: .milliseconds(2_000))
        #expect(watch.deadline == nil)
    }

    @Test("zero turns it off")
    func off() {
        var options = PeerOptions()
        options.stuckTimeout = .zero
        var watch = StuckWatch(options)
        watch.changed(to: .disconnected, at: .milliseconds(0))
        #expect(watch.deadline == nil)
    }

    @Test("after a restart outside the ladder, a connection that has failed already is watched as well")
    func restarted() {
        var watch = StuckWatch(PeerOptions())
        watch.restarted(at: .milliseconds(5_000), from: .failed)
        #expect(watch.deadline == .milliseconds(25_000))
    }
}
